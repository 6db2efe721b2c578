from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "ledger" / "sql"
UNDO = "DROP FUNCTION contact_root(bigint); DROP TABLE contact_touch_base, event_base, ledger_dropped;"


class Migration(migrations.Migration):

    dependencies = [
        ("contacts", "0008_imports"),
    ]

    operations = [
        migrations.RunSQL((SQL / "base.sql").read_text(), UNDO),
    ]
