from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0057_verdicts_of_person")]
    operations = [
        AddIndexConcurrently(
            "contact",
            models.Index(
                fields=["owner", "-created_at", "-id"], condition=models.Q(merged_into=None), name="contact_owned"
            ),
        ),
        RemoveIndexConcurrently("contact", "contact_of_owner"),
    ]
