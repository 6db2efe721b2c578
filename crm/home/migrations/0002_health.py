from django.db import migrations, models

# What counts work that was given up or is held asks for; finished rows are in none of them.
INDEXES = {
    "webhook_aside": "campaigns_webhookreceipt (state) WHERE state IN ('leased', 'failed')",
    "consent_notice_failed": "campaigns_consentnotice (state) WHERE state = 'failed'",
    "chunk_failed": "campaigns_chunk (state) WHERE state = 'failed'",
    "opt_in_failed": "contacts_optin (state) WHERE state = 'failed'",
    "call_failed": "journeys_call (state) WHERE state = 'failed'",
    "notice_failed": "team_notice (state) WHERE state = 'failed'",
}


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("campaigns", "0011_consent_notices"),
        ("contacts", "0029_touches_wait_for_the_past"),
        ("home", "0001_tally"),
        ("journeys", "0005_calls"),
        ("team", "0004_notice"),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("role", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("since", models.DateTimeField()),
            ],
            options={"verbose_name": "sign of life", "verbose_name_plural": "signs of life"},
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("key", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("bad_since", models.DateTimeField(null=True)),
                ("good_since", models.DateTimeField(null=True)),
                ("raised_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "told",
                    models.BooleanField(default=False, help_text="Whether admins were told of the present one."),
                ),
            ],
            options={"verbose_name": "alarm", "verbose_name_plural": "alarms"},
        ),
        *(
            migrations.RunSQL(
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {on}",
                f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
            )
            for name, on in INDEXES.items()
        ),
    ]
