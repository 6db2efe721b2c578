from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journeys", "0004_turns_of_steps")]

    operations = [
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(choices=[("ready", "waiting"), ("leased", "running"), ("done", "done"), ("failed", "failed"), ("cancelled", "cancelled")], default="ready", max_length=10)),
                ("due_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("fence", models.BigIntegerField(default=0)),
                ("attempts", models.IntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
                ("enrolment_id", models.BigIntegerField()),
                ("visit", models.IntegerField()),
                ("contact_id", models.BigIntegerField()),
                ("url", models.CharField(max_length=2000)),
                ("body", models.JSONField(null=True)),
                ("made_at", models.DateTimeField()),
                ("status", models.IntegerField(help_text="Of the last answer.", null=True)),
            ],
            options={
                "verbose_name": "webhook call",
                "verbose_name_plural": "webhook calls",
                "indexes": [
                    models.Index(condition=models.Q(("state__in", ["ready", "leased"])), fields=["due_at", "id"], name="call_due"),
                    models.Index(fields=["made_at"], name="call_made"),
                ],
                "constraints": [models.UniqueConstraint(fields=("enrolment_id", "visit"), name="call_once")],
            },
        ),
    ]
