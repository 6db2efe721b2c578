"""Money, counts and times as a reader of one language expects them. Used by templates, mails and charts."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

WITHOUT_DECIMALS = frozenset({"KRW", "JPY", "VND"})
SYMBOLS = {"KRW": "₩", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_KOREAN_STEPS = ((10**12, "조"), (10**8, "억"), (10**4, "만"))
_LATIN_STEPS = ((10**9, "B"), (10**6, "M"), (10**3, "K"))
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_WEEKDAYS_KO = "월화수목금토일"


def _korean() -> bool:
    return (get_language() or "").startswith("ko")


def money(amount: Decimal | float, currency: str = "") -> str:
    """Return an amount of `currency` (ISO code; the company's when empty): 12,000원 in Korean, ₩12,000 in English."""
    currency = currency or settings.COMPANY_CURRENCY
    places = 0 if currency in WITHOUT_DECIMALS else 2
    amount = Decimal(amount)
    text = formats.number_format(abs(amount), decimal_pos=places, use_l10n=True, force_grouping=True)
    sign = "-" if round(amount, places) < 0 else ""
    if currency == "KRW" and _korean():
        return f"{sign}{text}원"
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{text}" if symbol else f"{sign}{text} {currency}"


def count(number: int) -> str:
    """Return a whole number with thousands marked."""
    return formats.number_format(number, use_l10n=True, force_grouping=True)


def short_count(number: float) -> str:
    """Return a number in at most five letters for tiles and charts: 12.4K in English, 1.2만 in Korean."""
    steps = _KOREAN_STEPS if _korean() else _LATIN_STEPS
    for (step, mark), (below, _mark) in pairwise((*steps, (1, ""))):
        if abs(number) >= step - below / 2:  # what would round up to a whole `step` is written in it: 1M, never 1,000K
            scaled = number / step
            return f"{scaled:.1f}".removesuffix(".0") + mark if abs(scaled) < 100 else f"{scaled:,.0f}{mark}"
    return count(round(number))


def percent(share: float | None, places: int = 1) -> str:
    """Return a share (0 to 1) as 12.3 %; a dash where there is nothing to divide by."""
    return "–" if share is None else f"{formats.number_format(share * 100, decimal_pos=places)}%"


def day(moment: datetime) -> str:
    """Return the date in the reader's zone: Nov 21, 2026 (Sat) or 2026. 11. 21. (토)."""
    return calendar_day(timezone.localtime(moment).date())


def calendar_day(on: date) -> str:
    """Return a date that has no time and so no zone, as `day` writes one."""
    return _written(date(on.year, on.month, on.day), get_language())


@lru_cache(4_000)  # a list of 50 people writes 150 of them, an eighth of its time
def _written(on: date, _language: str | None) -> str:
    if _korean():
        return f"{on.year}. {on.month}. {on.day}. ({_WEEKDAYS_KO[on.weekday()]})"
    return formats.date_format(on, "D, M j, Y")


def day_and_time(moment: datetime) -> str:
    """Return date, time and zone, as shown when one points at a short time."""
    local = timezone.localtime(moment)
    return f"{day(moment)} {local:%H:%M} {local.tzname()}"


def short_time(moment: datetime, now: datetime) -> str:
    """Return the shortest form that is still clear on the day of `now`: 14:03, Nov 3 14:03, or a date."""
    local, today = timezone.localtime(moment), timezone.localtime(now)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    if local.year != today.year:
        return day(moment)
    date = f"{local.month}. {local.day}." if _korean() else formats.date_format(local, "M j")
    return f"{date} {local:%H:%M}"


def time_away(moment: datetime, now: datetime) -> str:
    """Return how far `moment` is from `now` in whole sentences of the language: 3 minutes ago, in 2 days."""
    seconds = (now - moment).total_seconds()
    if abs(seconds) < _MINUTE:
        return _("just now") if seconds >= 0 else _("in a moment")
    size, ago, ahead = _unit(abs(seconds))
    return (ago if seconds > 0 else ahead) % {"n": size}


def _unit(seconds: float) -> tuple[int, str, str]:
    """Return the size in the largest fitting unit, with its sentence for the past and for the future."""
    if seconds < _HOUR:
        n = int(seconds // _MINUTE)
        return (
            n,
            ngettext("%(n)d minute ago", "%(n)d minutes ago", n),
            ngettext("in %(n)d minute", "in %(n)d minutes", n),
        )
    if seconds < _DAY:
        n = int(seconds // _HOUR)
        return n, ngettext("%(n)d hour ago", "%(n)d hours ago", n), ngettext("in %(n)d hour", "in %(n)d hours", n)
    if seconds < 60 * _DAY:
        n = int(seconds // _DAY)
        return n, ngettext("%(n)d day ago", "%(n)d days ago", n), ngettext("in %(n)d day", "in %(n)d days", n)
    n = int(seconds // (30.44 * _DAY))
    return n, ngettext("%(n)d month ago", "%(n)d months ago", n), ngettext("in %(n)d month", "in %(n)d months", n)
