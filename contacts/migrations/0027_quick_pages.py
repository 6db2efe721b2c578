import django.contrib.postgres.operations
from django.db import migrations, models

# Lists of a million: who is visible is read from an index alone, and so is the order of orders.
class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0026_people_under_14")]
    operations = [
        django.contrib.postgres.operations.AddIndexConcurrently(
            "contact",
            models.Index(
                fields=["id"], include=["owner"], condition=models.Q(merged_into=None), name="contact_living"
            ),
        ),
        django.contrib.postgres.operations.RemoveIndexConcurrently("order", "order_placed"),
        django.contrib.postgres.operations.AddIndexConcurrently(
            "order", models.Index(fields=["placed_at", "id"], name="order_placed")
        ),
    ]
