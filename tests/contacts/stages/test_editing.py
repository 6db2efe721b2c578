"""Naming, adding and removing stages through the admin: the same checks as everywhere, and people looked at anew."""

import pytest
from django.urls import reverse
from django.utils import translation

from contacts.models import Contact, Segment, Stage, StageModel, StageRule
from contacts.stages import editing, rules
from contacts.stages.rules import RuleDraft

pytestmark = pytest.mark.django_db


@pytest.fixture
def model():
    return StageModel.objects.get(in_use=True)


def posted(model, **changes):
    stages = list(model.stages.order_by("position"))
    data = {
        "key": model.key, "name": model.name, "name_ko": model.name_ko, "stages-INITIAL_FORMS": len(stages),
        "stages-TOTAL_FORMS": len(stages) + bool(changes.get("new")), "stages-MIN_NUM_FORMS": 0,
        "stages-MAX_NUM_FORMS": 1000,
    }  # fmt: skip
    for place, stage in enumerate(stages):
        row = {
            "id": stage.pk, "model": model.pk, "position": stage.position, "key": stage.key, "name": stage.name,
            "name_ko": stage.name_ko, "team": stage.team,
        }  # fmt: skip
        row |= changes.get(stage.key, {})
        data |= {f"stages-{place}-{name}": value for name, value in row.items()}
    for name, value in changes.get("new", {}).items():
        data[f"stages-{len(stages)}-{name}"] = value
    return data


def send(as_, team, model, **changes):
    url = reverse("admin:contacts_stagemodel_change", args=[model.pk])
    return as_(team.alice).post(url, posted(model, **changes))


def test_a_stage_is_named_added_and_everybody_looked_at_anew(model, team, now, as_):
    StageModel.objects.filter(pk=model.pk).update(swept_at=now)
    first = model.stages.order_by("position")[0]
    new = {"position": 99, "key": "beyond", "name": "Beyond", "name_ko": "", "team": "sales", "model": model.pk}
    answer = send(as_, team, model, new=new, **{first.key: {"name": "Dawn"}})
    assert answer.status_code == 302
    first.refresh_from_db()
    model.refresh_from_db()
    assert (first.name, model.swept_at) == ("Dawn", None)
    assert Stage.objects.get(model=model, key="beyond").team == "sales"


def test_a_stage_with_people_stays_and_so_does_all_else(model, team, now, as_):
    stages = list(model.stages.order_by("position"))
    Contact.objects.create(name="Ann", stage=stages[1])
    answer = send(as_, team, model, **{stages[1].key: {"DELETE": "on"}, stages[0].key: {"name": "Dawn"}})
    assert answer.status_code == 200
    assert "1 person stands at" in answer.content.decode()
    assert Stage.objects.filter(pk=stages[1].pk).exists()
    assert Stage.objects.get(pk=stages[0].pk).name == stages[0].name


def test_a_key_stays(model, team, as_):
    stage = model.stages.order_by("position")[0]
    answer = send(as_, team, model, **{stage.key: {"key": "other"}})
    assert answer.status_code == 200
    assert "The key of a stage stays as it is" in answer.content.decode()
    assert Stage.objects.get(pk=stage.pk).key == stage.key


def test_a_model_has_its_key_for_good(model, team, as_):
    url = reverse("admin:contacts_stagemodel_change", args=[model.pk])
    assert 'name="key"' not in as_(team.alice).get(url).content.decode()
    data = posted(model) | {"key": "other", "name": "Ours"}
    assert as_(team.alice).post(url, data).status_code == 302
    changed = StageModel.objects.get(pk=model.pk)
    assert (changed.key, changed.name) == (model.key, "Ours")
    assert 'name="key"' in as_(team.alice).get(reverse("admin:contacts_stagemodel_add")).content.decode()


def test_keys_are_labelled_in_the_language_of_the_reader():
    with translation.override("ko"):
        labels = {kind._meta.get_field("key").verbose_name for kind in (Stage, StageModel)}
        assert {str(label) for label in labels} == {"키"}


def test_a_removed_stage_takes_the_segments_of_its_rule(model, team, now, as_):
    stage = model.stages.order_by("position")[0]
    definition = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is", "value": "Lyon"}]}}
    rules.save(stage, RuleDraft(definition, None, None, 0, False, 0), version=rules.rule_of(stage).version, now=now)
    behind = StageRule.objects.get(stage=stage).entry_segment_id
    assert Segment.objects.filter(pk=behind).exists()
    assert send(as_, team, model, **{stage.key: {"DELETE": "on"}}).status_code == 302
    assert not Stage.objects.filter(pk=stage.pk).exists()
    assert not Segment.objects.filter(pk=behind).exists()


def test_a_model_in_use_is_not_deleted(model, team, as_):
    url = reverse("admin:contacts_stagemodel_delete", args=[model.pk])
    assert as_(team.alice).post(url, {"post": "yes"}).status_code == 403
    with pytest.raises(editing.CannotGo):
        editing.remove_model(model)
    other = StageModel.objects.create(key="own", name="Own")
    Stage.objects.create(model=other, key="a", name="A", position=1)
    assert (
        as_(team.alice).post(reverse("admin:contacts_stagemodel_delete", args=[other.pk]), {"post": "yes"}).status_code
        == 302
    )
    assert not StageModel.objects.filter(pk=other.pk).exists()
    assert StageModel.objects.filter(pk=model.pk).exists()


def test_the_list_of_stages_leads_to_their_rules(model, team, as_):
    stage = model.stages.order_by("position")[0]
    page = as_(team.alice).get(reverse("admin:contacts_stage_changelist")).content.decode()
    assert reverse("contacts:stage-rule", args=[stage.pk]) in page
    assert as_(team.alice).get(reverse("admin:contacts_stage_add")).status_code == 403
