"""Sentences of the timeline in both languages; josa and sort order of names."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from contacts.ledger.kinds import PastEvent, kind_of
from crm.kit.text import josa, sort_key

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def told(kind, language="en", **properties):
    event = PastEvent(1, 1, kind, NOW, NOW, None, None, properties)
    with translation.override(language):
        return str(kind_of(kind).sentence(event))


@pytest.mark.parametrize(
    ("kind", "properties", "sentence"),
    [
        ("contact.updated", {"changed": ["email", "title"]}, "Profile changed: E-mail, Title"),
        ("contact.updated", {"changed": {"city": ["a", "b"]}}, "Profile changed: City"),
        ("contact.updated", {"fields": "city, phone"}, "Profile changed: City, Phone"),
        ("contact.updated", {}, "Profile changed"),
        ("consent.granted", {"purpose": "marketing", "channel": "email"}, "Agreed: Marketing, E-mail"),
        ("consent.withdrawn", {"purpose": "night", "channel": "sms"}, "Refused: Messages at night, SMS"),
        ("consent.withdrawn", {}, "Withdrew consent"),
        ("stage.entered", {"name": "Educate", "name_ko": "교육"}, "Moved to the stage Educate"),
        ("call.logged", {"outcome": "no_answer"}, "Call: No answer"),
        ("call.logged", {"outcome": "later", "due_on": "2026-12-01"}, "Call: Later, again on Tue, Dec 1, 2026"),
        ("call.logged", {"outcome": "later", "due_on": "soon"}, "Call: Later"),
        ("consent.granted", {"purpose": "moon", "channel": "sms"}, "Agreed: moon, SMS"),
        ("call.logged", {"outcome": "moon"}, "Call: moon"),
        ("call.logged", {}, "Call"),
    ],
)
def test_sentence(kind, properties, sentence):
    assert told(kind, **properties) == sentence


def test_stage_is_named_in_the_readers_language():
    assert "교육" in told("stage.entered", "ko", name="Educate", name_ko="교육")


@pytest.mark.parametrize(
    ("word", "pair", "particle"),
    [("김철수", "은/는", "는"), ("한빛", "이/가", "이"), ("서울", "으로/로", "로"), ("부산", "으로/로", "으로"),
     ("7", "을/를", "을"), ("Emma", "은/는", "는"), ("Kim", "은/는", "은")],
)  # fmt: skip
def test_josa(word, pair, particle):
    assert josa(word, pair) == particle


def test_sort_key_puts_hangul_first_and_folds_case():
    assert sorted(["Zed", "apple", "Kim", "가나", "하늘"], key=sort_key) == ["가나", "하늘", "apple", "Kim", "Zed"]
