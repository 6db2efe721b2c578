"""What columns and codes of a person's data are called on the page; the file keeps the plain names and codes."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.commerce.models import OrderStatus
from contacts.consent import sources
from contacts.consent.models import Channel, Decision, Purpose
from contacts.leads.models import Outcome
from contacts.ledger.kinds import words_of

_WORDS: dict[str, Promise] = {
    "about": _("About"),
    "account": _("Account"),
    "address": _("Address"),
    "after": _("After"),
    "arrived_at": _("From"),
    "asked_at": _("Asked"),
    "at": _("Time"),
    "attributes": _("Attributes"),
    "basis": _("Basis"),
    "before": _("Before"),
    "birthday": _("Birthday"),
    "body": _("Content"),
    "channel": _("Channel"),
    "city": _("City"),
    "company": _("Company"),
    "confirmed_at": _("Confirmed"),
    "country": _("Country"),
    "created_at": _("Added"),
    "currency": _("Currency"),
    "decision": _("Decision"),
    "detail": _("Detail"),
    "double_opt_in_at": _("Confirmed by mail"),
    "due_on": _("Come back on"),
    "email": _("E-mail"),
    "end": _("End"),
    "ended_at": _("Until"),
    "entered_at": _("From"),
    "facts": _("Facts"),
    "first_at": _("First time"),
    "first_channel": _("First channel"),
    "first_facts": _("First source"),
    "frequency": _("Frequency"),
    "goal_at": _("Goal reached"),
    "included": _("Put in"),
    "ip_prefix": _("IP address (cut)"),
    "journey": _("Journey"),
    "key": _("Key"),
    "kind": _("Kind"),
    "language": _("Language"),
    "last_at": _("Last time"),
    "last_channel": _("Last channel"),
    "last_facts": _("Last source"),
    "left_at": _("Until"),
    "left_out": _("Left out because"),
    "lines": _("Products"),
    "made_at": _("Time"),
    "merged_into": _("Merged into"),
    "model": _("Model"),
    "monetary": _("Amount spent"),
    "moved": _("What was moved"),
    "name": _("Name"),
    "number": _("No."),
    "outcome": _("Outcome"),
    "outlet": _("Outlet"),
    "owner": _("Owner"),
    "phone": _("Phone"),
    "placed_at": _("Time"),
    "points": _("Points"),
    "postcode": _("Postcode"),
    "purpose": _("What for"),
    "purposes": _("What for"),
    "reason": _("Reason"),
    "recency": _("Recency"),
    "recorded_at": _("Recorded"),
    "recorded_by": _("Recorded by"),
    "refunded": _("Refunded"),
    "region": _("Region"),
    "roles": _("Roles in the account"),
    "rule": _("Rule"),
    "source": _("Source"),
    "stage": _("Stage"),
    "stage_since": _("Stage since"),
    "state": _("State"),
    "status": _("Status"),
    "step": _("Step"),
    "street": _("Street address"),
    "subject": _("Subject"),
    "text": _("Text"),
    "time_zone": _("Time zone"),
    "title": _("Title"),
    "topic": _("Topic"),
    "total": _("Total"),
    "under_14": _("Under 14"),
    "undone_at": _("Separated"),
    "updated_at": _("Changed"),
    "url": _("Address of the page"),
    "value": _("Value"),
    "wanted": _("Wanted"),
    "what": _("What happened"),
    "wording": _("Wording"),
    "wording_version": _("Version of the wording"),
}


def word(name: str) -> str:
    """Return the label of a column; its plain name where it has none."""
    return str(_WORDS.get(name, name))


def _one_of(choices: Iterable[tuple[Any, Any]]) -> Callable[[str], str]:
    known = dict(choices)
    return lambda code: str(known.get(code, code))


_CODES: dict[str, Callable[[str], str]] = {
    "channel": _one_of(Channel.choices),
    "decision": _one_of(Decision.choices),
    "kind": words_of,
    "outcome": _one_of(Outcome.choices),
    "purpose": _one_of(Purpose.choices),
    "source": sources.in_words,
    "status": _one_of(OrderStatus.choices),
}


def read(name: str, value: Any) -> Any:
    """Return what stands in a column, a code of ours in words; anything else as it is."""
    return _CODES[name](value) if isinstance(value, str) and name in _CODES else value
