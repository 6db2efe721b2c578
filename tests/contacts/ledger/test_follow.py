"""Following: order, poison, stragglers, new followers, replay; each derived table equals what a replay gives."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from contacts.identity.merge import merge, unmerge
from contacts.ledger import passes
from contacts.ledger.append import NewEvent, append
from contacts.ledger.batch import OWN_HORIZON
from contacts.ledger.errors import WrongFollower
from contacts.ledger.follow import catch_up
from contacts.ledger.followers import FOLLOWERS, Follower, Followers
from contacts.ledger.passes import resume
from contacts.ledger.replay import replay
from contacts.ledger.standing import _STANDING, standings
from contacts.models import Contact, ContactState, Event
from contacts.people.address import email_key

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DERIVED = {
    "contact_state": "kind_id, contact_id, n, total, first_at, last_at, last_times",
    "subject_state": "kind_id, subject_id, contact_id, n, total, first_at, last_at",
    "subject_counter": "subject_id, kind_id, n, people, total",
    "contact_seen": "contact_id, last_seen_at",
    "contact_touch": "contact_id, first_event_id, first_at, first_channel, first_facts::text, last_event_id, last_at, "
    "last_channel, last_facts::text",
}


def tell(*events, source="t"):
    return append(events, source=source, now=NOW)


def viewed(contact=1, minutes=1, **fields):
    return NewEvent(
        **{"contact_id": contact, "kind": "page.viewed", "occurred_at": NOW - timedelta(minutes=minutes)} | fields
    )


def derived():
    found = {}
    with connection.cursor() as cursor:
        for table, columns in DERIVED.items():
            cursor.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}")
            found[table] = cursor.fetchall()
    found["subject_counter"] = [row for row in found["subject_counter"] if any(row[2:])]
    return found


class Recorder:
    """A follower of the test: notes what it sees, and fails when it is told to."""

    def __init__(self, name, **fields):
        self.seen = []
        self.poison = False
        self.follower = Follower(name, self.apply, kinds=lambda: ["page.viewed"], **fields)

    def apply(self, cursor, batch):
        cursor.execute(f"SELECT id FROM {batch.rows} AS e ORDER BY tx, id")
        ids = [number for (number,) in cursor.fetchall()]
        if self.poison:
            raise ValueError("cannot digest this")
        self.seen += ids


@pytest.fixture
def watched(monkeypatch):
    """Two more followers, the second reading from the first."""
    first, second = Recorder("first"), Recorder("second", inputs=("first",))
    registry = Followers("followers", Follower, lambda follower: follower.name)
    registry.register(*FOLLOWERS, first.follower, second.follower)
    for module in ("passes", "replay", "standing"):
        monkeypatch.setattr(f"contacts.ledger.{module}.FOLLOWERS", registry)
    return first, second


def test_states_count_sum_first_last_and_the_last_five_times():
    times = [NOW - timedelta(hours=n) for n in (1, 9, 2, 8, 3, 7)]
    tell(*[viewed(occurred_at=at) for at in times])
    catch_up(NOW)
    tell(viewed(minutes=240))
    catch_up(NOW)
    state = ContactState.objects.get(contact_id=1, kind__key="page.viewed")
    assert (state.n, state.total) == (7, 0)
    assert (state.first_at, state.last_at) == (min(times), max(times))
    assert state.last_times == [NOW - timedelta(hours=n) for n in (1, 2, 3, 4, 7)]


def test_every_follower_sees_each_event_once_and_in_order(watched):
    ids = [*tell(*[viewed(n) for n in range(1, 90)]), *tell(viewed(1))]
    reach = passes.Reach(limit=7, horizon=OWN_HORIZON)
    passes.enrol(NOW)
    while passes.main_pass(NOW, reach):
        pass
    assert watched[0].seen == watched[1].seen == ids


def test_a_failing_follower_stops_with_its_error_and_the_others_go_on(watched, caplog):
    first, second = watched
    early = tell(viewed(1))
    catch_up(NOW)
    first.poison = True
    late = tell(viewed(2), viewed(65))
    catch_up(NOW)
    assert (first.seen, second.seen) == (early, early)
    assert ContactState.objects.count() == 3
    stands = {one.name: one for one in standings(NOW + timedelta(seconds=9))}
    assert (stands["first"].is_running, stands["first"].error) == (False, "ValueError: cannot digest this")
    assert (stands["second"].is_running, stands["second"].is_behind) == (True, True)
    assert (stands["states"].is_running, stands["states"].is_behind, stands["states"].lag_seconds) == (True, False, 0)
    assert stands["first"].lag_seconds == stands["second"].lag_seconds == 9
    assert "cannot digest this" in caplog.text
    later = tell(viewed(3))
    catch_up(NOW)
    assert first.seen == early
    first.poison = False
    resume("first")
    catch_up(NOW)
    assert first.seen == second.seen == [*early, *late, *later]
    assert all(one.is_running and not one.is_behind for one in standings(NOW))


def test_a_follower_waits_for_its_input(watched):
    first, second = watched
    tell(viewed(1))
    catch_up(NOW)
    first.poison = True
    tell(*[viewed(n) for n in range(2, 30)])
    catch_up(NOW)
    first.poison, second.poison = False, True
    resume("first")
    catch_up(NOW)
    assert len(first.seen) == 29
    assert second.seen == first.seen[:1]
    tell(viewed(40))
    catch_up(NOW)
    assert len(first.seen) == 30
    second.poison = False
    resume("second")
    catch_up(NOW)
    assert second.seen == first.seen


def test_a_new_follower_reads_all_from_the_beginning(monkeypatch):
    ids = tell(*[viewed(n) for n in range(1, 20)])
    catch_up(NOW)
    late = Recorder("late")
    registry = Followers("followers", Follower, lambda follower: follower.name)
    registry.register(*FOLLOWERS, late.follower)
    monkeypatch.setattr("contacts.ledger.passes.FOLLOWERS", registry)
    ids += tell(viewed(20))
    catch_up(NOW)
    ids += tell(viewed(21))
    catch_up(NOW)
    assert late.seen == ids


def test_inputs_must_be_registered_before():
    registry = Followers("followers", Follower, lambda follower: follower.name)
    with pytest.raises(WrongFollower, match="which must be registered before it"):
        registry.register(Recorder("second", inputs=("first",)).follower)
    with pytest.raises(WrongFollower, match="letters, digits and underscores"):
        Recorder("no name")
    assert len(registry) == 0


@pytest.fixture
def lively():
    """Three months of plausible life of 30 contacts, followed in uneven batches, with merges among them."""
    chance = Random(7)
    people = [
        Contact.objects.create(email=f"p{n}@example.com", email_key=email_key(f"p{n}@example.com")) for n in range(30)
    ]
    kinds = [
        "page.viewed",
        "product.viewed",
        "form.submitted",
        "order.placed",
        "mail.sent",
        "hit.opened",
        "hit.clicked",
    ]
    merges = []
    for round_ in range(12):
        tell(
            *[
                _random_event(chance, chance.choice(people).pk, chance.choice(kinds))
                for _ in range(chance.randrange(40))
            ]
        )
        if round_ % 3 == 1:
            merges.append(merge(people[round_].pk, people[round_ + 15].pk, by=None, now=NOW))
        if round_ == 8:
            unmerge(merges[0], now=NOW)
        if round_ % 2:
            catch_up(NOW)
    for link in (1, 2, 3):  # a run over links: the first click is told as a person's, then taken back
        tell(_click(people[3].pk, link))
        catch_up(NOW)
    catch_up(NOW + timedelta(minutes=1))
    return people


def _click(contact, link):
    facts = {"message": "run", "link": link, "agent": "Mozilla/5.0 Firefox/140"}
    return NewEvent(contact, "hit.clicked", NOW - timedelta(hours=5, seconds=link), ("dispatch", "1"), properties=facts)


def _random_event(chance, contact, kind):
    mail = kind.startswith(("mail.", "hit."))
    properties = {
        "url": "https://shop.example.com/" + chance.choice(["", "?utm_source=naver&utm_medium=cpc", "?gclid=1"]),
        "referrer": chance.choice(["", "https://www.google.com/", "https://blog.naver.com/x"]),
        "message": str(chance.randrange(9)),
        "link": chance.randrange(4),
        "agent": chance.choice(["Mozilla/5.0 Firefox/140", "curl/8"]),
    }
    return NewEvent(
        contact_id=contact,
        kind=kind,
        occurred_at=NOW - timedelta(seconds=chance.randrange(90 * 86400 // (10_000 if mail else 1))),
        subject=("dispatch" if mail else "thing", str(chance.randrange(5))),
        value=Decimal(chance.randrange(10_000)) / 4 if kind == "order.placed" else None,
        properties=properties,
    )


OURS = {"states", "subjects", "totals", "seen", "touches"}
REPLAYED = [follower.name for follower in FOLLOWERS if follower.reset is not None]


def test_each_table_equals_what_a_replay_gives(lively):
    live = derived()
    assert all(live.values())
    assert Event.objects.filter(kind__key="hit.reclassified").exists()
    assert Event.objects.exclude(origin_contact_id=None).exists()
    for name in REPLAYED:
        replay(name, NOW)
        assert derived() != live or name not in OURS
        catch_up(NOW)
        assert derived() == live, name
    assert all(one.is_running and not one.is_behind for one in standings(NOW))


def test_a_replay_goes_on_with_new_events(lively):
    replay("states", NOW)
    tell(viewed(lively[0].pk))
    catch_up(NOW)
    live = derived()
    replay("states", NOW)
    catch_up(NOW)
    assert derived() == live


@pytest.mark.parametrize("name", ["identity", "classifier"])
def test_what_writes_events_cannot_be_replayed(name):
    with pytest.raises(WrongFollower, match="cannot be replayed"):
        replay(name, NOW)


def test_commands_say_what_they_did(capsys):
    call_command("ledger", "status")
    assert "states       running" in capsys.readouterr().out
    call_command("ledger", "resume", "states")
    assert capsys.readouterr().out == "states goes on\n"
    with pytest.raises(CommandError, match='there is no follower "nobody"'):
        call_command("ledger", "replay", "nobody")
    with pytest.raises(CommandError, match="write a range such as 0-31"):
        call_command("follow", shards="x")
    with pytest.raises(CommandError, match="shards are 0 to 63"):
        call_command("follow", shards="5-64")


def test_check_finds_events_without_a_contact(capsys):
    contact = Contact.objects.create(name="Alice")
    tell(viewed(contact.pk))
    call_command("ledger", "check")
    assert capsys.readouterr().out == "every event has its contact\n"
    tell(viewed(999_999), viewed(999_999))
    with pytest.raises(CommandError):
        call_command("ledger", "check")
    assert "contact 999999 does not exist but has 2 events" in capsys.readouterr().out


@pytest.mark.parametrize("seed", range(4))
def test_two_processes_with_merges_across_their_shards_count_as_one(seed):
    """Passes over the two halves of the shards in random turns, with merges both ways; then the same by replay."""
    chance = Random(seed)
    people = [
        Contact.objects.create(email=f"p{n}@example.com", email_key=email_key(f"p{n}@example.com")) for n in range(64)
    ]
    halves = [passes.Reach(shards=half, limit=5, horizon=OWN_HORIZON) for half in (range(32), range(32, 64))]
    passes.enrol(NOW)
    kinds = ["page.viewed", "product.viewed", "form.submitted", "mail.sent", "hit.clicked"]
    done = []
    for _ in range(12):
        for _ in range(8):
            tell(_random_event(chance, chance.choice(people).pk, chance.choice(kinds)))
        free = [one for one in people if one.pk not in {number for record in done for number in record}]
        pair = chance.sample(free, 2)
        done.append((pair[0].pk, pair[1].pk))
        record = merge(pair[0].pk, pair[1].pk, by=None, now=NOW)
        for _ in range(chance.randrange(6)):
            passes.main_pass(NOW, chance.choice(halves))
        if chance.random() < 0.3:
            unmerge(record, now=NOW)
    while sum(passes.main_pass(NOW, half) for half in halves):
        pass
    live = derived()
    assert sum(row[2] for row in live["contact_state"]) == Event.objects.count()
    for name in REPLAYED:
        replay(name, NOW)
    catch_up(NOW)
    assert derived() == live


def test_batch_is_cut_to_what_a_follower_takes_at_once(monkeypatch):
    seen = {"slow": [], "quick": []}

    def noting(name):
        return lambda _cursor, batch: seen[name].append(sum(batch.counts.values()))

    others = Followers("followers", Follower, lambda follower: follower.name)
    others.register(
        Follower("identity", noting("quick")),
        Follower("slow", noting("slow"), kinds=lambda: ["mail.sent"], most=2),
    )
    monkeypatch.setattr(passes, "FOLLOWERS", others)
    kinds = ["page.viewed", "mail.sent", "mail.sent", "page.viewed", "mail.sent", "page.viewed", "mail.sent"]
    tell(*[NewEvent(1, kind, NOW) for kind in kinds])
    catch_up(NOW)
    assert seen == {"quick": [3, 4], "slow": [2, 2]}
    seen["late"] = []
    others.register(Follower("late", noting("late"), kinds=lambda: ["mail.sent"], most=3))
    catch_up(NOW)
    assert seen == {"quick": [3, 4], "slow": [2, 2], "late": [3, 1]}


def test_how_followers_stand_is_found_by_the_index_of_positions(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {_STANDING}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Cond: (ROW(tx, id) > ROW(" in plan
