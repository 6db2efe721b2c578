"""Segments that every team needs, to begin with: definitions with name and description in the reader's language."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Starter:
    """One template of a segment; `icon` is a Tabler icon's name."""

    key: str
    name: Promise
    description: Promise
    icon: str
    rule: dict[str, Any]

    @property
    def definition(self) -> dict[str, Any]:
        """The definition that the builder begins with."""
        return {"version": 1, "rule": self.rule}


def _last(n: int) -> dict[str, Any]:
    return {"last": {"n": n, "unit": "days"}}


def _did(kind: str, days: int) -> dict[str, Any]:
    return {"did": kind, "window": _last(days)}


def _never(kind: str, window: dict[str, Any]) -> dict[str, Any]:
    return {"did": kind, "times": {"operator": "never"}, "window": window}


def _field(key: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": key, "operator": operator} | ({} if value is None else {"value": value})


def _days(n: int) -> dict[str, Any]:
    return {"n": n, "unit": "days"}


_KNOWN = _field("known", "yes")
_STARTERS = (
    Starter(
        "active",
        _("Active in the last 30 days"),
        _("Did something themselves within 30 days: a visit, a click, an order."),
        "activity",
        {"all": [_field("last_seen", "in_last", _days(30))]},
    ),
    Starter(
        "quiet",
        _("Quiet for 30 days"),
        _("With an address, and not seen for 30 days or ever."),
        "moon",
        {"all": [_KNOWN, _field("last_seen", "in_last_not", _days(30))]},
    ),
    Starter(
        "never-opened",
        _("Got mails, opened none in 90 days"),
        _("Candidates for one last mail, and then for peace."),
        "mail-off",
        {"all": [_did("mail.sent", 90), _never("mail.opened", _last(90))]},
    ),
    Starter(
        "opened-not-clicked",
        _("Opened, but did not click"),
        _("Interested enough to open within 14 days, not convinced enough to click."),
        "mail-opened",
        {"all": [_did("mail.opened", 14), _never("mail.clicked", _last(14))]},
    ),
    Starter(
        "hot-without-owner",
        _("Hot leads nobody looks after"),
        _("High scores without an owner: hand them to somebody today."),
        "flame",
        {"all": [_field("grade", "is_any_of", ["hot"]), _field("owner", "missing")]},
    ),
    Starter(
        "new",
        _("New this week"),
        _("Added since Monday."),
        "user-plus",
        {"all": [_field("created_at", "in_period", "this_week")]},
    ),
    Starter(
        "customers",
        _("Customers"),
        _("Ordered at least once."),
        "receipt",
        {"all": [_field("orders", "at_least", 1)]},
    ),
    Starter(
        "bought-again",
        _("Bought twice or more"),
        _("At least two orders: people who came back."),
        "repeat",
        {"all": [_field("orders", "at_least", 2)]},
    ),
    Starter(
        "cart-left",
        _("Left a cart"),
        _("Changed a cart in the last 3 days, and ordered nothing since."),
        "shopping-cart",
        {
            "all": [
                _did("cart.updated", 3),
                _never("order.placed", {"since": {"did": "cart.updated", "which": "last"}}),
            ]
        },
    ),
    Starter(
        "birthday",
        _("Birthday within a week"),
        _("Today or in the next 7 days, in each person's own time zone."),
        "cake",
        {"all": [_field("birthday", "yearly_within_days", 7) | {"zone": "contact"}]},
    ),
    Starter(
        "consent-missing",
        _("Never asked for consent"),
        _("With an address, but neither agreed to mails nor refused them."),
        "shield-question",
        {"all": [_KNOWN, _field("consent.marketing.email", "is_any_of", ["unknown"])]},
    ),
    Starter(
        "at-risk",
        _("Customers at risk"),
        _("Ordered before, but not in the last 90 days, and not seen for 30."),
        "alert-triangle",
        {
            "all": [
                _field("orders", "at_least", 1),
                _field("order_last", "more_than_ago", _days(90)),
                _field("last_seen", "in_last_not", _days(30)),
            ]
        },
    ),
)
STARTERS = {starter.key: starter for starter in _STARTERS}
