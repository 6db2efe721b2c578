"""What rules ask can be answered by an index: with sequential scans made dear, the plan names it."""

import pytest
from django.db import connection

from contacts.attributes import definition as attributes
from contacts.lists import fixed, membership
from contacts.segments.models import Segment
from contacts.segments.rules.parsing import parse
from contacts.stages.models import Stage
from tests.contacts.segments.conftest import AT, definition

pytestmark = pytest.mark.django_db


def plan(node):
    sql = parse(definition(node)).everybody(AT)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql.text}", sql.params)
        return "\n".join(line for (line,) in cursor.fetchall())


CASES = [
    ("contact_attributes", "attribute.plan", "is_any_of", ["pro"]),
    ("contact_attributes", "attribute.seats", "equals", 12),
    ("contact_attributes", "attribute.likes", "has_all_of", ["tea", "go"]),
    ("contact_attributes", "attribute.member", "yes", None),
    ("contact_account_roles", "account_roles", "has_any_of", ["buyer"]),
    ("contact_tag_unique", "tags", "has_any_of", None),
    ("list_member_unique", "lists", "has_any_of", None),
    ("membership_open_once", "segments", "has_any_of", None),
    ("score_by_heat", "score", "at_least", 50),
    ("score_by_heat", "grade", "is_any_of", ["hot", "warm"]),
    ("consent_state_unique", "consent.marketing.email", "is_any_of", ["granted"]),
    ("contact_newest", "created_at", "in_last", {"n": 7, "unit": "days"}),
    ("contact_newest", "activity", "is_any_of", ["new"]),
    ("contact_owned", "owner", "is_any_of", None),
    ("contact_at_stage", "stage", "is_any_of", None),
]
READ = (
    "contacts_contact",
    "contacts_contacttag",
    "contacts_listmember",
    "contacts_membership",
    "contacts_score",
)
PEOPLE = """
INSERT INTO contacts_contact (
    name, email_key, phone, title, company, account_roles, language, time_zone, country, region, city, postcode, street,
    source, attributes, created_at, updated_at, version
)
SELECT 'n' || n, '', '', '', '', '{}', '', '', '', '', '', '', '', '', '{"plan": "free", "seats": 3}',
       timestamptz '2026-01-01' - n * interval '1 hour', now(), 1
FROM generate_series(1, 4000) n
"""
# A few of the one that is asked for among many of others.
_FEW = "CASE WHEN id %% 400 = 0 THEN %s ELSE (%s::bigint[])[1 + id %% 50] END, id, now() FROM contacts_contact"
TAGGED = f"INSERT INTO contacts_contacttag (tag_id, contact_id, at) SELECT {_FEW}"
LISTED = f"INSERT INTO contacts_listmember (fixed_list_id, contact_id, at) SELECT {_FEW}"
SCORED = """
INSERT INTO contacts_score (model_id, contact_id, total, last_at)
SELECT m.id, c.id, CASE WHEN c.id % 400 = 0 THEN 5000 ELSE 1 END, now()
FROM contacts_contact c, (SELECT min(id) AS id FROM contacts_scoremodel) m
"""
INSIDE = f"INSERT INTO contacts_membership (segment_id, contact_id, entered_at) SELECT {_FEW}"


def others(model, **fields):
    made = model.objects.bulk_create(model(name=f"Other {n}", **fields) for n in range(50))
    return [row.pk for row in made]


@pytest.fixture
def world(team, now):
    for label, kind in (("Plan", "choice"), ("Seats", "number"), ("Likes", "list"), ("Member", "boolean")):
        attributes.define("contact", label, kind, ["pro"] if kind == "choice" else ())
    tag, members = membership.tag_named("VIP"), fixed.create("Fair", "", by=None, now=now)
    segment = Segment.objects.create(name="Others", definition=definition())
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE)
        for statement, row in ((TAGGED, tag), (LISTED, members), (INSIDE, segment)):
            fields = {"definition": {}} if row is segment else {}
            cursor.execute(statement, [row.pk, others(type(row), **fields)])
        cursor.execute(SCORED)
        cursor.execute(f"ANALYZE {', '.join(READ)}")
    values = {"tags": tag, "lists": members, "segments": segment, "owner": team.rob, "stage": Stage.objects.first()}
    return {field: [row.pk] for field, row in values.items()}


def test_an_index_serves(world):
    without = []
    for index, field, operator, given in CASES:
        value = world.get(field, given)
        node = {"field": field, "operator": operator} | ({} if value is None else {"value": value})
        if index not in (found := plan(node)):
            without.append((index, node, found))
    assert without == []
