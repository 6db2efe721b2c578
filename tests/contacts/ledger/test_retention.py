"""Old months dropped: nothing that followed from them changes, and a replay or a merge still gives the same."""

import dataclasses
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from contacts.identity.merge import merge, unmerge
from contacts.ledger.append import NewEvent, append
from contacts.ledger.dictionary import kind_ids
from contacts.ledger.errors import WrongFollower
from contacts.ledger.follow import catch_up
from contacts.ledger.followers import FOLLOWERS
from contacts.ledger.partitions import PAST, Month, months
from contacts.ledger.replay import replay
from contacts.ledger.retention import CannotDrop, forget_keys, retain
from contacts.ledger.tasks import retain_months
from contacts.models import Contact, ContactState, Event, Score, ScoreEntry, ScoreModel, ScoreRule
from contacts.scoring.rules import change_rule, delete_rule
from crm.kit import clock
from tests.contacts.ledger.test_follow import derived, lively  # noqa: F401 - a fixture
from tests.contacts.ledger.test_reading import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _months_as_they_were():
    before = months()
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE event")
        cursor.execute(f"ALTER TABLE event DETACH PARTITION {PAST}")
        cursor.execute(
            f"ALTER TABLE event ATTACH PARTITION {PAST} FOR VALUES FROM (MINVALUE) TO ('{before[0].start.isoformat()}')"
        )
        for month in set(before) - set(months()):
            cursor.execute(
                f"CREATE TABLE {month.table} PARTITION OF event "
                f"FOR VALUES FROM ('{month.start.isoformat()}') TO ('{month.plus(1).start.isoformat()}')"
            )


def at_rest():
    """Wait until no transaction is open that is older than the last event: another test's would be in the way."""

    def reached():
        with connection.cursor() as cursor:
            cursor.execute("SELECT NOT EXISTS (SELECT FROM event WHERE tx >= ledger_horizon())")
            return cursor.fetchone()[0]

    wait_until(reached)


def retain_at_rest(now, keep):
    at_rest()
    return retain(now, keep)


def replayed():
    """Replay every follower that can be, and return what there is then."""
    for follower in FOLLOWERS:
        if follower.restore is not None:
            replay(follower.name, NOW)
    catch_up(NOW)
    return derived()


def test_numbers_stay_when_months_are_dropped(lively):  # noqa: F811
    old = [NewEvent(lively[n].pk, "page.viewed", datetime(2019, 1, n + 1, tzinfo=UTC)) for n in range(5)]
    append(old, source="t", now=NOW)
    catch_up(NOW)
    before = derived()
    events = Event.objects.count()
    dropped = retain_at_rest(NOW + timedelta(days=70), 3)
    assert Month(2026, 9).table in dropped
    assert Month(2026, 11).table not in dropped
    assert 0 < Event.objects.count() < events - 5
    assert derived() == before
    assert replayed() == before
    append([NewEvent(lively[0].pk, "page.viewed", NOW)], source="t", now=NOW)
    catch_up(NOW)
    more = derived()
    assert more != before
    assert replayed() == more


def test_a_merge_after_dropping_counts_what_was_dropped(lively):  # noqa: F811
    retain_at_rest(NOW + timedelta(days=70), 3)
    before = derived()
    alice, bob = lively[20], lively[21]
    total = sum(
        ContactState.objects.filter(contact__in=[alice, bob], kind__key="page.viewed").values_list("n", flat=True)
    )
    assert total > 0
    done = merge(alice.pk, bob.pk, by=None, now=NOW)
    catch_up(NOW)
    assert ContactState.objects.get(contact=alice, kind__key="page.viewed").n == total
    merged = derived()
    assert replayed() == merged
    unmerge(done, now=NOW)
    catch_up(NOW)
    after = derived()
    merging = kind_ids(["contact.merged", "contact.unmerged"]).values()
    for found in (before, after):
        found["contact_state"] = [row for row in found["contact_state"] if row[0] not in merging]
    assert after == before


