"""A hot lead to its rep, a cart that was left, and a company whose people have different parts in a purchase."""

from typing import Any

from django.utils.translation import gettext as _

from crm.team.models import Role
from journeys.graph.graph import Graph, Rules
from journeys.starters.lanes import Meaning
from journeys.starters.rules import AGREED, HOT, KNOWN, did, field, since, whole
from journeys.starters.sketch import Sketch


def cart(on: Sketch) -> Graph:
    """An hour later a reminder, two days later the question why; an order ends it."""
    on.lane = Meaning.CONVERT
    on.chain(on.wait("hour", 1, "hours"), on.mail("waiting"), on.wait("days", 2), on.mail("why"), "answered")
    on.step("answered", "wait_event", what="clicked", mail="mail_why", since="mail", n=5, unit="days")
    message = _("Left a cart and looked at it again: perhaps a question can be answered.")
    on.step("tell", "notify", whom="owner", message=message, by_mail=False)
    on.step("end", "end")
    on.lead("answered", happened="tell", timed_out="end")
    on.chain("tell", "end")
    bought = whole(since("order.placed", "cart.updated"))
    rules = Rules(entry=whole(KNOWN, AGREED), again="after", again_days=14, goal=bought, goal_days=7)
    return on.drawn({"event": {"event": whole(did("cart.updated")), "key_property": ""}}, rules)


def hot_lead(on: Sketch) -> Graph:
    """An owner, a notice and a short mail; who is not called within a day is told to all reps, then to the admins."""
    on.lane = Meaning.CONVERT
    turn = [{"key": f"c{number}", "user": user, "weight": 1} for number, user in enumerate(on.chosen.colleagues, 1)]
    on.step("assign", "assign", colleagues=turn, keep=True)
    on.step("stage", "set_stage", stage=on.stage(Meaning.CONVERT), forward=True)
    hot = _("Became hot just now. Call today: who is called within five minutes buys most often.")
    on.step("tell", "notify", whom="owner", role=Role.SALES_REP, message=hot, by_mail=True)
    called: dict[str, Any] = {"what": "event", "event": whole(did("call.logged")), "since": "entered"}
    on.step("called", "wait_event", **called, n=4, unit="hours")
    on.chain("assign", "stage", "tell", on.mail("talk"), "called")
    late = _("A hot lead has waited four hours and nobody has called.")
    on.step("remind", "notify", whom="role", role=Role.SALES_REP, message=late, by_mail=True)
    on.step("called_late", "wait_event", **called, n=1, unit="days")
    worse = _("A hot lead has waited more than a day and nobody has called. Please see to it.")
    on.step("escalate", "notify", whom="role", role=Role.ADMIN, message=worse, by_mail=True)
    on.step("goal", "goal", name=_("Called"))
    on.step("end", "end")
    on.lead("called", happened="goal", timed_out="remind")
    on.lead("called_late", happened="goal", timed_out="escalate")
    on.chain("remind", "called_late")
    on.chain("goal", "end")
    on.chain("escalate", "end")
    rules = Rules(entry=whole(KNOWN), again="after", again_days=30)
    return on.drawn({"score_reached": {"level": "hot"}}, rules)


def account_roles(on: Sketch) -> Graph:
    """One mail for the part that somebody has in the purchase; who clicks is told to the owner."""
    on.lane = Meaning.DISCOVER
    ways = [
        {"key": "decides", "label": _("Decides"), "rule": _has("decision_maker", "buyer")},
        {"key": "backs", "label": _("Backs us inside"), "rule": _has("champion", "influencer")},
    ]
    on.step("role", "branch", ways=ways)
    on.lane = Meaning.EDUCATE
    on.lead("role", decides=on.mail("decider"), backs=on.mail("champion"), **{"else": on.mail("user")})
    on.lane = Meaning.CONVERT
    on.step("clicked", "wait_event", what="clicked", mail="", since="entered", n=5, unit="days")
    for mail in ("mail_decider", "mail_champion", "mail_user"):
        on.chain(mail, "clicked")
    message = _("Clicked in the mail for their part in the purchase. Look who else at the company is active.")
    on.step("tell", "notify", whom="owner", role=Role.SALES_REP, message=message, by_mail=True)
    on.step("end", "end")
    on.lead("clicked", happened="tell", timed_out="morning")
    on.chain("tell", "end")
    on.chain(on.morning("morning", (2, 3, 4)), on.mail("meet"), "end")
    rules = Rules(goal=whole(HOT), goal_days=30, goal_ends=False)
    return on.drawn({"segment_entered": {"segment": on.chosen.segment}}, rules)


def _has(*roles: str) -> dict[str, object]:
    return whole(field("account_roles", "has_any_of", list(roles)))
