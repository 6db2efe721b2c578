from django.db import migrations

# A slice of 1/128 of all people, stable while somebody edits a rule, and the time zones people live in.
SLICE = """
CREATE INDEX CONCURRENTLY contact_slice ON contacts_contact (id)
WHERE (hashint8(id) & 127) = 0 AND merged_into_id IS NULL
"""
ZONES = "CREATE INDEX CONCURRENTLY contact_time_zone ON contacts_contact (time_zone) WHERE time_zone <> ''"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0014_segments")]
    operations = [
        migrations.RunSQL(SLICE, "DROP INDEX CONCURRENTLY contact_slice"),
        migrations.RunSQL(ZONES, "DROP INDEX CONCURRENTLY contact_time_zone"),
    ]
