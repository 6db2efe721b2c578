from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0034_remove_segment_acts")]
    operations = [
        migrations.AddField(
            "attribute",
            "retired_at",
            models.DateTimeField(blank=True, help_text="Hidden everywhere since; values are kept.", null=True),
        ),
    ]
