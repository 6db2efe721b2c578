"""The score model and rules that ship. Loaded by a data migration; afterwards they are data."""

from django.utils.translation import gettext_noop as _

DEFAULT_MODEL = {"name": _("Engagement"), "half_life": 14.0, "warm_at": 20.0, "hot_at": 60.0}


def _rule(name: str, kind: str, points: float, cap: int | None = None, **only: str) -> dict[str, object]:
    """Return a rule counted at most `cap` times a day; `only` holds conditions as property=text it contains."""
    conditions = [{"property": key, "operator": "contains", "value": value} for key, value in only.items()]
    return {"name": name, "kind": kind, "points": points, "cap_times": cap, "conditions": conditions}


# Names are shown in the reader's language as long as nobody renames them. They are no sentences of the timeline:
# a reason counts them ("Filled in a form 2 times"), which Korean says with a noun.
DEFAULT_RULES = (
    _rule(_("Ordered"), "order.placed", 20),
    _rule(_("Filled in a form"), "form.submitted", 15, 2),
    _rule(_("Viewed pricing"), "page.viewed", 10, 3, path="pricing"),
    _rule(_("Clicked in a mail"), "mail.clicked", 8, 3),
    _rule(_("Filled the cart"), "cart.updated", 6, 2),
    _rule(_("Answered a call"), "call.logged", 5, 1, outcome="answered"),
    _rule(_("Looked at a product"), "product.viewed", 3, 5),
    _rule(_("Read a mail"), "mail.opened", 2, 3),
    _rule(_("Visited the site"), "page.viewed", 1, 5),
    _rule(_("Unsubscribed"), "mail.unsubscribed", -20, 1),
)
