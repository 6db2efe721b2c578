import django.db.models.deletion
from django.db import migrations, models

# Points given with a reason outlive their month: their rule is 0, and the rest stands in these columns.
KEPT = "ALTER TABLE score_entry_base ADD model_id bigint, ADD points float8, ADD reason text, ADD bucket date"
FORGOTTEN = """
DELETE FROM score_entry_base WHERE rule_id = 0;
ALTER TABLE score_entry_base DROP model_id, DROP points, DROP reason, DROP bucket
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0043_webhooks")]
    operations = [
        migrations.AlterField(
            "scoreentry",
            "rule",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="entries",
                to="contacts.scorerule",
            ),
        ),
        migrations.AddField(
            "scoreentry", "reason", models.CharField(blank=True, db_default="", max_length=200)
        ),
        migrations.AddConstraint(
            "scoreentry",
            models.UniqueConstraint(
                condition=models.Q(("rule", None)), fields=("event_id",), name="score_entry_given_once"
            ),
        ),
        migrations.RunSQL(KEPT, FORGOTTEN),
    ]
