from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journeys", "0005_calls")]

    operations = [
        migrations.AddField(
            model_name="journeystep",
            name="winner",
            field=models.CharField(blank=True, help_text="The outlet that won an experiment.", max_length=40),
        ),
        migrations.AddField(
            model_name="journeystep",
            name="judged_at",
            field=models.DateTimeField(blank=True, help_text="When an experiment was last looked at.", null=True),
        ),
    ]
