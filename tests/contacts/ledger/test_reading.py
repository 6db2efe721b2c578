"""Reading while others write: a cursor on ids loses late commits, ours does not; each event is followed once."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from contacts.ledger import follow
from contacts.ledger.append import INSERT, NewEvent, append
from contacts.ledger.dictionary import kind_ids
from contacts.ledger.follow import Loop
from contacts.ledger.passes import Reach, enrol, main_pass
from contacts.ledger.ticks import Tick
from contacts.models import ContactState, Event
from crm.kit.registry import Registry

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ONE = INSERT + "SELECT %s, %s, NULL, %s, %s, NULL, '{}', NULL, 0 RETURNING id"


def raw_connection():
    return psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor, "context": None})


def write(writer, kind, contact):
    return writer.execute(ONE, [contact, kind, NOW, NOW]).fetchone()[0]


def followed():
    return {state.contact_id: state.n for state in ContactState.objects.all()}


def follow_until(condition):
    """Run passes until it is so: an open transaction of another test, in another database, holds us back meanwhile."""

    def passed():
        main_pass(NOW, Reach())
        return condition()

    wait_until(passed)


def test_a_naive_cursor_loses_a_late_commit_and_ours_does_not():
    kind = kind_ids(["page.viewed"])["page.viewed"]
    enrol(NOW)
    naive: list[int] = []

    def read_naively():
        naive.extend(Event.objects.filter(id__gt=max(naive, default=0)).order_by("id").values_list("id", flat=True))

    with raw_connection() as slow, raw_connection() as fast:
        early = write(slow, kind, 1)
        late = write(fast, kind, 2)
        fast.commit()
        read_naively()
        assert main_pass(NOW, Reach()) == 0  # the open writer holds us back: nothing is passed over
        slow.commit()
        read_naively()
        follow_until(lambda: len(followed()) == 2)
    assert naive == [late], "the naive cursor saw the late commit: this test proves nothing"
    assert early < late
    assert followed() == {1: 1, 2: 1}


def test_interleaved_writers_are_followed_exactly_once():
    kind = kind_ids(["page.viewed"])["page.viewed"]
    done = threading.Event()
    written: list[int] = []

    def work(seed):
        chance = random.Random(seed)
        with raw_connection() as writer:
            for _ in range(60):
                contacts = [chance.randrange(1, 200) for _ in range(chance.randrange(1, 6))]
                for contact in contacts:
                    write(writer, kind, contact)
                if chance.random() < 0.2:
                    writer.rollback()
                else:
                    writer.commit()
                    written.extend(contacts)

    writers = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in writers:
        thread.start()
    enrol(NOW)
    while not done.is_set():
        if not any(thread.is_alive() for thread in writers):
            done.set()
        main_pass(NOW, Reach(limit=37))
    follow_until(lambda: sum(followed().values()) >= Event.objects.count())
    assert sum(followed().values()) == len(written) == Event.objects.count()
    assert followed() == {contact: written.count(contact) for contact in set(written)}


@contextlib.contextmanager
def follow_process(*options):
    database = connection.settings_dict["NAME"]
    env = {**os.environ, "WAYFARE_TEST_DATABASE": database, "DJANGO_SETTINGS_MODULE": "crm.settings"}
    script = (
        "import os, django\n"
        "django.setup()\n"
        "from django.db import connection\n"
        "connection.settings_dict['NAME'] = os.environ['WAYFARE_TEST_DATABASE']\n"
        "from django.core.management import call_command\n"
        f"call_command('follow', *{list(options)!r})\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], env=env, cwd=settings.BASE_DIR)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(condition, seconds=20):
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "waited too long"
        time.sleep(0.02)


def test_a_key_given_by_two_connections_at_once_is_kept_once():
    """The second writer waits for the first; it drops the repeat after a commit, and keeps it after a rollback."""
    found: list[list[int]] = []

    def append_beside():
        found.append(append([NewEvent(1, "page.viewed", NOW, key="k")], source="t", now=NOW))
        connection.close()

    for ends, kept in (("rollback", 1), ("commit", 0)):
        found.clear()
        with raw_connection() as other:
            other.execute("DELETE FROM event_key")
            other.execute("COMMIT")
            other.execute("INSERT INTO event_key (source, key, recorded_at) VALUES ('t', 'k', %s)", [NOW])
            beside = threading.Thread(target=append_beside)
            beside.start()
            wait_until(waiting_for_a_lock)
            getattr(other, ends)()
            beside.join(20)
        assert [len(ids) for ids in found] == [kept]
    assert Event.objects.count() == 1


def waiting_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


def test_killed_in_the_middle_each_event_is_still_followed_once():
    append([NewEvent(n % 500 + 1, "page.viewed", NOW) for n in range(5_000)], source="t", now=NOW)
    with raw_connection() as blocker:
        blocker.execute("LOCK TABLE contact_state IN SHARE MODE")
        with follow_process() as process:
            wait_until(waiting_for_a_lock)  # it has read its batch and is about to write
            process.send_signal(signal.SIGKILL)
            process.wait()
        blocker.rollback()
    append([NewEvent(1, "page.viewed", NOW)], source="t", now=NOW)
    with follow_process("--until-idle") as process:
        assert process.wait(30) == 0
    assert sum(followed().values()) == 5_001
    assert followed()[1] == 11


def test_sigterm_ends_the_process_after_its_pass():
    append([NewEvent(1, "page.viewed", NOW)], source="t", now=NOW)
    with follow_process() as process:
        wait_until(lambda: followed() == {1: 1})
        process.terminate()
        assert process.wait(5) == 0


def test_one_leader_per_shard_and_another_takes_over():
    first, second = Loop(wanted=range(32)), Loop()
    first.round()
    assert first.led == list(range(32))
    led_by_other = []

    def lead_beside():
        second.round()
        led_by_other.extend(second.led)
        second.stop()
        second.run()
        connection.close()

    thread = threading.Thread(target=lead_beside)
    thread.start()
    thread.join()
    assert led_by_other == list(range(32, 64))
    with raw_connection() as other:
        assert other.execute("SELECT pg_try_advisory_lock(7237, 3)").fetchone()[0] is False
        first.stop()
        first.run()
        assert other.execute("SELECT pg_try_advisory_lock(7237, 3)").fetchone()[0] is True


def test_timed_work_that_has_more_to_do_is_done_in_the_next_round(monkeypatch):
    done = [3, 2, 0, 5]
    ticks = Registry("ticks", Tick, lambda tick: tick.name)
    ticks.register(Tick("some", lambda _now: done.pop(0)))
    monkeypatch.setattr(follow, "TICKS", ticks)
    loop = Loop(now=lambda: NOW)
    assert [loop.round() for _round in range(4)] == [3, 2, 0, 0]
    assert done == [5]  # a quarter of a second after the last look that found nothing
    loop.stop()
    loop.run()
