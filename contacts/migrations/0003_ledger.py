from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

SQL = Path(__file__).parent.parent / "ledger" / "sql"
UNDO = """
DROP TABLE contact_state, follower_state, follower_behind, ledger_lane, event_key, event, ledger_subject, ledger_kind;
DROP FUNCTION ledger_horizon();
DROP FUNCTION ledger_offset();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0002_stage_presets'),
    ]

    operations = [
        migrations.RunSQL((SQL / "schema.sql").read_text() + (SQL / "states.sql").read_text(), UNDO),
        migrations.CreateModel(
            name='ContactState',
            fields=[
                ('pk', models.CompositePrimaryKey('kind_id', 'contact_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('n', models.IntegerField()),
                ('total', models.DecimalField(decimal_places=4, max_digits=24)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('last_times', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField())),
            ],
            options={
                'db_table': 'contact_state',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin_contact_id', models.BigIntegerField(null=True)),
                ('occurred_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('value', models.DecimalField(decimal_places=4, max_digits=19, null=True)),
                ('properties', models.JSONField()),
                ('cause', models.BigIntegerField(null=True)),
                ('depth', models.SmallIntegerField()),
                ('tx', models.BigIntegerField()),
            ],
            options={
                'db_table': 'event',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='FollowerState',
            fields=[
                ('name', models.TextField(primary_key=True, serialize=False)),
                ('added_at', models.DateTimeField()),
                ('stopped_at', models.DateTimeField(null=True)),
                ('error', models.TextField()),
            ],
            options={
                'db_table': 'follower_state',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='LedgerKind',
            fields=[
                ('id', models.SmallIntegerField(primary_key=True, serialize=False)),
                ('key', models.TextField()),
            ],
            options={
                'db_table': 'ledger_kind',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='LedgerSubject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', models.TextField()),
                ('key', models.TextField()),
            ],
            options={
                'db_table': 'ledger_subject',
                'managed': False,
            },
        ),
    ]
