import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0010_score_base'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=40, unique=True, verbose_name='key')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('name_ko', models.CharField(blank=True, max_length=60, verbose_name='name in Korean')),
                ('position', models.IntegerField(default=0)),
            ],
            options={
                'verbose_name': 'role in an account',
                'verbose_name_plural': 'roles in accounts',
                'ordering': ['position', 'id'],
            },
        ),
        migrations.AddField(
            model_name='account',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='children', to='contacts.account', verbose_name='parent company'),
        ),
        migrations.AddField(
            model_name='contact',
            name='account_roles',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, db_default=[], default=list, help_text='Keys of contacts.account_roles.', verbose_name='roles in the account'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('account_roles', []), _negated=True), fields=['account_roles'], name='contact_account_roles'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('parent', models.F('id')), _negated=True), name='account_not_its_own_parent'),
        ),
        migrations.AddConstraint(
            model_name='accountrole',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='account_role_name_unique'),
        ),
    ]
