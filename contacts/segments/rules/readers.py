"""How the value of a condition is read from JSON, kept, and said in words: one reader for each shape of value."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from contacts.segments.errors import Wrong
from contacts.segments.rules.fields.field import Field
from contacts.segments.rules.value_type import Type
from contacts.segments.rules.words import each, either, neither, quoted
from crm.kit import figures
from crm.kit.text import clean_line

LONGEST_TEXT = 200
MOST_VALUES = 500
_LARGEST = 10**15


@dataclass(frozen=True)
class Reader:
    """`read` raises Wrong; `stored` is its inverse; `words` says a value in the active language.

    `widget` tells the builder which input to draw.
    """

    widget: str
    read: Callable[[Any, Field], Any]
    stored: Callable[[Any], Any]
    words: Callable[[Any, Field], str]


# --- texts ----------------------------------------------------------------------------------------------------------
def _read_text(raw: Any, _field: Field) -> str:
    if not isinstance(raw, str) or not (text := clean_line(raw.replace("\n", " "))):
        raise Wrong(_("Write a text."))
    if len(text) > LONGEST_TEXT:
        raise Wrong(_("At most %(limit)d characters, please.") % {"limit": LONGEST_TEXT})
    return text


def _several(raw: Any) -> list[Any]:
    if not isinstance(raw, list) or not raw:
        raise Wrong(_("Choose at least one value."))
    if len(raw) > MOST_VALUES:
        raise Wrong(_("At most %(limit)d values, please.") % {"limit": MOST_VALUES})
    return raw


def _read_texts(raw: Any, field: Field) -> tuple[str, ...]:
    found = []
    for place, one in enumerate(_several(raw)):
        try:
            found.append(_read_text(one, field))
        except Wrong as error:
            raise Wrong(str(error), place) from error
    return tuple(dict.fromkeys(found))


# --- numbers --------------------------------------------------------------------------------------------------------
def _read_number(raw: Any, _field: Field) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise Wrong(_("Write a number."))
    if not -_LARGEST < raw < _LARGEST:  # neither infinite nor "not a number"
        raise Wrong(_("A number has at most 15 digits."))
    return Decimal(str(raw))


def _stored_number(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def number_in_words(number: Decimal | float, field: Field) -> str:
    """Return a number as the field's type says it: money with its currency."""
    if field.type is Type.MONEY:
        return figures.money(number)
    plain = Decimal(str(number))
    return figures.count(int(plain)) if plain == plain.to_integral_value() else f"{plain.normalize():,f}"


def _read_pair(raw: Any, field: Field) -> tuple[Decimal, Decimal]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise Wrong(_("Write two numbers."))
    least, most = (_read_number(one, field) for one in raw)
    if least > most:
        raise Wrong(_("The first number is larger than the second."))
    return least, most


def _pair_in_words(pair: tuple[Decimal, Decimal], field: Field) -> str:
    words = {"least": number_in_words(pair[0], field), "most": number_in_words(pair[1], field)}
    return _("%(least)s and %(most)s") % words


def _read_count(raw: Any, _field: Field) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= 100_000:
        raise Wrong(_("Write a whole number from 0 to %(limit)s.") % {"limit": "100,000"})
    return raw


# --- choices --------------------------------------------------------------------------------------------------------
def _read_choices(raw: Any, field: Field) -> tuple[Any, ...]:
    """Return the values in the order given. What was deleted, or never was, is named."""
    values = tuple(dict.fromkeys(_choice(one, place) for place, one in enumerate(_several(raw))))
    known = field.choices.labels(values) if field.choices else {}
    for place, value in enumerate(values):
        if value not in known and field.choices and field.choices.closed:
            raise Wrong(_gone(field, value), place, gone=True)
    return values


def _choice(raw: Any, place: int) -> str | int:
    if isinstance(raw, str) and 0 < len(raw) <= LONGEST_TEXT:
        return clean_line(raw.replace("\n", " "))
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw < 2**63:
        return raw
    raise Wrong(_("This is none of the choices."), place)


def _gone(field: Field, value: Any) -> str:
    return _("%(field)s: “%(value)s” does not exist (any more).") % {"field": field.label, "value": value}


def _chosen_in_words(values: tuple[Any, ...], field: Field) -> list[str]:
    known = field.choices.labels(values) if field.choices else {}
    return [quoted(known.get(value, str(value))) for value in values]


def _nothing(_raw: Any, _field: Field) -> None:
    return None


def _same(value: Any) -> Any:
    return value


def _saying(words: Callable[[Any, Field], list[str]], join: Callable[[list[str]], str]) -> Callable[[Any, Field], str]:
    return lambda values, field: join(words(values, field))


def _texts_in_words(texts: tuple[str, ...], _field: Field) -> list[str]:
    return [quoted(text) for text in texts]


NOTHING = Reader("none", _nothing, _same, lambda _value, _field: "")
TEXT = Reader("text", _read_text, _same, lambda text, _field: quoted(text))
TEXTS = Reader("texts", _read_texts, list, _saying(_texts_in_words, either))
NUMBER = Reader("number", _read_number, _stored_number, number_in_words)
PAIR = Reader("numbers", _read_pair, lambda pair: [_stored_number(one) for one in pair], _pair_in_words)
COUNT = Reader("count", _read_count, _same, lambda count, _field: figures.count(count))
CHOICES = Reader("choices", _read_choices, list, _saying(_chosen_in_words, either))

# The same values, said where all of them are meant, or none.
ALL_TEXTS, NO_TEXTS = (replace(TEXTS, words=_saying(_texts_in_words, join)) for join in (each, neither))
ALL_CHOICES, NO_CHOICES = (replace(CHOICES, words=_saying(_chosen_in_words, join)) for join in (each, neither))
