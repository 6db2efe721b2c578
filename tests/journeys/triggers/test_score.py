"""Points that are come to: once on the way up, whatever later points the followers have counted already."""

import pytest
from django.db import connection

from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.people.models import Contact
from contacts.scoring.models import ScoreModel, ScoreRule
from contacts.segments.rules.sql import Sql
from journeys.triggers.score import SCORE_REACHED
from tests.journeys.conftest import NOW
from tests.journeys.triggers.conftest import settled


@pytest.fixture
def model(db):
    ScoreRule.objects.all().delete()
    model = ScoreModel.objects.order_by("pk").first()
    ScoreModel.objects.filter(pk=model.pk).update(hot_at=60, warm_at=20, anchor=NOW, half_life=14)
    ScoreRule.objects.create(model=model, name="Pages", kind="page.viewed", points=25)
    return model


def started(cleaned, *event_ids):
    events = Sql("(SELECT * FROM event WHERE id = ANY(%s))", (list(event_ids),))
    sql = SCORE_REACHED.started(cleaned, events)
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        return cursor.fetchall()


def test_each_level_is_come_to_once(model):
    ann = Contact.objects.create(name="Ann")
    ids = append([NewEvent(ann.pk, "page.viewed", NOW) for _ in range(4)], source="test", now=NOW)
    catch_up(NOW)
    _kind, hot = settled("score_reached", {"level": "hot"})
    _kind, warm = settled("score_reached", {"level": "warm", "model": model.pk})
    _kind, points = settled("score_reached", {"level": "points", "points": 100})
    assert [len(started(warm, number)) for number in ids] == [1, 0, 0, 0]
    assert [len(started(hot, number)) for number in ids] == [0, 0, 1, 0]
    assert [len(started(points, number)) for number in ids] == [0, 0, 0, 1]
    assert started(hot, *ids) == [(ann.pk, "", NOW, ids[-1], None)]
    assert started(hot) == []


def test_who_has_the_points_fits(ask, model):
    ann, bob = (Contact.objects.create(name=name) for name in ("Ann", "Bob"))
    views = [NewEvent(ann.pk, "page.viewed", NOW)] * 3 + [NewEvent(bob.pk, "page.viewed", NOW)]
    append(views, source="test", now=NOW)
    catch_up(NOW)
    assert ask.fits("score_reached", {"level": "hot"}) == [ann.pk]
    assert ask.fits("score_reached", {"level": "warm"}) == [ann.pk, bob.pk]
    assert set(SCORE_REACHED.read({"level": "points"}).errors) == {"points"}