def test_late_events_of_a_dropped_month_go_to_the_past(lively):  # noqa: F811
    retain_at_rest(NOW + timedelta(days=70), 3)
    (number,) = append([NewEvent(1, "page.viewed", datetime(2026, 9, 5, tzinfo=UTC))], source="t", now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM event WHERE id = %s", [number])
        assert cursor.fetchone()[0] == PAST


def test_nothing_is_dropped_while_a_follower_is_behind():
    contact = Contact.objects.create(name="Alice")
    at = months()[0].start
    append([NewEvent(contact.pk, "page.viewed", at)], source="t", now=NOW)
    with pytest.raises(CannotDrop, match="has not read everything yet"):
        retain(NOW, 3)
    assert Event.objects.count() == 1
    assert Month.of(at) in months()
    with pytest.raises(CommandError, match="at least 3 months must be kept"):
        call_command("ledger", "retain", months=2)


def test_a_follower_without_a_base_is_not_replayed_once_months_are_gone(lively, monkeypatch):  # noqa: F811
    monkeypatch.setitem(FOLLOWERS._entries, "bounces", dataclasses.replace(FOLLOWERS["bounces"], restore=None))
    replay("bounces", NOW)
    catch_up(NOW)
    retain_at_rest(NOW + timedelta(days=70), 3)
    with pytest.raises(WrongFollower, match="keeps no base"):
        replay("bounces", NOW)


def test_given_points_outlive_dropped_months_also_through_merges(lively):  # noqa: F811
    ScoreRule.objects.all().delete()
    alice, bob = lively[20], lively[21]
    about = ("score_model", str(ScoreModel.objects.get().pk))
    reasons = {"Came to the fair": {"once": "ever"}, "A good call": {}}
    append(
        [
            NewEvent(
                person.pk, "points.given", NOW - timedelta(days=days), about, Decimal(days), {"reason": why, **facts}
            )
            for person in (alice, bob)
            for days in (80, 75, 1)
            for why, facts in reasons.items()
        ],
        source="t",
        now=NOW,
    )
    replay("scores", NOW)
    catch_up(NOW)
    totals, entries = scored()
    assert len(entries) == 8
    events = Event.objects.filter(kind__key="points.given").count()
    retain_at_rest(NOW + timedelta(days=70), 3)
    assert Event.objects.filter(kind__key="points.given").count() < events
    replay("scores", NOW)
    catch_up(NOW)
    assert scored() == (pytest.approx(totals, rel=1e-9), entries)
    done = merge(alice.pk, bob.pk, by=None, now=NOW)
    catch_up(NOW)
    mine = ScoreEntry.objects.filter(contact_id=alice.pk)
    assert sorted(mine.values_list("reason", "points")) == [
        *(("A good call", days) for days in (1, 1, 75, 75, 80, 80)),
        ("Came to the fair", 80),
    ]
    unmerge(done, now=NOW)
    catch_up(NOW)
    assert scored() == (pytest.approx(totals, rel=1e-9), entries)


def scored():
    totals = Score.objects.values_list("contact_id", "total")
    entries = ScoreEntry.objects.values_list("contact_id", "rule_id", "event_id", "bucket", "reason")
    return dict(totals), set(entries)


def test_scores_outlive_dropped_months_also_through_merges_and_changed_rules(lively):  # noqa: F811
    rules = ScoreRule.objects
    rules.all().delete()
    model = ScoreModel.objects.get()
    free = rules.create(model=model, name="free", kind="page.viewed", points=2)
    once = rules.create(model=model, name="once", kind="page.viewed", points=50, cap_times=1, cap_period="ever")
    replay("scores", NOW)
    catch_up(NOW)
    totals, entries = scored()
    events = Event.objects.count()
    retain_at_rest(NOW + timedelta(days=70), 3)
    assert Event.objects.count() < events
    replay("scores", NOW)
    catch_up(NOW)
    assert scored() == (pytest.approx(totals, rel=1e-9), entries)
    alice, bob = lively[20], lively[21]
    views = {row[2] for row in entries if row[0] in (alice.pk, bob.pk) and row[1] == free.pk}
    done = merge(alice.pk, bob.pk, by=None, now=NOW)
    catch_up(NOW)
    mine = [row for row in scored()[1] if row[0] in (alice.pk, bob.pk)]
    assert {row[2] for row in mine if row[1] == free.pk and row[0] == alice.pk} == views
    assert len([row for row in mine if row[1] == once.pk]) == 1
    unmerge(done, now=NOW)
    catch_up(NOW)
    assert scored() == (pytest.approx(totals, rel=1e-9), entries)
    delete_rule(once.pk)
    change_rule(free.pk, {"points": 4.0}, version=1)
    catch_up(NOW)
    assert set(ScoreEntry.objects.values_list("points", flat=True)) == {4.0}
    assert {row[2] for row in scored()[1]} == {row[2] for row in entries if row[1] == free.pk}


def test_keys_are_forgotten_after_a_month():
    event = NewEvent(1, "page.viewed", NOW, key="a")
    append([event], source="t", now=NOW)
    assert forget_keys(NOW + timedelta(days=29)) == 0
    assert append([event], source="t", now=NOW) == []
    assert forget_keys(NOW + timedelta(days=31)) == 1
    assert len(append([event], source="t", now=NOW)) == 1


def test_the_night_drops_what_is_older_than_the_setting(lively, settings):  # noqa: F811
    before = derived()
    settings.LEDGER_MONTHS = 3
    at_rest()
    retain_months()
    first_kept = Month.of(clock.now()).plus(-3)
    assert min(months()) == first_kept
    assert derived() == before
