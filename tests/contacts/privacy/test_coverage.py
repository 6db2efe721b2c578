"""Every table in which a contact may stand is known to the list of personal data, or is said to hold nobody."""

import pytest
from django.db import connection

from contacts.privacy.handlers import PERSONAL_DATA

pytestmark = pytest.mark.django_db

# Columns that name a contact and need no entry, each with the reason.
WITHOUT_ENTRY = {
    "contacts_erasedperson.contact_id": "the number of whom was erased, by which late events are found",
    "journeys_trace.contact_id": "covered by its entry; kept as a number without a person",
}
# Columns without an index of people, each with the reason.
WITHOUT_INDEX = {
    "journeys_startrequest.contact_id": "a queue, empty again within seconds",
    "journeys_touched.contact_id": "a queue, empty again within seconds",
    "contacts_segmentwaiting.contact_id": "a queue, emptied at the end of each build",
    "journeys_trace.contact_id": "found by her enrolments",
    "journeys_call.contact_id": "found by her enrolments",
    "contact_state.contact_id": "the second column of its key, behind one of few values",
    "event.origin_contact_id": "read beside contact_id alone",
}
# Those whose index leaves out rows of nobody count: `contact_id = ANY(…)` says that there is somebody.
INDEXED = """
SELECT c.relname || '.' || a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = '(' || quote_ident(a.attname) || ' IS NOT NULL)'
    OR pg_get_expr(i.indpred, i.indrelid) = '(NOT (' || quote_ident(a.attname) || ' IS NULL))'
"""
COLUMNS = """
SELECT c.relname || '.' || a.attname FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND (
    a.attname IN ('contact', 'contact_id', 'person_id', 'visitor_id') OR a.attname LIKE '%\\_contact\\_id'
    OR EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = c.oid
               AND f.confrelid = 'contacts_contact'::regclass AND f.conkey = ARRAY[a.attnum])
)
"""


def named_columns():
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        return {name for (name,) in cursor.fetchall()}


def covered():
    return {column for entry in PERSONAL_DATA for column in entry.columns} | WITHOUT_ENTRY.keys()


def test_every_column_that_names_a_contact_is_covered():
    assert named_columns() - covered() == set()


def test_no_entry_speaks_of_a_column_that_is_not_there():
    assert covered() - named_columns() == {"contacts_contact.id"}


def test_every_column_that_names_a_contact_is_found_by_an_index():
    with connection.cursor() as cursor:
        cursor.execute(INDEXED)
        indexed = {name for (name,) in cursor.fetchall()}
    assert named_columns() - indexed == WITHOUT_INDEX.keys()


def test_a_new_table_would_be_found():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE fresh_one (id bigint, contact_id bigint)")
        cursor.execute("CREATE TABLE fresh_two (who bigint REFERENCES contacts_contact)")
    assert named_columns() - covered() == {"fresh_one.contact_id", "fresh_two.who"}
