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


def test_a_new_table_would_be_found():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE fresh_one (id bigint, contact_id bigint)")
        cursor.execute("CREATE TABLE fresh_two (who bigint REFERENCES contacts_contact)")
    assert named_columns() - covered() == {"fresh_one.contact_id", "fresh_two.who"}
