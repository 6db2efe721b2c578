"""Races on real connections: a build against touches, two looks at one person, a merge in the middle of a build.

Each is shown with the naive way too, which goes wrong.
"""

import threading
import time
from datetime import UTC, datetime

import pytest
from django.db import connection

from contacts.identity.merge import merge, unmerge
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.models import Contact, Membership, Segment, SegmentTouch
from contacts.people.address import email_key
from contacts.segments import building, changes, judging, refreshing, saving
from contacts.segments.models import SegmentState
from tests.contacts.segments.living import build, city, make, members, told

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def born(name, place):
    email = f"{name.lower()}@race.example"
    contact = Contact.objects.create(name=name, city=place, email=email, email_key=email_key(email))
    append([NewEvent(contact.pk, "contact.created", NOW)], source="t", now=NOW)
    return contact


def moves(contact, place):
    Contact.objects.filter(pk=contact.pk).update(city=place)
    append([NewEvent(contact.pk, "contact.updated", NOW)], source="t", now=NOW)


@pytest.fixture
def lyon(db):
    people = [born("Ann", "Oslo"), born("Bob", "Lyon"), born("Cha", "Lyon")]
    segment = make("Lyon", city("Lyon"), now=NOW)
    catch_up(NOW)
    assert members(segment) == "Bob Cha"
    return segment, people


class Beside(threading.Thread):
    """Runs `work` on a connection of its own; `join` raises what it raised."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work, self.error = work, None
        self.start()

    def run(self):
        try:
            self.work()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            self.error = error
        finally:
            connection.close()

    def join(self, timeout=20):
        super().join(timeout)
        assert not self.is_alive(), "it hangs"
        if self.error:
            raise self.error


@pytest.fixture
def paused_build(lyon, monkeypatch):
    """A build on its own connection that has read who matches, and writes it when it is let go on."""
    segment, _people = lyon
    has_read, may_write = threading.Event(), threading.Event()
    read = building._found

    def found(*args):
        result = read(*args)
        has_read.set()
        assert may_write.wait(20)
        return result

    monkeypatch.setattr(building, "_found", found)
    saving.rebuild(segment, now=NOW)
    worker = Beside(lambda: build(NOW))
    assert has_read.wait(20)

    def go_on():
        may_write.set()
        worker.join()

    return go_on


@pytest.mark.parametrize("naive", [True, False])
def test_a_build_does_not_close_what_a_touch_opened_meanwhile(lyon, paused_build, monkeypatch, naive):
    segment, (ann, bob, _cha) = lyon
    if naive:
        monkeypatch.setattr(building, "UNTOUCHED", changes.ALL_OF_IT.text)
        Segment.objects.filter(pk=segment.pk).update(state=SegmentState.READY)
    moves(ann, "Lyon")
    moves(bob, "Oslo")
    catch_up(NOW)
    paused_build()
    if naive:
        assert members(segment) == "Bob Cha"  # both wrong, with four false words about it
        assert len(told(segment)) == 4
    else:
        assert members(segment) == "Ann Cha"
        assert sorted(told(segment)) == ["Ann entered (definition)", "Bob left (definition)"]


def test_what_is_committed_but_not_followed_yet_is_not_lost(lyon, paused_build):
    segment, (ann, _bob, _cha) = lyon
    moves(ann, "Lyon")
    paused_build()
    catch_up(NOW)
    assert members(segment) == "Ann Bob Cha"


def test_a_merge_in_the_middle_of_a_build(lyon, paused_build):
    segment, (ann, bob, cha) = lyon
    record = merge(ann.pk, bob.pk, by=None, now=NOW)
    catch_up(NOW)
    paused_build()
    catch_up(NOW)
    assert not Membership.objects.filter(contact=bob, left_at=None).exists()
    # Ann lives in Oslo: she took the membership over and leaves by the rule.
    assert members(segment) == "Cha"
    unmerge(record, now=NOW)
    catch_up(NOW)
    assert members(segment) == "Bob Cha"
    assert merge(cha.pk, bob.pk, by=None, now=NOW)
    catch_up(NOW)
    assert members(segment) == "Cha"


def _is_blocked():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


@pytest.mark.parametrize("naive", [True, False])
def test_two_looks_at_one_person_come_one_after_the_other(lyon, monkeypatch, naive):
    """The first has seen that Bob moved away; he is back, and a second looks, before the first is committed."""
    segment, (_ann, bob, _cha) = lyon
    if naive:
        monkeypatch.setattr(refreshing, "_LOCK", refreshing._LOCK.replace("FOR NO KEY UPDATE", ""))
    judged, may_commit, first_thread = threading.Event(), threading.Event(), []
    change = judging._changes

    def slowly(*args):
        found = change(*args)
        if threading.current_thread() in first_thread:
            judged.set()
            assert may_commit.wait(20)
        return found

    monkeypatch.setattr(judging, "_changes", slowly)
    monkeypatch.setattr(judging, "_count", lambda cursor, changed: None)
    Contact.objects.filter(pk=bob.pk).update(city="Oslo")
    SegmentTouch.objects.create(contact_id=bob.pk)
    first = Beside(lambda: (first_thread.append(threading.current_thread()), refreshing.refresh(NOW)))
    assert judged.wait(20)
    Contact.objects.filter(pk=bob.pk).update(city="Lyon")
    SegmentTouch.objects.create(contact_id=bob.pk)
    second = Beside(lambda: refreshing.refresh(NOW))
    until = time.monotonic() + 20
    while second.is_alive() and not _is_blocked() and time.monotonic() < until:
        time.sleep(0.01)
    may_commit.set()
    first.join()
    second.join()
    inside = Membership.objects.filter(segment=segment, contact=bob, left_at=None).exists()
    assert inside is not naive


def test_builds_and_touches_at_random_end_where_a_fresh_build_does(lyon):
    segment, people = lyon
    people += [born(f"P{n}", "Oslo") for n in range(40)]
    stop = threading.Event()

    def rebuild():
        while not stop.is_set():
            saving.rebuild(segment, now=NOW)
            build(NOW)

    builder = Beside(rebuild)
    for step in range(240):
        moves(people[(step * 7) % len(people)], ("Lyon", "Oslo", "Lyon")[step % 3])
        if step % 5 == 0:
            catch_up(NOW)
    stop.set()
    builder.join(60)
    catch_up(NOW)
    build(NOW)
    catch_up(NOW)
    expected = Contact.objects.filter(city="Lyon").order_by("name").values_list("name", flat=True)
    assert members(segment) == " ".join(expected)
