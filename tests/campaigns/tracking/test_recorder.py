"""PostgreSQL away, frozen, refusing, or back: links lead on, and each hit is counted once in the end."""

import asyncio
import json
import time
from collections import Counter

import pytest
from django.db import OperationalError, connection

from campaigns.tracking import recorder, store
from campaigns.tracking.hits import Hit
from campaigns.tracking.links import LinkTable
from campaigns.tracking.spool import Batch, Spool
from campaigns.tracking.tokens import click_url, mail_token, open_url
from contacts.ledger.models import Event

from .conftest import SHOP, elsewhere
from .test_app import path_of

pytestmark = pytest.mark.django_db(transaction=True)


def counted():
    """How often each message was hit."""
    return Counter(properties["message"] for properties in Event.objects.values_list("properties", flat=True))


async def until(condition, seconds=5.0):
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to pass")


def waiting_files(tmp_path):
    return list((tmp_path / "hits").glob("*.jsonl"))


def test_links_lead_on_while_postgresql_is_away_and_hits_are_counted_once_later(on_app, dispatch, gate, tmp_path):
    def click(number):
        return path_of(click_url(mail_token(dispatch.pk, number, 7), 1))

    async def story(client):
        gate.open()
        before = await client.ask(click(1))
        gate.shut()
        away = await asyncio.gather(*(client.ask(click(number)) for number in range(2, 42)))
        opened = await client.ask(path_of(open_url(mail_token(dispatch.pk, 42, 7))))
        unknown = await client.ask(path_of(click_url(mail_token(dispatch.pk, 99, 7), 2**10)))
        on_disk = sum(len(json.loads(line)[1]) for line in waiting_files(tmp_path)[0].read_text().splitlines())
        gate.open()
        await until(lambda: not waiting_files(tmp_path))
        after = await client.ask(click(43))
        return before, away, opened, unknown, on_disk, after

    before, away, opened, unknown, on_disk, after = on_app(story)

    assert {(status, headers["location"]) for status, headers, _ in [before, *away, after]} == {(302, SHOP)}
    assert (opened[0], unknown[0], on_disk) == (200, 503, 41)
    assert counted() == Counter(range(1, 44))


def test_frozen_postgresql_costs_one_wait_and_no_hit_is_counted_twice(on_app, dispatch, gate, tmp_path):
    def opening(number):
        return path_of(open_url(mail_token(dispatch.pk, number, 7)))

    async def story(client):
        gate.open()
        await client.ask(opening(1))
        gate.flowing.clear()
        loop = asyncio.get_running_loop()
        started = loop.time()
        first = await client.ask(opening(2))
        waited = loop.time() - started
        started = loop.time()
        second = await client.ask(opening(3))
        quick = loop.time() - started
        gate.flowing.set()  # the first attempt's statement arrives now, and is committed after all
        await until(lambda: not waiting_files(tmp_path))
        return first[0], second[0], waited, quick

    first, second, waited, quick = on_app(story, patience=0.3)

    assert (first, second) == (200, 200)
    assert 0.25 < waited < 1.5
    assert quick < 0.25
    assert counted() == Counter([1, 2, 3])


def test_batch_in_doubt_that_was_committed_is_not_written_again(on_app, dispatch, tmp_path):
    batch = Batch("b1", (Hit("hit.opened", dispatch.pk, 7, "2026-11-20T10:00:00+00:00", '{"message":5}'),))

    async def story(client):
        running = await client.app.start()
        await running._store.write(batch)
        await running._to_disk(batch)
        await until(lambda: not waiting_files(tmp_path))

    on_app(story)

    assert counted() == Counter([5])


def test_hits_left_by_a_killed_process_are_replayed_and_a_torn_line_is_left_out(on_app, dispatch, tmp_path):
    spool = Spool(tmp_path / "hits")
    for number in (1, 2):
        spool.append(
            Batch.of([Hit("hit.opened", dispatch.pk, 7, "2026-11-20T10:00:00+00:00", f'{{"message":{number}}}')])
        )
    spool.close()
    [path] = waiting_files(tmp_path)
    path.write_text(path.read_text() + '["torn", [["hit.opened", 1')

    async def story(client):
        await client.app.start()
        await until(lambda: not waiting_files(tmp_path))

    on_app(story)

    assert counted() == Counter([1, 2])


