"""Steps that change what is known of a person: only those who differ change, and are told with time and cause."""

from collections import Counter

import pytest

from contacts.attributes.models import Attribute, AttributeType
from contacts.consent.models import ConsentEntry, ConsentState
from contacts.ledger.follow import catch_up
from contacts.ledger.models import Event
from contacts.people.models import Contact
from contacts.scoring.heat import default_model, warmth_of
from contacts.scoring.models import ScoreModel
from contacts.scoring.reasons import reasons_for
from contacts.stages.models import Stage, StageModel
from crm.team.models import User
from journeys.engine.models import Enrolment
from journeys.errors import StepBroken
from journeys.journey.models import Journey, JourneyStep, JourneyVersion
from tests.journeys.conftest import NOW


@pytest.fixture
def people(db):
    made = [Contact.objects.create(name=name) for name in ("Ann", "Bob", "Cid", "Old")]
    Contact.objects.filter(pk=made[3].pk).update(merged_into=made[0])
    return made


def told(kind):
    rows = Event.objects.filter(kind__key=kind).order_by("contact_id")
    return [(event.contact_id, event.properties) for event in rows]


# --- stage ---
def stages():
    return list(Stage.objects.filter(model__in_use=True).order_by("position"))


def test_stage_is_changed_forward_only(outlets, people):
    first, second, third, *_rest = stages()
    Contact.objects.filter(pk=people[1].pk).update(stage=third, stage_by_hand=True)
    Contact.objects.filter(pk=people[2].pk).update(stage=first, stage_by_hand=True)
    assert outlets("set_stage", {"stage": second.pk, "forward": True}, people) == ["next"] * 4
    found = Contact.objects.order_by("pk").values_list("stage_id", "stage_by_hand", "stage_since", "version")
    assert list(found) == [
        (second.pk, False, NOW, 2), (third.pk, True, None, 1), (second.pk, False, NOW, 2), (None, False, None, 1),
    ]  # fmt: skip
    assert [(who, facts["from"], facts["to"], facts["cause"]) for who, facts in told("stage.entered")] == [
        (people[0].pk, None, second.key, "journey"), (people[2].pk, first.key, second.key, "journey"),
    ]  # fmt: skip
    outlets("set_stage", {"stage": second.pk, "forward": False}, people)
    assert Contact.objects.get(pk=people[1].pk).stage_id == second.pk


def test_stage_of_a_model_that_is_out_of_use_holds_the_step(run, people, monkeypatch):
    stage = stages()[0]
    from journeys.steps.set_stage import SetStageForm

    monkeypatch.setattr(SetStageForm.base_fields["stage"], "to_python", lambda _value: stage)
    StageModel.objects.filter(in_use=True).update(in_use=False)
    with pytest.raises(StepBroken, match="not in use"):
        run("set_stage", {"stage": stage.pk, "forward": True}, people)
    assert told("stage.entered") == []


# --- points ---
def test_points_are_given_with_their_reason_and_the_score_says_it(outlets, people):
    chosen = {"points": "2.5", "reason": "Came to the fair", "once": "ever"}
    assert outlets("score", chosen, people[:2]) == ["next"] * 2
    assert outlets("score", chosen, people[:1]) == ["next"]
    facts = {"reason": "Came to the fair", "journey": 7, "once": "ever"}
    assert told("points.given") == [(people[0].pk, facts), (people[0].pk, facts), (people[1].pk, facts)]
    outlets("score", {"points": -1, "reason": "Never answered"}, people[1:])
    assert [who for who, told_ in told("points.given") if "once" not in told_] == [people[1].pk, people[2].pk]
    catch_up(NOW)
    model = default_model()
    ann, bob, cid = (warmth_of(one.pk, NOW)[1].points for one in people[:3])
    assert (ann, bob, cid) == pytest.approx((2.5, 1.5, -1))
    assert [one.sentence(NOW) for one in reasons_for([people[0].pk], model, NOW)[people[0].pk]] == [
        "Came to the fair, today"
    ]


def test_points_need_a_number_and_a_reason():
    from journeys.steps.score import SCORE

    assert list(SCORE.read({"points": 0, "reason": "x"}).errors) == ["points"]
    assert list(SCORE.read({"points": 1001, "reason": "x"}).errors) == ["points"]
    assert list(SCORE.read({"points": 1, "reason": " ", "once": "sometimes"}).errors) == ["reason", "once"]


def test_points_of_a_model_that_is_gone_hold_the_step(run, people, monkeypatch):
    from journeys.steps.score import ScoreForm

    gone = ScoreModel(pk=999, name="Gone")
    monkeypatch.setattr(ScoreForm.base_fields["model"], "to_python", lambda _value: gone)
    with pytest.raises(StepBroken, match="Gone"):
        run("score", {"points": 1, "reason": "x", "model": 999}, people)
    assert told("points.given") == []


