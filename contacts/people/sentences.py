"""How the events of people read in a timeline, where a plain pattern does not do. Used by the catalogue of kinds."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contacts.consent.models import Channel, Purpose
from contacts.leads.models import Outcome
from contacts.ledger.kinds import PastEvent
from contacts.segments.naming import said
from crm.kit import figures


def _fields(keys: Iterable[Any]) -> str:
    labels = {
        "name": _("Name"), "email": _("E-mail"), "phone": _("Phone"), "title": _("Title"), "company": _("Company"),
        "account_roles": _("Roles in the account"), "language": _("Language"), "time_zone": _("Time zone"),
        "country": _("Country"), "region": _("Region"), "city": _("City"), "postcode": _("Postcode"),
        "street": _("Street address"), "birthday": _("Birthday"), "under_14": _("Under 14"), "source": _("Source"),
        "attributes": _("Attributes"),
    }  # fmt: skip
    return ", ".join(labels.get(str(key), str(key)) for key in keys)


def profile_changed(event: PastEvent) -> str:
    """Say which fields of a profile were changed."""
    changed = event.properties.get("changed")
    if changed is None:  # an import writes the names as one text
        changed = [name for name in str(event.properties.get("fields", "")).split(", ") if name]
    if not isinstance(changed, (list, dict)) or not changed:
        return _("Profile changed")
    return _("Profile changed: {fields}").format(fields=_fields(changed))


def agreed(event: PastEvent) -> str:
    """Say to what the person agreed."""
    what = _about(event)
    return _("Agreed: {what}").format(what=what) if what else _("Gave consent")


def refused(event: PastEvent) -> str:
    """Say what the person refused."""
    what = _about(event)
    return _("Refused: {what}").format(what=what) if what else _("Withdrew consent")


def points_given(event: PastEvent) -> str:
    """Say how many points were given or taken, and why."""
    points = event.value or Decimal(0)
    said = _("Given {points} points: {reason}") if points > 0 else _("Taken {points} points: {reason}")
    return said.format(points=f"{abs(points).normalize():f}", reason=event.properties.get("reason", ""))


def _about(event: PastEvent) -> str:
    facts = event.properties
    words = [_label(Purpose, facts.get("purpose", "")), _label(Channel, facts.get("channel", ""))]
    return ", ".join(word for word in words if word)


def _label(choices: type[TextChoices], key: object) -> str:
    """Return the word for a stored key; one that is not known any more stands for itself."""
    return str(choices(key).label) if key in choices.values else str(key)


def topic_wanted(event: PastEvent) -> str:
    """Say of which topic the person wants mails."""
    name = _in_language(event)
    return _("Wants mails about {name}").format(name=name) if name else _("Wants mails about a topic")


def topic_refused(event: PastEvent) -> str:
    """Say of which topic the person wants no mails."""
    name = _in_language(event)
    return _("Wants no mails about {name}").format(name=name) if name else _("Refused a topic")


def stage_entered(event: PastEvent) -> str:
    """Say to which stage the person moved, in the reader's language."""
    name = _in_language(event)
    return _("Moved to the stage {name}").format(name=name) if name else _("Moved to a stage")


def _in_language(event: PastEvent) -> str:
    facts = event.properties
    return str((facts.get("name_ko") if get_language() == "ko" else None) or facts.get("name") or "")


def segment_entered(event: PastEvent) -> str:
    """Say which segment the person entered."""
    name = said(str(event.properties.get("name", "")))
    return _("Entered the segment {name}").format(name=name) if name else _("Entered a segment")


def segment_left(event: PastEvent) -> str:
    """Say which segment the person left."""
    name = said(str(event.properties.get("name", "")))
    return _("Left the segment {name}").format(name=name) if name else _("Left a segment")


def called(event: PastEvent) -> str:
    """Say what came of a call, and the day to come back when there is one."""
    outcome = _label(Outcome, event.properties.get("outcome", ""))
    if not outcome:
        return _("Call")
    day = _day(str(event.properties.get("due_on", "")))
    if day:
        return _("Call: {outcome}, again on {day}").format(outcome=outcome, day=day)
    return _("Call: {outcome}").format(outcome=outcome)


def _day(raw: str) -> str:
    try:
        return figures.calendar_day(date.fromisoformat(raw))
    except ValueError:
        return ""
