"""Welcome to the newsletter, and answers to what a buyer doubts."""

from django.utils.translation import gettext as _

from journeys.graph.graph import Graph, Rules
from journeys.starters.lanes import Meaning
from journeys.starters.rules import HOT, did, field, whole
from journeys.starters.sketch import Sketch

_DECIDES = ("대표", "이사", "본부장", "CEO", "CTO", "COO", "Director", "Head", "VP", "Founder")
_MANAGES = ("팀장", "부장", "차장", "매니저", "Manager", "Lead")


def welcome(on: Sketch) -> Graph:
    """Three mails in a week: a greeting, what others begin with, an invitation; who clicks has begun to learn."""
    on.lane = Meaning.DISCOVER
    on.chain(on.mail("hello"), on.wait("pause", 2), on.morning("morning"), on.mail("begin"), "clicked")
    on.step("clicked", "wait_event", what="clicked", mail="mail_begin", since="mail", n=3, unit="days")
    on.lane = Meaning.EDUCATE
    on.step("learns", "set_stage", stage=on.stage(Meaning.EDUCATE), forward=True)
    on.lead("clicked", happened="learns", timed_out="invite_day")
    on.chain("learns", on.morning("invite_day", (2, 3, 4)), on.mail("invite"), on.step("end", "end"))
    goal = whole(did("order.placed", 30))
    return on.drawn({"segment_entered": {"segment": on.chosen.segment}}, Rules(goal=goal, goal_days=30))


def nurture(on: Sketch) -> Graph:
    """By job title one mail against the usual doubt, then a customer's story and the question of safety."""
    on.lane = Meaning.DISCOVER
    ways = [
        {"key": "decides", "label": _("Decides about the budget"), "rule": _titled(*_DECIDES)},
        {"key": "manages", "label": _("Leads a team"), "rule": _titled(*_MANAGES)},
    ]
    on.step("persona", "branch", ways=ways)
    on.lane = Meaning.EDUCATE
    on.lead("persona", decides=on.mail("price"), manages=on.mail("change"), **{"else": on.mail("daily")})
    on.wait("pause", 4)
    for answer in ("mail_price", "mail_change", "mail_daily"):
        on.chain(answer, "pause")
    on.chain("pause", on.morning("morning"), on.mail("story"), "read")
    on.step("read", "wait_event", what="clicked", mail="mail_story", since="mail", n=4, unit="days")
    on.lane = Meaning.CONVERT
    message = _("Reads our customers' stories: a good time to call.")
    on.step("tell", "notify", whom="owner", role="sales_rep", message=message, by_mail=False)
    on.step("end", "end")
    on.lead("read", happened="tell", timed_out="mail_safe")
    on.chain("tell", on.mail("safe"), "end")
    rules = Rules(goal=whole(HOT), goal_days=30, goal_ends=True)
    return on.drawn({"segment_entered": {"segment": on.chosen.segment}}, rules)


def _titled(*words: str) -> dict[str, object]:
    return whole(*(field("title", "contains", word) for word in words), mode="any")