# --- attributes ---
def test_attribute_is_written_and_emptied(outlets, people):
    plan = Attribute.objects.create(key="plan", label="Plan", type=AttributeType.CHOICE, choices=["Pro", "Free"])
    Contact.objects.filter(pk=people[1].pk).update(attributes={"plan": "Pro", "seats": 3})
    outlets("set_attribute", {"attribute": plan.pk, "what": "write", "value": "pro"}, people)
    found = list(Contact.objects.order_by("pk").values_list("attributes", "version"))
    assert found == [({"plan": "Pro"}, 2), ({"plan": "Pro", "seats": 3}, 1), ({"plan": "Pro"}, 2), ({}, 1)]
    assert told("contact.updated")[0] == (people[0].pk, {"changed": ["attributes"], "journey": 7})
    outlets("set_attribute", {"attribute": plan.pk, "what": "empty"}, people)
    assert list(Contact.objects.order_by("pk").values_list("attributes", flat=True)) == [{}, {"seats": 3}, {}, {}]


def test_value_that_does_not_fit_is_refused_by_the_form_and_holds_the_step_later(run, people):
    from journeys.steps.set_attribute import SET_ATTRIBUTE

    seats = Attribute.objects.create(key="seats", label="Seats", type=AttributeType.NUMBER)
    bad = SET_ATTRIBUTE.read({"attribute": seats.pk, "what": "write", "value": "many"})
    assert list(bad.errors) == ["value"]
    assert list(SET_ATTRIBUTE.read({"attribute": seats.pk, "what": "write"}).errors) == ["value"]
    good = SET_ATTRIBUTE.read({"attribute": seats.pk, "what": "write", "value": "3"})
    assert good.is_valid()
    Attribute.objects.update(type=AttributeType.BOOLEAN)
    from journeys.steps.set_attribute import _value

    seats.refresh_from_db()
    with pytest.raises(StepBroken, match="Seats"):
        _value(seats, good.cleaned_data)


# --- owners ---
@pytest.fixture
def reps(db):
    return [User.objects.create_user(f"{name}@team.example", name=name) for name in ("Rob", "Rita")]


def test_owner_is_changed_and_kept(outlets, people, reps):
    rob, rita = reps
    Contact.objects.filter(pk=people[1].pk).update(owner=rita)
    outlets("owner", {"owner": rob.pk, "keep": True}, people)
    assert list(Contact.objects.order_by("pk").values_list("owner", flat=True)) == [rob.pk, rita.pk, rob.pk, None]
    outlets("owner", {"keep": False}, people[1:2])
    assert told("owner.changed")[1] == (people[1].pk, {"owner": "", "from": rita.pk, "journey": 7})


def test_assignment_goes_round_by_shares_and_on_where_it_ended(run, outlets, people, reps):
    rob, rita = reps
    journey = Journey.objects.create(name="J", draft={})
    version = JourneyVersion.objects.create(journey=journey, number=1, graph={}, published_at=NOW)
    run.place["step_id"] = JourneyStep.objects.create(version=version, key="here", kind="assign").pk
    crowd = Contact.objects.bulk_create(Contact(name=f"P{n}") for n in range(10))
    Contact.objects.filter(pk=crowd[1].pk).update(owner=rita)
    settings = {"colleagues": [{"user": rob.pk, "weight": 2}, {"user": rita.pk, "weight": 1}], "keep": True}
    outlets("assign", settings, crowd[:5])
    outlets("assign", settings, [*crowd[5:], {"contact_id": crowd[9].pk, "key": "2"}])
    owners = Contact.objects.filter(pk__in=[c.pk for c in crowd]).exclude(pk=crowd[1].pk).order_by("pk")
    names = list(owners.values_list("owner__name", flat=True))
    assert names == ["Rob", "Rob", "Rita"] * 3
    assert Counter(facts["owner"] for _who, facts in told("owner.changed")) == {"Rob": 6, "Rita": 3}
    assert JourneyStep.objects.get().turns == 9


def test_colleague_who_left_holds_the_step(run, people, reps, monkeypatch):
    from journeys.steps.owner import OwnerForm

    monkeypatch.setattr(OwnerForm.base_fields["owner"], "to_python", lambda _value: reps[0])
    User.objects.filter(pk=reps[0].pk).update(is_active=False)
    with pytest.raises(StepBroken, match="Rob"):
        run("owner", {"owner": reps[0].pk}, people)
    assert Contact.objects.exclude(owner=None).count() == 0


# --- consent ---
def test_consent_is_kept_with_its_proof(outlets, people):
    said = {
        "decision": "withdrawn", "purpose": "marketing", "channel": "email", "basis": "the box on the form",
        "wording": "No more mails, please.",
    }  # fmt: skip
    outlets("consent", said, [*people, {"contact_id": people[0].pk, "key": "2"}])
    entries = ConsentEntry.objects.order_by("contact_id").values_list("contact_id", "source", "basis", "wording")
    assert list(entries) == [
        (person.pk, "journey", "the box on the form", "No more mails, please.") for person in people[:3]
    ]
    assert set(ConsentState.objects.values_list("decision", flat=True)) == {"withdrawn"}
    from journeys.steps.consent import CONSENT

    assert set(CONSENT.read({"decision": "granted"}).errors) >= {"basis", "wording"}


# --- the goal ---
def test_goal_is_noted_once(outlets, people):
    made = [
        Enrolment.objects.create(
            pk=number, journey_id=7, contact_id=people[number].pk, step_id=1, entered_at=NOW, arrived_at=NOW,
            goal_at=goal,
        )
        for number, goal in ((1, None), (2, NOW.replace(day=1)))
    ]  # fmt: skip
    outlets("goal", {}, people[:2])
    assert [Enrolment.objects.get(pk=one.pk).goal_at for one in made] == [NOW, NOW.replace(day=1)]
