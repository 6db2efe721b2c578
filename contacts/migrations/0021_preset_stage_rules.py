"""Give the stages that ship their rules; a stage that a team made itself, or renamed by key, gets none."""

from django.db import migrations

from contacts.stages.preset_rules import PRESET_RULES


def load(apps, schema_editor):
    Stage = apps.get_model("contacts", "Stage")
    StageRule = apps.get_model("contacts", "StageRule")
    for stage in Stage.objects.filter(rule=None).select_related("model"):
        preset = PRESET_RULES.get((stage.model.key, stage.key))
        if preset is not None:
            StageRule.objects.create(
                stage=stage, entry=preset.entry, exit=preset.exit, moves_back=preset.moves_back,
                priority=10 * stage.position,
            )


class Migration(migrations.Migration):
    dependencies = [("contacts", "0020_stage_rules")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
