"""Where the database lives, so that one that was restored elsewhere is told from it (crm.team.hold)."""

from django.conf import settings
from django.db import migrations

# No model stands for the table: it must outlive a flush. A restored dump makes it anew, under another number.
SQL = """
CREATE TABLE install_home (mark text NOT NULL);
CREATE FUNCTION install_mark() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('.', s.system_identifier, c.timeline_id, d.oid, 'install_home'::regclass::oid)
    FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d WHERE d.datname = current_database()
$$;
CREATE FUNCTION sending_held(install text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM install_home WHERE mark = install_mark() || ' ' || install)
$$;
"""
BACK = "DROP FUNCTION sending_held(text); DROP FUNCTION install_mark(); DROP TABLE install_home"


def settle(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("INSERT INTO install_home SELECT install_mark() || ' ' || %s", [settings.INSTALL_NAME])


class Migration(migrations.Migration):
    dependencies = [("team", "0007_second_factor")]

    operations = [
        migrations.RunSQL(SQL, BACK),
        migrations.RunPython(settle, migrations.RunPython.noop),
    ]
