from django.db import migrations


# Merging and erasing ask for the verdicts on one person's hits: without it each read a month of everybody's.
class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0056_names_of_columns")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY hit_verdict_of_contact ON hit_verdict (contact_id)",
            "DROP INDEX CONCURRENTLY hit_verdict_of_contact",
        )
    ]
