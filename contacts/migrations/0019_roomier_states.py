"""Leaves more room in the pages of state rows, so that an update stays in its page (docs/decisions/ledger.md)."""

from django.db import migrations

ROOM = "ALTER TABLE contact_state SET (fillfactor = {0}); ALTER TABLE subject_state SET (fillfactor = {0})"


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0018_opt_in"),
    ]

    operations = [
        migrations.RunSQL(ROOM.format(65), ROOM.format(80)),
    ]
