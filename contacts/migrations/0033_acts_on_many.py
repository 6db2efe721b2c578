import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# One mechanism for acts on many: those on segments become acts of a list, with whatever was still to be done.
FROM_SEGMENTS = """
INSERT INTO contacts_bulkact (
    state, due_at, lease_until, fence, attempts, last_error, verb, params, query, ticked, segment_id, by_id,
    created_at, finished_at, step, position, people, seen, changed, undone, kept, undo_until
)
SELECT CASE WHEN state = 'leased' THEN 'ready' ELSE state END, due_at, NULL, fence, 0, last_error, act,
       jsonb_build_object(CASE act WHEN 'untag' THEN 'tag' ELSE act END, target), 'segment=' || segment_id, '{}',
       segment_id, by_id, created_at, finished_at,
       CASE WHEN state IN ('ready', 'leased') THEN 'gathering' ELSE 'doing' END,
       0, people, CASE WHEN state IN ('ready', 'leased') THEN 0 ELSE seen END, changed, 0, 0, created_at
FROM contacts_segmentact ORDER BY id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0032_erasure"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ready", "waiting"),
                            ("leased", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="ready",
                        max_length=10,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("fence", models.BigIntegerField(default=0)),
                ("attempts", models.IntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
                ("verb", models.CharField(max_length=20)),
                ("params", models.JSONField(default=dict, help_text="What was chosen: the tag, the owner, the value.")),
                (
                    "query",
                    models.TextField(
                        blank=True, help_text="The query string of the list; says who when nobody is ticked."
                    ),
                ),
                (
                    "ticked",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("gathering", "Finding the people"),
                            ("doing", "Being done"),
                            ("undoing", "Being undone"),
                        ],
                        default="gathering",
                        max_length=10,
                    ),
                ),
                ("position", models.BigIntegerField(default=0, help_text="The last contact id that was looked at.")),
                ("people", models.BigIntegerField(default=0)),
                ("seen", models.BigIntegerField(default=0)),
                ("changed", models.BigIntegerField(default=0)),
                ("undone", models.BigIntegerField(default=0)),
                (
                    "kept",
                    models.BigIntegerField(
                        default=0, help_text="Left as they are when it was undone: they had changed since."
                    ),
                ),
                ("undo_until", models.DateTimeField()),
            ],
            options={
                "verbose_name": "act on many people",
                "verbose_name_plural": "acts on many people",
            },
        ),
        migrations.CreateModel(
            name="BulkActRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "act_id", "contact_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "act",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="contacts.bulkact",
                    ),
                ),
                ("contact_id", models.BigIntegerField()),
                ("at", models.DateTimeField(help_text="When she was changed.", null=True)),
                ("before", models.JSONField(null=True)),
            ],
            options={
                "verbose_name": "person of an act",
                "verbose_name_plural": "people of an act",
            },
        ),
        migrations.AddField(
            model_name="bulkact",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="bulkact",
            name="segment",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="acts",
                to="contacts.segment",
            ),
        ),
        migrations.AddField(
            model_name="bulkact",
            name="undone_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="bulkact",
            index=models.Index(fields=["-created_at", "-id"], name="bulk_act_newest"),
        ),
        migrations.AddIndex(
            model_name="bulkact",
            index=models.Index(
                condition=models.Q(("segment", None), _negated=True),
                fields=["segment", "-created_at"],
                name="bulk_act_of_segment",
            ),
        ),
        migrations.AddIndex(
            model_name="bulkact",
            index=models.Index(fields=["undo_until"], name="bulk_act_undo_until"),
        ),
        migrations.AddIndex(
            model_name="bulkact",
            index=models.Index(
                condition=models.Q(("state__in", ["ready", "leased"])), fields=["due_at", "id"], name="bulk_act_due"
            ),
        ),
        migrations.AddIndex(
            model_name="bulkactrow",
            index=models.Index(fields=["contact_id"], name="bulk_act_row_of_contact"),
        ),
        migrations.RunSQL(FROM_SEGMENTS, migrations.RunSQL.noop),
    ]
