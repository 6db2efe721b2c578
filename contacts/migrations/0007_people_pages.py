from pathlib import Path

import contacts.people.models
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

INITIALS = Path(__file__).parent.parent / "sql" / "initials.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0006_derived'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(INITIALS.read_text(), "DROP FUNCTION hangul_initials(text)"),
        migrations.CreateModel(
            name='PeopleExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('query', models.TextField(blank=True, help_text='The query string of the list that was exported.', verbose_name='filter')),
                ('people', models.IntegerField(verbose_name='people')),
            ],
            options={
                'verbose_name': 'export of people',
                'verbose_name_plural': 'exports of people',
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='PostedForm',
            fields=[
                ('token', models.UUIDField(primary_key=True, serialize=False)),
                ('result', models.BigIntegerField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': 'posted form',
                'verbose_name_plural': 'posted forms',
            },
        ),
        migrations.AddIndex(
            model_name='contact',
            index=django.contrib.postgres.indexes.GinIndex(contacts.people.models.Bigrams(contacts.people.models.Initials(models.F('name'))), name='contact_initials'),
        ),
        migrations.AddField(
            model_name='peopleexport',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
    ]
