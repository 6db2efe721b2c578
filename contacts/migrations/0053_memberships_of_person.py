import django.contrib.postgres.operations
from django.db import migrations, models


# An erasure takes past stays too: without them in the index it read all memberships in sequence for each 100 people.
class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0052_attribute_order")]
    operations = [
        django.contrib.postgres.operations.AddIndexConcurrently(
            "membership", models.Index(fields=["contact"], name="membership_of_person")
        ),
        django.contrib.postgres.operations.RemoveIndexConcurrently("membership", "membership_of_contact"),
    ]