def test_file_that_a_living_process_writes_is_left_alone(on_app, dispatch, tmp_path):
    spool = Spool(tmp_path / "hits")
    spool.append(Batch.of([Hit("hit.opened", dispatch.pk, 7, "2026-11-20T10:00:00+00:00", '{"message":1}')]))

    async def story(client):
        await client.app.start()
        await asyncio.sleep(0.15)

    on_app(story)

    assert (len(waiting_files(tmp_path)), counted()) == (1, Counter())
    spool.close()


def test_batch_that_postgresql_refuses_stays_on_disk_until_it_fits(on_app, dispatch, tmp_path, caplog):
    def opening(number):
        return path_of(open_url(mail_token(dispatch.pk, number, 7)))

    def sql(text):
        with connection.cursor() as cursor:
            cursor.execute(text)

    sql("ALTER TABLE event ADD CONSTRAINT no_seven CHECK (properties->>'message' <> '7') NOT VALID")
    try:

        async def story(client):
            good = await client.ask(opening(1))
            refused = await client.ask(opening(7))
            still_good = await client.ask(opening(2))
            assert len(waiting_files(tmp_path)) == 1
            await elsewhere(sql, "ALTER TABLE event DROP CONSTRAINT no_seven")
            await until(lambda: not waiting_files(tmp_path))
            return good[0], refused[0], still_good[0]

        assert on_app(story) == (200, 200, 200)
    finally:
        sql("ALTER TABLE event DROP CONSTRAINT IF EXISTS no_seven")

    assert counted() == Counter([1, 2, 7])
    assert "no_seven" in caplog.text


def test_started_while_postgresql_is_away_it_answers_and_catches_up(on_app, dispatch, gate, tmp_path):
    async def story(client):
        opened = await client.ask(path_of(open_url(mail_token(dispatch.pk, 1, 7))))
        link = path_of(click_url(mail_token(dispatch.pk, 2, 7), 1))
        clicked = await client.ask(link)
        gate.open()
        await until(lambda: not waiting_files(tmp_path))
        return opened[0], clicked, await client.ask(link)

    opened, (clicked, headers, page), (again, there, _) = on_app(story)

    assert (opened, clicked, headers["retry-after"], headers["refresh"]) == (200, 503, "5", "5")
    assert "One moment, please" in page.decode()
    assert "잠시만 기다려 주세요" in page.decode()
    assert (again, there["location"]) == (302, SHOP)
    assert counted() == Counter([1, 2])


def test_more_than_can_wait_is_turned_away(on_app, dispatch, monkeypatch):
    monkeypatch.setattr(recorder, "MOST_WAITING", 10)
    paths = [path_of(open_url(mail_token(dispatch.pk, number, 7))) for number in range(1, 31)]

    async def story(client):
        await client.app.start()
        return Counter([status for status, _, _ in await asyncio.gather(*(client.ask(path) for path in paths))])

    statuses = on_app(story)

    assert statuses == Counter({200: 10, 503: 20})
    assert sum(counted().values()) == 10


def test_disk_and_database_gone_readers_are_still_answered(on_app, dispatch, gate, tmp_path, caplog):
    (tmp_path / "hits").write_text("a file where the directory should be")

    status, _, _ = on_app(lambda client: client.ask(path_of(open_url(mail_token(dispatch.pk, 1, 7)))))

    assert status == 200
    assert "1 hits are lost" in caplog.text


def test_stops_soon_while_postgresql_is_away(on_app, dispatch, monkeypatch, tmp_path):
    def unreachable():
        time.sleep(0.1)
        raise OperationalError("away")

    monkeypatch.setattr(store, "_read_kinds", unreachable)

    async def story(client):
        await client.ask(path_of(open_url(mail_token(dispatch.pk, 1, 7))))
        await asyncio.sleep(0.05)
        await asyncio.wait_for(client.app.stop(), timeout=30)

    on_app(story, pause=0.001)
    assert len(waiting_files(tmp_path)) == 1


def test_answers_of_a_group_leave_before_the_next_group_is_written(dispatch, tmp_path):
    done = []

    async def story():
        running = recorder.Recorder(LinkTable(), tmp_path / "hits")

        async def write(batch):
            done.append([json.loads(hit.properties)["message"] for hit in batch.hits])
            await asyncio.sleep(0.01)

        async def ask(number):
            properties = json.dumps({"message": number})
            await running.keep(Hit("hit.opened", dispatch.pk, 7, "2026-11-20T10:00:00+00:00", properties))
            done.append(number)

        await running.start()
        running._write = write
        first = asyncio.create_task(ask(1))
        await asyncio.sleep(0.005)
        await asyncio.gather(first, ask(2), ask(3))
        await running.stop()

    asyncio.run(story())

    assert done == [[1], 1, [2, 3], 2, 3]
