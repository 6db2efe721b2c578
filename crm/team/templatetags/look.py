"""Tags and filters every template has without loading them (a builtin library): permissions, icons, figures, forms."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.template.context import RequestContext
from django.template.defaultfilters import stringfilter
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.kit import clock, figures, icons
from crm.kit.text import is_hangul
from crm.team import permissions
from crm.team.trail.kinds import history_url

register = template.Library()
_LEGAL_FORM = re.compile(r"㈜|\((?:주|유|재|사)\)|^(?:주식회사|유한회사)\s|\s(?:주식회사|유한회사)$")

register.simple_tag(icons.icon, name="icon")
register.filter("count", figures.count)
register.filter("short_count", figures.short_count)
register.filter("percent", figures.percent)
register.filter("day", figures.day)
register.filter("calendar_day", figures.calendar_day)


@register.simple_tag(takes_context=True)
def may(context: RequestContext, action: str) -> bool:
    """Tell whether the reader may do `action`: {% may "contact.edit" as can_edit %}."""
    request = context.get("request")
    return request is not None and permissions.may(request.user, action)


@register.inclusion_tag("components/history.html", takes_context=True)
def history(context: RequestContext) -> dict[str, Any]:
    """Offer what happened to the object whose page this is, read when opened; nothing on other pages."""
    request = context.get("request")
    matched = getattr(request, "resolver_match", None)
    if request is None or matched is None:
        return {}
    return {"history_url": history_url(matched.view_name, matched.kwargs, request.user)}


@register.filter
def money(amount: Decimal | float | None, currency: str = "") -> str:
    """Show an amount in the company's currency, or in the one given; a dash for none."""
    return "–" if amount is None else figures.money(amount, currency)


@register.simple_tag
def person_time(moment: datetime | None, style: str = "short") -> SafeString | str:
    """Show a time in the reader's zone, the whole of it on pointing. `style` is short, away (3 days ago) or day."""
    if moment is None:
        return "–"
    now = clock.now()
    shown = {
        "short": lambda: figures.short_time(moment, now),
        "away": lambda: figures.time_away(moment, now),
        "day": lambda: figures.day(moment),
    }[style]()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), figures.day_and_time(moment), shown
    )


@register.filter
@stringfilter
def breakable(address: str) -> SafeString | str:
    """Let a long e-mail address break after its @, not before its last letter."""
    name, at, domain = address.partition("@")
    return format_html("{}@<wbr>{}", name, domain) if at else address


@register.filter
def initials(name: str) -> str:
    """Return one or two letters for an avatar: the given name of a Hangul name (김서연 is 서연), else first letters.

    What a company is by law is no part of its name: ㈜누리봄 is 리봄.
    """
    words = _LEGAL_FORM.sub(" ", name).split() or name.split()
    if not words:
        return "?"
    if is_hangul(words[0][0]):
        whole = "".join(words)
        return whole[1:3] if len(whole) > 2 else whole[-1:]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def hue(name: str) -> int:
    """Return one of six avatar colours (1 to 6), always the same for a name."""
    return sum(ord(letter) for letter in name) % 6 + 1


# Lists draw these two hundreds of times: as tags they cost a fifth of an include.
@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    """Draw initials for a person; decorative, so the name must stand beside it. `size` is "" or "lg"."""
    css = f"is-{size}" if size else ""
    return format_html('<span class="wf-avatar is-{} {}" aria-hidden="true">{}</span>', hue(name), css, initials(name))


@register.simple_tag
def badge(text: object, tone: str = "", icon: str = "") -> SafeString:
    """Draw a few words in a tone: "good", "warn", "bad", "info", "brand", "hot"; "" is grey."""
    css, drawn = f" is-{tone}" if tone else "", icons.icon(icon) if icon else ""
    return format_html('<span class="wf-badge{}">{}<span>{}</span></span>', css, drawn, text)


_CLASSES = {"checkbox": "form-check-input", "select": "form-select", "selectmultiple": "form-select"}
_BARE = frozenset({"checkboxselectmultiple", "radioselect", "hidden", "multiplehidden", "clearablefile"})


@register.filter
def control(field: BoundField) -> SafeString:
    """Draw a form field's widget in the product's look; classes the widget brings itself are kept."""
    kind = field.widget_type
    if kind in _BARE:
        return field.as_widget()
    own = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{_CLASSES.get(kind, 'form-control')} {own}".strip()})


def _sort_state(context: RequestContext, key: str, label: str) -> dict[str, Any]:
    """Return what a sortable column head shows, from ?sort= in the address (`-` in front for falling)."""
    request = context["request"]
    current = request.GET.get("sort") or str(context.get("default_sort", ""))
    query = request.GET.copy()
    query["sort"] = f"-{key}" if current == key else key
    for cursor in ("after", "cursor", "page"):
        query.pop(cursor, None)
    state = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    return {"label": label, "href": f"?{query.urlencode()}", "state": state}


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(context: RequestContext, key: str, label: str, number: bool = False) -> dict[str, Any]:
    """Draw a <th> that sorts by `key`: {% sort_header "name" _("Name") %}; put `default_sort` into the context."""
    return {**_sort_state(context, key, label), "number": number}
