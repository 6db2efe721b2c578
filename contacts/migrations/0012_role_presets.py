"""Load the roles that ship, and turn roles that were typed as text into rows of the table."""

from django.db import migrations

from contacts.account_roles.presets import PRESETS

# A typed role that is none of ours becomes one of the team's own.
OWN = """
INSERT INTO contacts_accountrole (key, name, name_ko, position)
SELECT 'own_' || row_number() OVER (ORDER BY lower(typed)), typed, '', 100 FROM (
    SELECT DISTINCT ON (lower(account_role)) account_role AS typed FROM contacts_contact c WHERE account_role <> ''
    AND NOT EXISTS (SELECT FROM contacts_accountrole r WHERE lower(c.account_role) IN (lower(r.name), r.name_ko, r.key))
    ORDER BY lower(account_role)
) AS unknown
"""
TURN = """
UPDATE contacts_contact c SET account_roles = ARRAY[r.key] FROM contacts_accountrole r
WHERE c.account_role <> '' AND lower(c.account_role) IN (lower(r.name), r.name_ko, r.key)
"""


def load(apps, schema_editor):
    AccountRole = apps.get_model("contacts", "AccountRole")
    AccountRole.objects.bulk_create(
        AccountRole(key=key, name=name, name_ko=name_ko, position=position)
        for position, (key, name, name_ko) in enumerate(PRESETS)
    )


class Migration(migrations.Migration):
    dependencies = [("contacts", "0011_account_roles")]
    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL([OWN, TURN], migrations.RunSQL.noop),
    ]
