"""The guide says what the screen says: every label it quotes in bold, in either language, is a string of it."""

from collections import defaultdict

import polib
import pytest
from django.conf import settings

from crm.home.guide import pages
from crm.home.guide.writing import PICTURES, Written

KEYS = [page.key for page in pages.PAGES]
FOLDER = settings.BASE_DIR / "docs" / "guide"


@pytest.fixture(scope="module")
def catalogue() -> dict[str, set[str]]:
    """Return the Korean of every English string of the product."""
    found = defaultdict(set)
    for entry in polib.pofile(settings.BASE_DIR / "locale/ko/LC_MESSAGES/django.po"):
        if not entry.obsolete:
            found[entry.msgid] |= {entry.msgstr, *entry.msgstr_plural.values()} - {""}
    return found


def _source(language: str, key: str) -> str:
    return (FOLDER / language / f"{key}.md").read_text(encoding="utf-8")


def _both(key: str) -> tuple[Written, Written]:
    return pages.read(key, "en"), pages.read(key, "ko")


def test_every_file_is_a_page_in_both_languages():
    for language in pages.LANGUAGES:
        assert sorted(path.stem for path in (FOLDER / language).iterdir()) == sorted(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_labels_in_bold_are_strings_of_the_product(key, catalogue):
    english, korean = _both(key)
    said = set().union(*catalogue.values())
    assert [label for label in english.labels if label not in catalogue] == []
    assert [label for label in korean.labels if label not in said] == []


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_quote_the_same_labels(key, catalogue):
    english, korean = _both(key)
    meant = {label: catalogue[label] for label in english.labels}
    assert [label for label, words in meant.items() if not words & set(korean.labels)] == []
    assert set(korean.labels) <= set().union(*meant.values())


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_have_the_same_sections_and_pictures(key):
    english, korean = _both(key)
    assert [s.rank for s in english.sections] == [s.rank for s in korean.sections]
    assert [p.replace("-en-", "-ko-") for p in english.pictures] == list(korean.pictures)


@pytest.mark.parametrize("language", pages.LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_pictures_are_there_and_no_mark_is_left_over(key, language):
    written = pages.read(key, language)
    assert [p for p in written.pictures if not (pages.PICTURES / p.removeprefix(PICTURES)).is_file()] == []
    assert len(written.pictures) >= 2
    assert "**" not in written.html
    assert "](" not in written.html
    assert written.html.count("<strong>") == _source(language, key).count("**") / 2 == len(written.labels)


def test_a_label_that_is_no_string_is_found(catalogue):
    assert "Save and check" in catalogue
    assert "저장하고 점검" in catalogue["Save and check"]
    assert "Send it all" not in catalogue


def test_words_of_the_code_stay_out():
    inside = ("ledger", "follower", "enrolment", "suppression", "uncertain", "half-life")
    for key in KEYS:
        assert [word for word in inside if word in _source("en", key).lower()] == []
