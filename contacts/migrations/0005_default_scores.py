"""Load the score model and rules that ship; afterwards they are data."""

from django.db import migrations
from django.db.models.functions import Now

from contacts.scoring.defaults import DEFAULT_MODEL, DEFAULT_RULES


def load(apps, schema_editor):
    model = apps.get_model("contacts", "ScoreModel").objects.create(anchor=Now(), **DEFAULT_MODEL)
    rules = apps.get_model("contacts", "ScoreRule").objects
    rules.bulk_create(rules.model(model=model, cap_period="day", **rule) for rule in DEFAULT_RULES)


class Migration(migrations.Migration):
    dependencies = [("contacts", "0004_scores")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
