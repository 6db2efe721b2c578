"""Notes on a person and files kept with her: how they are given to her, and how they are erased."""

from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from contacts.files import keeping
from contacts.privacy.handlers import PersonalData, reading
from contacts.privacy.people import People

_NOTES = """
SELECT n.text, n.at, n.edited_at, n.deleted_at, coalesce(jsonb_agg(v.text ORDER BY v.until)
    FILTER (WHERE v.id IS NOT NULL), '[]') AS earlier
FROM contacts_note n LEFT JOIN contacts_noteversion v ON v.note_id = n.id
WHERE n.contact_id = ANY(%s) GROUP BY n.id ORDER BY n.at
"""
_FILES = "SELECT name, type, size, at FROM contacts_keptfile WHERE contact_id = ANY(%s) ORDER BY at"
_FORGET_NOTES = """
WITH these AS (SELECT id FROM contacts_note WHERE contact_id = ANY(%(ids)s) ORDER BY id LIMIT %(limit)s FOR UPDATE),
said AS (DELETE FROM contacts_noteversion v USING these n WHERE v.note_id = n.id),
named AS (DELETE FROM contacts_notemention m USING these n WHERE m.note_id = n.id),
gone AS (DELETE FROM contacts_note n USING these t WHERE n.id = t.id RETURNING n.id)
SELECT count(*) FROM gone
"""


def _notes(people: People, limit: int) -> int:
    params: dict[str, Any] = {"ids": people.array, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_NOTES, params)
        return int(cursor.fetchone()[0])


def _files(people: People, limit: int) -> int:
    return keeping.forget(people.ids, limit)


KEPT = (
    PersonalData("notes", _("Notes"), ("contacts_note.contact_id",), _notes, reading(_NOTES)),
    PersonalData("files", _("Files"), ("contacts_keptfile.contact_id",), _files, reading(_FILES)),
)
