from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journeys", "0003_rehearsals")]

    operations = [
        migrations.AddField(
            model_name="journeystep",
            name="turns",
            field=models.BigIntegerField(
                default=0, help_text="How many people a step that assigns in turn has assigned."
            ),
        ),
    ]
