"""Load the stage models that ship; Lifecycle is in use until an admin chooses another."""

from django.db import migrations

from contacts.stages.presets import DEFAULT_PRESET, PRESETS


def load(apps, schema_editor):
    StageModel = apps.get_model("contacts", "StageModel")
    Stage = apps.get_model("contacts", "Stage")
    for preset in PRESETS:
        model = StageModel.objects.create(
            key=preset.key, name=preset.name, name_ko=preset.name_ko, in_use=preset.key == DEFAULT_PRESET
        )
        Stage.objects.bulk_create(
            Stage(model=model, key=s.key, name=s.name, name_ko=s.name_ko, team=s.team, position=position)
            for position, s in enumerate(preset.stages)
        )


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_people")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
