from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0009_left_out_under_14")]

    operations = [
        migrations.AddField(
            model_name="dispatch",
            name="standing",
            field=models.BooleanField(
                default=False, help_text="Of a journey's step: messages come as people come."
            ),
        ),
    ]
