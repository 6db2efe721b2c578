import django.contrib.postgres.operations
from django.db import migrations, models


# People of a city are listed and counted by themselves, and together with those of an owner or a stage.
class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0024_times_that_pass")]
    operations = [
        django.contrib.postgres.operations.AddIndexConcurrently(
            "contact",
            models.Index(
                fields=["city", "-created_at", "-id"], condition=~models.Q(city=""), name="contact_in_city"
            ),
        ),
    ]
