"""Every kind of step and trigger has label and sentence in both languages, a line in the documentation, a test."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from campaigns.templating.models import MailTemplate
from contacts.attributes.models import Attribute, AttributeType
from contacts.lists.models import FixedList, Tag
from contacts.scoring.models import ScoreModel
from contacts.segments.models import Segment
from contacts.stages.models import Stage
from crm.kit import icons
from crm.team.models import User
from journeys.journey.models import Journey
from journeys.steps import catalogue as steps
from journeys.triggers import catalogue as triggers
from tests.campaigns.conftest import make_sender, make_template

HANGUL = re.compile("[가-힣]")
ROOT = Path(settings.BASE_DIR)
EMPTY = {"version": 1, "rule": {"all": []}}
RULE = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is_any_of", "value": ["Seoul"]}]}}
VIEWED = {"version": 1, "rule": {"all": [{"did": "page.viewed"}]}}
PARTS = [{"label": "A", "weight": 1}, {"label": "B", "weight": 1}]


def examples():
    """Return settings of every kind, with every choice that changes its sentence."""
    template, sender = MailTemplate.objects.first() or make_template(), make_sender()
    rep = User.objects.create_user("rob@team.example", name="Rob")
    attribute = Attribute.objects.create(key="ends", label="Contract ends", type=AttributeType.DATE)
    tag, fixed = Tag.objects.create(name="VIP"), FixedList.objects.create(name="Guests")
    segment, journey = Segment.objects.create(name="All", definition=EMPTY), Journey.objects.create(name="J", draft={})
    stage, model = Stage.objects.filter(model__in_use=True).first(), ScoreModel.objects.first()
    both = [{"what": "add"}, {"what": "remove"}]
    clock = {"at": "09:00"}
    return {
        "send_email": [{"template": template.pk, "sender": sender.pk, "when_capped": "skip", "left_out": "on"}],
        "message": [{"channel": "sms", "text": "Hi {name}", "left_out": "on"}],
        "wait": [
            {"until": "span", "n": 2, "unit": "days"},
            {"until": "clock", "weekdays": [1], **clock},
            {"until": "clock", **clock},
            {"until": "date", "date": "2026-11-21", **clock},
            *({"until": "field", "field": "attribute.ends", "offset": n, **clock} for n in (-7, 0, 7)),
        ],
        "wait_event": [
            {"what": "opened", "n": 1, "unit": "days"},
            {"what": "clicked", "n": 1, "unit": "days"},
            {"what": "event", "event": VIEWED, "n": 1, "unit": "days"},
        ],
        "wait_until": [{"rule": RULE, "n": 1, "unit": "weeks"}],
        "throttle": [{"n": 100}],
        "branch": [{"ways": [{"label": "W", "rule": RULE}] * n} for n in (1, 2)],
        "split": [{"parts": PARTS}],
        "experiment": [{"paths": PARTS, "metric": "goal", "people": 100, "days": 3}],
        "jump": [{"to": "hello"}],
        "set_stage": [{"stage": stage.pk}],
        "score": [
            {"points": 10, "reason": "Came to the fair", "once": "ever"},
            {"points": -2.5, "reason": "Never answered", "model": model.pk},
        ],
        "set_attribute": [
            {"attribute": attribute.pk, "what": "write", "value": "2026-11-21"},
            {"attribute": attribute.pk, "what": "empty"},
        ],
        "tag": [{"tag": tag.pk} | way for way in both],
        "list": [{"list": fixed.pk} | way for way in both],
        "consent": [
            {"decision": said, "purpose": "marketing", "channel": "email", "basis": "a box", "wording": "Yes."}
            for said in ("granted", "withdrawn")
        ],
        "owner": [{"what": "give", "owner": rep.pk}, {"what": "take"}, {}],
        "assign": [{"colleagues": [{"user": rep.pk, "weight": 1}]}],
        "notify": [
            {"whom": "owner", "message": "Hi"},
            {"whom": "user", "user": rep.pk, "message": "Hi"},
            {"whom": "role", "role": "sales_rep", "message": "Hi"},
        ],
        "goal": [{}],
        "run_journey": [{"journey": journey.pk, "left_out": "on"} | most for most in ({}, {"n": 2, "unit": "days"})],
        "other_journey": [{"journey": journey.pk} | way for way in both],
        "webhook": [{"url": "https://example.com/hook"}],
        "end": [{}],
    }, {
        "segment_entered": [{"segment": segment.pk}],
        "segment_left": [{"segment": segment.pk}],
        "event": [{"event": VIEWED}, {"event": VIEWED, "key_property": "order"}],
        "form_submitted": [{}, {"form_keys": "demo"}],
        "date": [{"field": "birthday", "offset": n, **clock} for n in (-1, 0, 1)],
        "stage_entered": [{"stage": stage.pk}],
        "score_reached": [
            {"level": "hot", "model": model.pk},
            {"level": "warm"},
            {"level": "points", "points": 12.5},
        ],
        "list_joined": [{"list": fixed.pk}],
        "tag_added": [{"tag": tag.pk}],
        "schedule": [
            {"segment": segment.pk, "every": "once", "date": "2026-11-21", **clock},
            {"segment": segment.pk, "every": "day", **clock},
            {"segment": segment.pk, "every": "week", "weekdays": [1], **clock},
            {"segment": segment.pk, "every": "month", "day": 1, **clock},
        ],
        "by_hand": [{}],
    }  # fmt: skip


def test_every_kind_has_an_example(db):
    of_steps, of_triggers = examples()
    assert list(of_steps) == [kind.key for kind in steps.KINDS]
    assert list(of_triggers) == [kind.key for kind in triggers.KINDS]


@pytest.mark.django_db
def test_labels_and_sentences_in_both_languages():
    of_steps, of_triggers = examples()
    wrong = []
    for kind in (*steps.KINDS, *triggers.KINDS):
        for chosen in (of_steps if kind in steps.KINDS else of_triggers)[kind.key]:
            form = kind.read(chosen)
            assert form.is_valid(), (kind.key, form.errors)
            with translation.override("en"):
                english = (str(kind.label), kind.said(form.cleaned_data))
            with translation.override("ko"):
                korean = (str(kind.label), kind.said(form.cleaned_data))
            if HANGUL.search("".join(english)) or not all(english) or not all(map(HANGUL.search, korean)):
                wrong.append((kind.key, english, korean))
    assert wrong == []


@pytest.mark.django_db
def test_form_fields_have_korean_labels():
    wrong = []
    for kind in (*steps.KINDS, *triggers.KINDS):
        with translation.override("ko"):
            fields = kind.form().fields
            wrong += [(kind.key, name) for name, field in fields.items() if not HANGUL.search(str(field.label))]
    assert wrong == []


def test_icons_exist():
    for kind in (*steps.KINDS, *triggers.KINDS):
        assert icons.drawing(kind.icon)


@pytest.mark.django_db
def test_documentation_names_every_kind_with_its_settings_and_outlets():
    lines = (ROOT / "docs/journey-steps.md").read_text().splitlines()
    of_steps, of_triggers = examples()
    for kind in (*steps.KINDS, *triggers.KINDS):
        (line,) = [line for line in lines if line.startswith(f"| `{kind.key}` |")]
        settings_, outlets = line.split("|")[3:5]
        missing = [name for name in kind.form.base_fields if not re.search(rf"\b{name}\b", settings_)]
        assert missing == [], kind.key
        if kind in steps.KINDS:
            form = kind.read(of_steps[kind.key][0])
            assert form.is_valid()
            fixed = {outlet.key for outlet in kind.outlets(form.cleaned_data)} - {"w1", "p1", "p2", "x1", "x2"}
            assert all(re.search(rf"\b{key}\b", outlets) for key in fixed), kind.key
    assert len(of_triggers) == len(triggers.KINDS)


@pytest.mark.parametrize(("folder", "kinds"), [("steps", steps.KINDS), ("triggers", triggers.KINDS)])
def test_every_kind_that_does_something_is_run_by_a_test(folder, kinds):
    here = Path(__file__).parent
    tests = "".join(path.read_text() for place in (folder, "calls") for path in here.glob(f"{place}/test_*.py"))
    untested = [kind.key for kind in kinds if f'"{kind.key}"' not in tests]
    assert untested in (["end"], ["by_hand"])  # these two do nothing
