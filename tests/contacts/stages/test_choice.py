"""Choosing another stage model moves people as the map says, and keeps every move."""

import pytest

from contacts.errors import Invalid
from contacts.ledger.queries import timeline
from contacts.models import Contact, StageModel
from contacts.stages import choice
from contacts.stages.moving import move

pytestmark = pytest.mark.django_db


@pytest.fixture
def models(crowd, team, now):
    old, new = StageModel.objects.get(in_use=True), StageModel.objects.get(key="race")
    move([crowd.kim.pk], old.stages.get(key="retain"), cause="person", by=team.mina, now=now)
    move([crowd.lee.pk], old.stages.get(key="discover"), cause="person", by=team.mina, now=now)
    return old, new


def test_everyone_moves_along_the_map(crowd, team, now, models, monkeypatch):
    old, new = models
    monkeypatch.setattr(choice, "FIRST", 1)
    monkeypatch.setattr(choice, "MOST", 1)
    mapping = choice.suggested(list(old.stages.all()), list(new.stages.all()))
    assert choice.use(new, mapping, by=team.alice, now=now) == 2
    assert choice.use(new, mapping, by=team.alice, now=now) == 0
    assert StageModel.objects.get(in_use=True) == new
    found = dict(Contact.objects.exclude(stage=None).values_list("name", "stage__key"))
    assert found == {"김철수": "convert", "이영희": "reach"}
    last = timeline([crowd.kim.pk], kinds=["stage.entered"])[0]
    assert (last.properties["from"], last.properties["to"], last.properties["cause"]) == ("retain", "convert", "model")


def test_a_stage_with_people_must_be_mapped(crowd, team, now, models):
    old, new = models
    for mapping in ({}, {stage.pk: stage.pk for stage in old.stages.all()}):
        with pytest.raises(Invalid):
            choice.use(new, mapping, by=team.alice, now=now)
    assert StageModel.objects.get(in_use=True) == old
    assert Contact.objects.get(pk=crowd.kim.pk).stage.key == "retain"


def test_page_says_who_moves_and_does_it(crowd, team, models, as_):
    old, new = models
    client, url = as_(team.alice), f"/settings/stages/{new.pk}/"
    page = client.get(url).content.decode()
    assert "Retain: 1 person" in page
    assert "Educate" not in page
    assert client.post(url, {}).status_code == 400
    held = old.stages.filter(key__in=("retain", "discover"))
    answer = client.post(url, {f"stage-{stage.pk}": new.stages.first().pk for stage in held})
    assert answer.status_code == 302
    assert set(Contact.objects.exclude(stage=None).values_list("stage__key", flat=True)) == {"reach"}
