"""Waiting for events: the earliest wins, what is her own mail, and from when on it counts."""

from datetime import timedelta

import pytest

from contacts.ledger.append import NewEvent, append
from contacts.people.models import Contact
from journeys.engine.models import Trace
from journeys.steps.wait_event import WAIT_EVENT
from tests.journeys.conftest import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
VIEWED = {"version": 1, "rule": {"all": [{"did": "page.viewed"}]}}
FOR_A_PAGE = {"what": "event", "event": VIEWED, "since": "arrived", "n": 1, "unit": "days"}


@pytest.fixture
def ann(db):
    return Contact.objects.create(name="Ann")


def happened(person, at, kind="page.viewed", **fields):
    (number,) = append([NewEvent(person.pk, kind, at, **fields)], source="test", now=max(at, NOW))
    return number


def arrived(person, ago, **fields):
    return {"contact_id": person.pk, "arrived_at": NOW - ago, "entered_at": NOW - ago - HOUR} | fields


def test_event_before_the_time_out_counts_though_it_is_read_after(run, ann):
    number = happened(ann, NOW - HOUR)
    rows = [arrived(ann, DAY + MINUTE), arrived(ann, HOUR), arrived(ann, MINUTE), arrived(ann, DAY + 2 * HOUR)]
    found = run("wait_event", FOR_A_PAGE, rows)
    assert found[0] == ("happened", NOW - HOUR, {"event": number})
    assert found[1] == ("happened", NOW - HOUR, {"event": number})
    assert found[2] == (None, NOW - MINUTE + DAY, None)
    assert found[3] == ("timed_out", NOW - 2 * HOUR, None)


def test_what_happened_after_the_row_s_own_time_is_not_known_yet(run, ann):
    happened(ann, NOW - HOUR)
    row = arrived(ann, 3 * HOUR, at=NOW - 2 * HOUR)
    assert run("wait_event", FOR_A_PAGE, [row])[0][0] is None


def test_page_narrowed_and_any_of_several(run, ann):
    happened(ann, NOW - MINUTE, subject=("page", "/home"))
    prices = {"did": "page.viewed", "on": {"type": "page", "keys": ["/prices"]}}
    narrow = {"version": 1, "rule": {"any": [prices, {"did": "order.placed"}]}}
    settings = FOR_A_PAGE | {"event": narrow}
    assert run("wait_event", settings, [arrived(ann, HOUR)])[0][0] is None
    happened(ann, NOW - MINUTE, "order.placed")
    assert run("wait_event", settings, [arrived(ann, HOUR)])[0][0] == "happened"


def test_click_must_be_in_her_own_mail_and_no_machine_s(run, ann):
    mail = Trace.objects.create(
        enrolment_id=1, visit=0, contact_id=ann.pk, step_id=5, outlet="next", arrived_at=NOW - 2 * HOUR,
        left_at=NOW - 2 * HOUR, facts={"message": 44},
    )  # fmt: skip
    settings = {"what": "clicked", "mail": "", "n": 1, "unit": "hours", "since": "mail"}
    row = arrived(ann, HOUR / 2)
    happened(ann, NOW - HOUR, "mail.clicked", subject=("dispatch", "9"), properties={"message": 43})
    assert run("wait_event", settings, [row])[0] == (None, NOW + HOUR / 2 + timedelta(seconds=30), None)
    number = happened(ann, NOW - HOUR, "mail.clicked", subject=("dispatch", "9"), properties={"message": 44})
    assert run("wait_event", settings, [row])[0] == ("happened", NOW - HOUR / 2, {"event": number})
    assert run("wait_event", settings | {"mail": "elsewhere"}, [row])[0][0] is None
    happened(ann, NOW - HOUR, "hit.reclassified", cause=number, properties={"kind": "mail.clicked"})
    assert run("wait_event", settings, [row])[0][0] is None
    assert mail.enrolment_id == 1


def test_an_event_since_the_last_mail_counts_though_it_came_before_this_step(run, ann):
    Trace.objects.create(
        enrolment_id=1, visit=0, contact_id=ann.pk, step_id=5, outlet="next", arrived_at=NOW - 2 * HOUR,
        left_at=NOW - 2 * HOUR, facts={"message": 44},
    )  # fmt: skip
    happened(ann, NOW - HOUR)
    row = arrived(ann, HOUR / 2)
    assert run("wait_event", FOR_A_PAGE, [row])[0][0] is None
    assert run("wait_event", FOR_A_PAGE | {"since": "mail"}, [row])[0][:2] == ("happened", NOW - HOUR / 2)
    assert run("wait_event", FOR_A_PAGE | {"since": "entered"}, [row])[0][0] == "happened"


def test_rule_with_a_count_is_no_activity(db):
    often = {"version": 1, "rule": {"all": [{"did": "page.viewed", "times": {"operator": "at_least", "n": 3}}]}}
    form = WAIT_EVENT.read(FOR_A_PAGE | {"event": often})
    assert set(form.errors) == {"event"}
    assert set(WAIT_EVENT.read(FOR_A_PAGE | {"event": None}).errors) == {"event"}
