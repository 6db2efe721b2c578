from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).parent.parent / "ledger" / "sql"
UNDO = "DROP TABLE hit_verdict, contact_touch, contact_seen, subject_counter, subject_state;"


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0005_default_scores'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL((SQL / "counters.sql").read_text(), UNDO),
        migrations.CreateModel(
            name='ContactSeen',
            fields=[
                ('contact', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='seen', serialize=False, to='contacts.contact')),
                ('last_seen_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'contact_seen',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='ContactTouch',
            fields=[
                ('contact', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='touch', serialize=False, to='contacts.contact')),
                ('first_event_id', models.BigIntegerField()),
                ('first_at', models.DateTimeField()),
                ('first_channel', models.TextField()),
                ('first_facts', models.JSONField()),
                ('last_event_id', models.BigIntegerField()),
                ('last_at', models.DateTimeField()),
                ('last_channel', models.TextField()),
                ('last_facts', models.JSONField()),
            ],
            options={
                'db_table': 'contact_touch',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='SubjectCounter',
            fields=[
                ('pk', models.CompositePrimaryKey('subject_id', 'kind_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('n', models.BigIntegerField()),
                ('people', models.BigIntegerField()),
                ('total', models.DecimalField(decimal_places=4, max_digits=24)),
            ],
            options={
                'db_table': 'subject_counter',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='SubjectState',
            fields=[
                ('pk', models.CompositePrimaryKey('kind_id', 'subject_id', 'contact_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('n', models.IntegerField()),
                ('total', models.DecimalField(decimal_places=4, max_digits=24)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'subject_state',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('moved', models.JSONField(default=dict)),
                ('undone_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('loser', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absorptions', to='contacts.contact')),
                ('winner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absorbed', to='contacts.contact')),
            ],
            options={
                'verbose_name': 'merge',
                'verbose_name_plural': 'merges',
                'constraints': [models.CheckConstraint(condition=models.Q(('winner', models.F('loser')), _negated=True), name='merge_of_two'), models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('loser',), name='merge_once')],
            },
        ),
    ]
