import django.contrib.postgres.operations
from django.db import migrations, models


# Whom time alone moves between segments is looked for every quarter of a minute.
class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0023_account_order")]
    operations = [
        django.contrib.postgres.operations.AddIndexConcurrently(
            "contact",
            models.Index(
                fields=["stage_since"], condition=~models.Q(stage_since=None), name="contact_stage_since"
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            "order", models.Index(fields=["placed_at"], name="order_placed")
        ),
    ]
