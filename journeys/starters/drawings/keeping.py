"""For customers: after a purchase, at a milestone, before a contract ends, when they fall silent, and for the best."""

from typing import Any

from django.utils.translation import gettext as _

from crm.team.models import Role
from journeys.graph.graph import Graph, Rules
from journeys.starters.lanes import Meaning
from journeys.starters.rules import did, field, whole
from journeys.starters.sketch import Sketch


def after_purchase(on: Sketch) -> Graph:
    """Tips while the parcel is still new, two weeks later the request for an opinion; regulars are thanked."""
    on.lane = Meaning.RETAIN
    on.chain(on.wait("arrives", 3), on.morning("morning"), on.mail("tips"), on.wait("used", 11))
    on.chain("used", on.morning("midweek", (2, 3, 4)), on.mail("opinion"), "answered")
    on.step("answered", "wait_event", what="clicked", mail="mail_opinion", since="mail", n=7, unit="days")
    on.lane = Meaning.ADVOCATE
    on.step("end", "end")
    on.lead("answered", happened=on.mail("thanks"), timed_out="end")
    on.chain("mail_thanks", "end")
    returned = whole(did("order.refunded", 30))
    rules = Rules(again="after", again_days=60, exit=returned)
    return on.drawn({"event": {"event": whole(did("order.placed")), "key_property": ""}}, rules)


def milestone(on: Sketch) -> Graph:
    """The third, fifth and tenth order: a word of thanks that grows; with the tenth a colleague writes too."""
    on.lane = Meaning.RETAIN
    ways = [{"key": f"n{n}", "label": _("Order number %(n)d") % {"n": n}, "rule": _ordered(n)} for n in (3, 5, 10)]
    on.step("which", "branch", ways=ways)
    on.lane = Meaning.ADVOCATE
    message = _("Tenth order: a personal word of thanks is worth more than any coupon.")
    on.step("tell", "notify", whom="owner", role=Role.CUSTOMER_SUCCESS, message=message, by_mail=True)
    for key in ("third", "fifth", "tenth"):
        on.mail(key)
    on.step("end", "end")
    on.lead("which", n3="mail_third", n5="mail_fifth", n10="tell", **{"else": "end"})
    on.chain("tell", "mail_tenth", "end")
    on.chain("mail_third", "end")
    on.chain("mail_fifth", "end")
    entry = whole(*(field("orders", "equals", n) for n in (3, 5, 10)), mode="any")
    rules = Rules(entry=entry, again="always")
    return on.drawn({"event": {"event": whole(did("order.placed")), "key_property": "order"}}, rules)


def renewal(on: Sketch) -> Graph:
    """A look back 90 days before the date, the choices 60 days before, the reminder 30 days before, and a colleague."""
    on.lane = Meaning.RETAIN
    on.step("end", "end")
    on.mail("ninety")
    before: dict[str, Any] = {"until": "field", "field": on.chosen.date_field, "yearly": False, "at": "10:00"}
    for key, days, mail in (("to_sixty", -60, "sixty"), ("to_thirty", -30, "thirty")):
        on.step(key, "wait", **before, offset=days)
        on.lead(key, next=on.mail(mail), no_date="end")
    message = _("The contract ends in 30 days. Talk about the renewal now.")
    on.step("tell", "notify", whom="owner", role=Role.CUSTOMER_SUCCESS, message=message, by_mail=True)
    on.chain("mail_ninety", "to_sixty")
    on.chain("mail_sixty", "to_thirty")
    on.chain("mail_thirty", "tell", "end")
    way_in = {"field": on.chosen.date_field, "offset": -90, "at": "10:00", "yearly": False}
    return on.drawn({"date": way_in}, Rules(again="after", again_days=200), first="mail_ninety")


def win_back(on: Sketch) -> Graph:
    """Three mails in three weeks: we miss you, what is new, shall we stop; whoever comes back is left in peace."""
    on.lane = Meaning.RETAIN
    on.chain(
        on.morning("morning"), on.mail("miss"), on.wait("week", 7), on.morning("second", (2, 3, 4)), on.mail("news")
    )
    on.chain("mail_news", on.wait("fortnight", 14), on.morning("third", (2, 3, 4)), on.mail("stop"), "end")
    on.step("end", "end")
    goal = whole(did("order.placed", 30))
    rules = Rules(left_segment=on.chosen.segment, goal=goal, goal_days=45, again="after", again_days=180)
    return on.drawn({"segment_entered": {"segment": on.chosen.segment}}, rules)


def seasonal(on: Sketch) -> Graph:
    """On a day of the season the best customers see it first; who has not ordered four days later is reminded."""
    on.lane = Meaning.ADVOCATE
    ordered: dict[str, Any] = {"what": "event", "event": whole(did("order.placed")), "since": "entered"}
    on.chain(on.mail("first"), on.step("ordered", "wait_event", **ordered, n=4, unit="days"))
    on.step("end", "end")
    on.lead("ordered", happened=on.mail("thanks"), timed_out=on.mail("last_days"))
    on.chain("mail_thanks", "end")
    on.chain("mail_last_days", "end")
    day = on.chosen.day.isoformat() if on.chosen.day else None
    way_in = {"segment": on.chosen.segment, "every": "once", "date": day, "at": "10:00"}
    return on.drawn({"schedule": way_in}, Rules(goal=whole(did("order.placed", 14)), goal_days=14, goal_ends=False))


def _ordered(n: int) -> dict[str, object]:
    return whole(field("orders", "equals", n))
