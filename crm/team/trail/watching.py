"""Puts the trail's trigger on every registered table, after each `migrate`. A repeat finds nothing to do."""

from typing import Any

from django.db import connections

from crm.team.trail.acting import SETTING
from crm.team.trail.kinds import Kind, Table, tables

TRIGGER = "team_trail"
_ALWAYS = {"id"}
_FOUND = """
SELECT c.relname, obj_description(t.oid, 'pg_trigger')
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = %s
"""


def install(using: str = "default", **_kwargs: Any) -> list[str]:
    """Bring the triggers to what is registered and return the tables that changed; tables not there are left out."""
    wanted = {table.model._meta.db_table: (kind, table) for kind, table in tables()}
    with connections[using].cursor() as cursor:
        cursor.execute(_FOUND, [TRIGGER])
        found = dict(cursor.fetchall())
        changed = [name for name, of in wanted.items() if found.get(name) != _said(*of)]
        known = set(connections[using].introspection.table_names(cursor)) if changed else set()
        if changed and "team_trail" not in known:
            return []  # migrated back to a time before the trail
        changed = [name for name in changed if name in known]
        for name in changed:
            cursor.execute(_trigger(name, *wanted[name]))
        for name in found.keys() - wanted.keys():
            cursor.execute(f'DROP TRIGGER {TRIGGER} ON "{name}"')
    return sorted([*changed, *(found.keys() - wanted.keys())])


def _arguments(kind: Kind, table: Table) -> list[str]:
    left_out = sorted({*table.left_out, *_ALWAYS} | ({table.id} if table.part else set()))
    lists = [",".join(table.labels), table.part, ",".join(left_out), ",".join(table.secret), table.spread]
    return [kind.key, table.id, *lists]


def _said(kind: Kind, table: Table) -> str:
    return "|".join([*_arguments(kind, table), "always" if table.always else "by people"])


def _trigger(name: str, kind: Kind, table: Table) -> str:
    """Return the statements; every word in them comes from the registered lists, none from a request."""
    arguments = ", ".join(f"'{argument}'" for argument in _arguments(kind, table))
    condition = "" if table.always else f"WHEN (current_setting('{SETTING}', true) <> '')"
    return (
        f'CREATE OR REPLACE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON "{name}" FOR EACH ROW {condition} '
        f"EXECUTE FUNCTION team_trail_note({arguments}); "
        f"COMMENT ON TRIGGER {TRIGGER} ON \"{name}\" IS '{_said(kind, table)}'"
    )
