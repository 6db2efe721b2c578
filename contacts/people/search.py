"""Finding people by what one types: parts of name, address, company or phone number."""

import re
import unicodedata

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, IntegerField, TextField, Value
from django.db.models.functions import StrIndex

from contacts.people.generated import Bigrams, Initials
from contacts.people.models import ContactQuerySet
from contacts.people.phone import query_digits
from contacts.people.pieces import rarest

_TRAILING_JAMO = re.compile(r"[\u1100-\u11ff\u3131-\u318e]+\Z")
_ONLY_CONSONANTS = re.compile(r"[ㄱ-ㅎ]+\Z")
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_PER_INITIAL = 588  # syllables that begin with one consonant, side by side in Unicode
LONGEST_QUERY = 100


def wanted(typed: str) -> str:
    """Return what is looked for: NFC, lower case, single spaces, without an unfinished syllable at the end."""
    text = " ".join(unicodedata.normalize("NFC", typed[:LONGEST_QUERY]).replace("\0", "").lower().split())
    return text if _ONLY_CONSONANTS.match(text.replace(" ", "")) else _TRAILING_JAMO.sub("", text).strip()


def matching(people: ContactQuerySet, typed: str, *, many: bool = False) -> ContactQuerySet:
    """Keep the people that hold every word of `typed`; a single letter must begin the name.

    `many`: it is known that a great many do, so that the first ones of an order are met soon without an index.
    """
    text = wanted(typed)
    if digits := query_digits(text):
        return _holding(people, digits, many)
    if len(text) > 1 and _ONLY_CONSONANTS.match(text):
        return _with_initials(people, text, many)
    if len(text) == 1:
        return _beginning(people, text)
    for word in text.split():
        people = _holding(people, word, many)
    return people


def _holding(people: ContactQuerySet, word: str, many: bool) -> ContactQuerySet:
    if many:  # as a place, of which PostgreSQL takes every third for found: by LIKE it looks for a few among all
        return people.alias(_place=StrIndex(F("search_text"), Value(word))).filter(_place__gt=0)
    found = people.filter(search_text__contains=word)  # LIKE, with %, _ and \ escaped by Django
    if len(word) < 2 or not (pieces := rarest(word)):
        return found
    return found.alias(_bigrams=Bigrams(F("search_text"))).filter(
        _bigrams__contains=Value(pieces, output_field=ArrayField(TextField()))
    )


def _with_initials(people: ContactQuerySet, consonants: str, many: bool) -> ContactQuerySet:
    """The index finds pairs of initials; the name itself is checked by ranges of syllables, not by their initials.

    Computing the initials of each row found again cost 100 µs a row, the ranges cost 2.
    """
    if not (pattern := initials_pattern(consonants)):
        return people.none()
    if many:
        place = Func(F("name"), Value(pattern), function="regexp_instr", output_field=IntegerField())
        return people.alias(_place=place).filter(_place__gt=0)
    found = people.alias(_pieces=Bigrams(Initials(F("name"))))
    return found.filter(_pieces__contains=Bigrams(Value(consonants)), name__regex=pattern)


def initials_pattern(text: str) -> str:
    """Return the pattern of names whose syllables begin with these consonants; "" for any other text."""
    if len(text) < 2 or not set(text) <= set(_INITIALS):  # ㄳ and its like begin no syllable
        return ""
    return "[^가-힣]*".join("[{}-{}]".format(*_syllables(letter)) for letter in text)


def _syllables(initial: str) -> tuple[str, str]:
    """Return the first and the last syllable that begin with a consonant."""
    first = ord("가") + _INITIALS.index(initial) * _PER_INITIAL
    return chr(first), chr(first + _PER_INITIAL - 1)


def _beginning(people: ContactQuerySet, letter: str) -> ContactQuerySet:
    """A range of the sort key, so that its index serves."""
    first = last = letter
    if letter in _INITIALS:
        first, last = _syllables(letter)
    kind = "0" if "가" <= first <= "힣" else "1"
    return people.filter(sort_key__gte=kind + first, sort_key__lt=kind + last + "\U0010ffff")
