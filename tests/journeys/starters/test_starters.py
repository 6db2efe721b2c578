"""Ready journeys: without a problem once sender and segment are chosen, and one person goes through to the end."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from campaigns.sending.models import Message
from campaigns.templating import fields
from campaigns.templating.checks import checks
from campaigns.templating.liquid import compile_source, render
from campaigns.templating.models import MailTemplate
from campaigns.templating.publish import published
from contacts.attributes.models import Attribute, AttributeType, Target
from contacts.commerce.models import Order
from contacts.consent.models import Decision
from contacts.people.models import Contact
from contacts.segments.models import Segment
from contacts.stages.models import Stage, StageModel
from crm.team.models import Role, User
from journeys.engine.entering import request
from journeys.engine.models import Enrolment, Trace
from journeys.graph.parsing import parse
from journeys.journey.checking import problems
from journeys.journey.models import Journey
from journeys.journey.publishing import publish
from journeys.starters import mails
from journeys.starters.beginning import Wishes, begin
from journeys.starters.catalogue import STARTERS, available, stages_of
from journeys.starters.lanes import Meaning, lane_of
from journeys.triggers.kind import TRIGGER_KINDS
from tests.campaigns.conftest import decide, make_people, make_sender
from tests.journeys.living import run

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
EVERY = pytest.mark.parametrize("key", list(STARTERS))


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def made(mina: User) -> Any:
    """Begin a ready journey by its key, as the page does."""
    Attribute.objects.create(target=Target.CONTACT, key="ends", label="Contract ends", type=AttributeType.DATE)
    User.objects.create_user("rep@example.com", "pw", name="Ron", role=Role.SALES_REP)
    sender = make_sender()

    def make(key: str, **more: Any) -> Journey:
        day = date(2026, 12, 1)
        chosen = {"date_field": "attribute.ends", "day": day, "sender": sender.pk, "site": "shop.example.net"}
        return begin(STARTERS[key], Wishes(**{"name": key, "description": "", **chosen, **more}), by=mina, now=NOW)

    return make


def person() -> Contact:
    """Return somebody who agreed to mails, ordered three times, and whose contract ends in 90 days."""
    (one,) = make_people(1)
    Contact.objects.filter(pk=one.pk).update(attributes={"ends": (NOW.date() - date(1970, 1, 1)).days + 90})
    decide([one], Decision.GRANTED)
    Order.objects.bulk_create(
        Order(key=f"o{n}", contact=one, placed_at=NOW - (n + 100) * DAY, total=Decimal(10_000), currency="KRW")
        for n in range(3)
    )
    return one


@EVERY
def test_ready_journey_has_no_problem_in_any_stage_model(made: Any, key: str) -> None:
    for model in StageModel.objects.order_by("pk"):
        StageModel.objects.filter(in_use=True).update(in_use=False)
        StageModel.objects.filter(pk=model.pk).update(in_use=True)
        journey = made(key, name=f"{key} {model.key}")
        graph = parse(journey.draft)
        assert problems(graph) == []
        lanes = {stage.label for stage in model.stages.all() if stage.key in {step.lane for step in graph.steps}}
        assert lanes == set(stages_of(STARTERS[key]))


@EVERY
def test_mails_are_those_of_the_drawing_without_a_fault_in_either_language(made: Any, settings: Any, key: str) -> None:
    settings.BASE_URL = "https://mail.example.com"
    graph = parse(made(key).draft)
    used = [step.settings["template"] for step in graph.steps if step.kind == "send_email"]
    assert sorted(used) == sorted(
        MailTemplate.objects.filter(starter__startswith="journey:").values_list("pk", flat=True)
    )
    assert tuple(mail.key for mail in mails.mails_of(key)) == STARTERS[key].mails
    assert len(used) == len(STARTERS[key].mails)
    blank = fields.examples()
    blank |= {group: dict.fromkeys(blank[group], "") for group in ("contact", "account", "owner")}
    for template in MailTemplate.objects.filter(pk__in=used):
        version = template.versions.get()
        assert [str(finding) for finding in checks(version)] == []
        for language in ("en", "ko"):
            mail = published(version.pk, language)
            for values in (fields.examples(), blank):
                told = values | {"mail": {"language": language}}
                page = render(compile_source(mail.html, part="html"), told, part="html")
                text = render(compile_source(mail.text, part="text"), told, part="text")
                assert "{" not in page[page.index("<body") :] + text
                assert ("https://shop.example.net/" in page) == (key != "hot_lead")
            assert any("가" <= letter <= "힣" for letter in mail.subject) == (language == "ko")


@EVERY
def test_one_person_comes_through_to_the_end(made: Any, key: str) -> None:
    journey, one = made(key), person()
    publish(journey.pk, by=None, now=NOW, version=journey.version)
    request(journey.pk, [one.pk], now=NOW)
    run(NOW)
    enrolment = Enrolment.objects.get()
    for days in range(1, STARTERS[key].days + 2):
        run(NOW + days * DAY)
    enrolment.refresh_from_db()
    assert (enrolment.end, enrolment.problem) == ("completed", "")
    traced = Trace.objects.filter(step__kind="send_email").values_list("facts__message", flat=True)
    assert list(Message.objects.filter(left_out="").order_by("pk").values_list("pk", flat=True)) == sorted(traced)
    assert len(traced) >= 1


def test_its_segment_is_made_once_whoever_begins_in_whatever_language(made: Any) -> None:
    names = {}
    for language in ("ko", "en"):
        with translation.override(language):
            graph = parse(made("welcome", name=f"welcome {language}").draft)
            segment = Segment.objects.audiences().get()
            names[language] = segment.label
            assert graph.triggers[0].settings["segment"] == segment.pk
            kind = TRIGGER_KINDS["segment_entered"]
            form = kind.read(graph.triggers[0].settings)
            assert form.is_valid()
            assert segment.label in kind.said(form.cleaned_data)
    assert segment.name == names["en"] == "New and agreed to mails"
    assert any("가" <= letter <= "힣" for letter in names["ko"])


def test_templates_are_made_once_and_anew_after_a_change(made: Any) -> None:
    first = made("cart")
    again = made("cart", name="Again")
    assert parse(again.draft).steps == parse(first.draft).steps
    changed = MailTemplate.objects.get(starter="journey:cart:why")
    MailTemplate.objects.filter(pk=changed.pk).update(draft=changed.draft | {"accent": "#000000"})
    made("cart", name="Third")
    assert MailTemplate.objects.filter(starter__startswith="journey:cart").count() == 2
    assert MailTemplate.objects.get(starter="journey:cart:why").pk != changed.pk
    changed.refresh_from_db()
    assert changed.starter == ""


def test_who_needs_a_date_is_shown_where_people_have_one(db: None) -> None:
    dated = {key for key, starter in STARTERS.items() if "date" in starter.asks}
    assert {starter.key for starter in available()} == set(STARTERS) - dated
    Attribute.objects.create(target=Target.CONTACT, key="ends", label="Contract ends", type=AttributeType.DATE)
    assert {starter.key for starter in available()} == set(STARTERS)


def test_stages_are_found_by_meaning_else_by_their_share_of_the_way(db: None) -> None:
    def lanes(model: str) -> list[str]:
        stages = list(Stage.objects.filter(model__key=model).order_by("position"))
        return [stage.key for meaning in Meaning if (stage := lane_of(meaning, stages))]

    assert lanes("b2b") == ["engage", "nurture", "convert", "retain", "grow"]
    assert lanes("race") == ["reach", "act", "convert", "engage", "engage"]
    assert lanes("customer-success") == [
        "lead-generation", "nurture", "customer-success", "customer-success", "advocacy"
    ]  # fmt: skip
    own = [Stage(key=f"s{n}") for n in range(3)]
    assert [lane_of(meaning, own).key for meaning in Meaning] == ["s0", "s0", "s1", "s2", "s2"]
    assert lane_of(Meaning.CONVERT, []) is None
