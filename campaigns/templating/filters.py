"""The filters that templates may use. Every one is bounded: no filter can make a value of more than 64,000 letters."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from liquid import RenderContext
from liquid.exceptions import FilterArgumentError, ResourceLimitError
from liquid.filter import with_context
from liquid.undefined import is_undefined
from markupsafe import Markup

from crm.kit.text import josa

LONGEST_VALUE = 64_000
LONGEST_LIST = 1_000
LARGEST_NUMBER = 10**30
# Taken over from Liquid as they are, but for the bounds. "safe" is not among them: data is never marked safe.
BORROWED = (
    *("abs", "at_most", "at_least", "ceil", "divided_by", "floor", "minus", "plus", "round", "times", "modulo"),
    *("capitalize", "append", "downcase", "escape", "escape_once", "lstrip", "newline_to_br", "prepend", "remove"),
    *("remove_first", "replace_first", "rstrip", "slice", "split", "strip", "strip_html", "strip_newlines", "truncate"),
    *("truncatewords", "upcase", "url_encode", "join", "first", "last", "size", "sort", "uniq", "compact", "reverse"),
    "default",
)
WEEKDAYS_KO = "월화수목금토일"
CURRENCY_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "KRW": "₩"}
WITHOUT_DECIMALS = {"KRW", "JPY", "VND", "CLP"}


def _language(context: RenderContext) -> str:
    mail = context.globals.get("mail")
    return str(mail.get("language", "en")) if isinstance(mail, Mapping) else "en"


def _setting(context: RenderContext, key: str, otherwise: str) -> str:
    mail = context.globals.get("mail")
    return str(mail.get(key, otherwise)) if isinstance(mail, Mapping) else otherwise


def _text(value: object) -> str:
    return "" if value is None or is_undefined(value) else str(value).strip()


@with_context
def nim(value: object, *, context: RenderContext) -> str:
    """Return how to address a person: "김철수 님", "고객님" without a name; "Anna", "there" in English."""
    name = _text(value)
    if _language(context) == "ko":
        return f"{name} 님" if name else "고객님"
    return name or "there"


def particle(value: object, pair: str) -> str:
    """Return the value with the Korean particle of `pair` ("은/는") that fits its last letter."""
    word = _text(value)
    if pair.count("/") != 1:
        raise FilterArgumentError('josa needs a pair such as "은/는"', token=None)
    return word + josa(word, pair) if word else ""


@with_context
def money(value: object, currency: str = "", *, context: RenderContext) -> str:
    """Return an amount as the reader writes it: 12,000원, ₩12,000, $12.50. What is no number is left as it is."""
    amount = _number(value)
    if amount is None:
        return _text(value)
    code = currency or _setting(context, "currency", "KRW")
    digits = f"{amount:,.0f}" if code in WITHOUT_DECIMALS else f"{amount:,.2f}"
    if code == "KRW" and _language(context) == "ko":
        return f"{digits}원"
    sign = CURRENCY_SIGNS.get(code, f"{code} ")
    return f"-{sign}{digits[1:]}" if digits.startswith("-") else f"{sign}{digits}"


def _number(value: object) -> Decimal | None:
    try:
        amount = Decimal(_text(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < LARGEST_NUMBER else None


@with_context
def number(value: object, *, context: RenderContext) -> str:  # noqa: ARG001 - all our languages group by thousands
    """Return a number with separators: 12,000 or 1,234.5. What is no number is left as it is."""
    amount = _number(value)
    return _text(value) if amount is None else f"{amount.normalize():,f}"


@with_context
def day(value: object, form: str = "long", *, context: RenderContext) -> str:
    """Return a date as the reader writes it: "2026. 11. 21. (토)" or "Sat, 21 Nov 2026"; `form` is long, short or time.

    Accepts dates, datetimes (shown in the company's or the contact's time zone) and ISO texts; anything else stays.
    """
    moment = _moment(value, _zone(_setting(context, "time_zone", "UTC")))
    if moment is None:
        return _text(value)
    shapes = _KOREAN_DATES if _language(context) == "ko" else _ENGLISH_DATES
    if form not in shapes:
        raise FilterArgumentError(f'date knows {", ".join(shapes)}, not "{form}"', token=None)
    return shapes[form](moment)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise FilterArgumentError(f'the time zone "{name}" does not exist', token=None) from error


def _moment(value: object, zone: ZoneInfo) -> datetime | date | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if "T" in value or " " in value else date.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(zone)
    return value if isinstance(value, date) else None


def _english_day(day: date) -> str:
    return f"{day:%a}, {day.day} {day:%b} {day.year}"


def _korean_day(day: date) -> str:
    return f"{day.year}. {day.month}. {day.day}. ({WEEKDAYS_KO[day.weekday()]})"


def _clock(day: date) -> str:
    return f"{day:%H:%M}" if isinstance(day, datetime) else ""


_ENGLISH_DATES: dict[str, Callable[[date], str]] = {
    "long": _english_day,
    "short": lambda day: f"{day.day} {day:%b}",
    "time": lambda day: f"{_english_day(day)} {_clock(day)}".strip(),
}
_KOREAN_DATES: dict[str, Callable[[date], str]] = {
    "long": _korean_day,
    "short": lambda day: f"{day.month}월 {day.day}일",
    "time": lambda day: f"{_korean_day(day)} {_clock(day)}".strip(),
}


def replace(value: object, old: object, new: object = "") -> object:
    """Return the text with `old` replaced; the size of the result is known before it is made."""
    text, part, other = ("" if v is None else v if isinstance(v, str) else str(v) for v in (value, old, new))
    if part and text.count(part) * len(other) > LONGEST_VALUE:
        raise ResourceLimitError("the text became too long", token=None)
    return text.replace(part, other) if part else text


OWN: dict[str, Callable[..., Any]] = {
    "nim": nim,
    "josa": particle,
    "money": money,
    "number": number,
    "date": day,
    "replace": replace,
}


def bounded(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """Return the filter with its arguments and its result held to a size that cannot hurt."""

    @wraps(filter_)
    def hold(*args: Any, **kwargs: Any) -> Any:
        for value in args:
            _refuse_huge(value)
        result = filter_(*args, **kwargs)
        _refuse_huge(result)
        return result

    return hold


def _refuse_huge(value: object) -> None:
    if isinstance(value, (str, Markup)) and len(value) > LONGEST_VALUE:
        raise ResourceLimitError("the text became too long", token=None)
    if isinstance(value, (list, tuple, range)) and (len(value) > LONGEST_LIST or _letters(value) > LONGEST_VALUE):
        raise ResourceLimitError("the list became too long", token=None)
    if isinstance(value, int | float | Decimal) and not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        raise ResourceLimitError("the number became too large", token=None)


def _letters(values: list[object] | tuple[object, ...] | range) -> int:
    return 0 if isinstance(values, range) else sum(len(v) for v in values if isinstance(v, str))
