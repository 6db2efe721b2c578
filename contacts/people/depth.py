"""What one asks of a person less often: points, rank as a buyer, activity, what to expect, source and dates."""

from datetime import datetime
from typing import Any

from django.db.models import Max, Min
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contacts.commerce.models import OrderStatus
from contacts.habits.activity import limits
from contacts.habits.models import Activity
from contacts.ledger.models import ContactSeen, ContactTouch
from contacts.people.models import Contact
from contacts.scoring.heat import warmth_of
from crm.kit import figures

LEAST_ORDERS = 3  # fewer say nothing about a rhythm


def of(contact: Contact, now: datetime) -> list[tuple[str, Any]]:
    """Return (label, value in words) of all that is known."""
    _model, warmth = warmth_of(contact.pk, now)
    seen = ContactSeen.objects.filter(contact=contact.pk).values_list("last_seen_at", flat=True).first()
    rows: list[tuple[str, Any]] = [
        (_("Points now"), figures.count(round(warmth.points))),
        (_("Rank as a buyer (RFM)"), _rank(contact)),
        (_("Activity state"), capfirst(activity(seen or contact.created_at, contact.created_at, now).label)),
        (_("Next order expected"), _expected(contact)),
        *_sources(contact),
        (_("Last seen"), figures.day_and_time(seen) if seen else ""),
        (_("Time zone"), contact.time_zone),
        (_("Added"), figures.day(contact.created_at)),
        (_("Changed"), figures.day_and_time(contact.updated_at)),
    ]
    return [(label, value) for label, value in rows if value]


def activity(last_at: datetime, created_at: datetime, now: datetime) -> Activity:
    """Return how active somebody is who was last seen (or added) at `last_at`, as the field of rules counts it."""
    ends = limits().spans
    away = now - last_at
    if away > ends.lost:
        return Activity.LOST
    if away > ends.inactive:
        return Activity.INACTIVE
    if away > ends.at_risk:
        return Activity.AT_RISK
    return Activity.NEW if now - created_at <= ends.new else Activity.ACTIVE


def _rank(contact: Contact) -> str:
    rank = getattr(contact, "buyer_rank", None)
    if rank is None:
        return ""
    words = _("recency %(r)d, frequency %(f)d, amount %(m)d (of 5)")
    return words % {"r": rank.recency, "f": rank.frequency, "m": rank.monetary}


def _expected(contact: Contact) -> str:
    """Say when the next order is due if she keeps her rhythm: the last one and the mean gap between all."""
    bought = contact.orders.exclude(status__in=[OrderStatus.CANCELLED, OrderStatus.REFUNDED])
    times = bought.aggregate(first=Min("placed_at"), last=Max("placed_at"))
    n = bought.count()
    if n < LEAST_ORDERS or times["first"] == times["last"]:
        return ""
    gap = (times["last"] - times["first"]) / (n - 1)
    words = _("about %(day)s, at one purchase every %(n)d days")
    return words % {"day": figures.day(times["last"] + gap), "n": max(1, round(gap.total_seconds() / 86400))}


def _sources(contact: Contact) -> list[tuple[str, Any]]:
    touch = ContactTouch.objects.filter(contact=contact.pk).first()
    if touch is None:
        return []
    return [
        (_("First source"), _source(touch.first_channel, touch.first_facts, touch.first_at)),
        (_("Last source"), _source(touch.last_channel, touch.last_facts, touch.last_at)),
    ]


def _source(channel: str, facts: dict[str, Any], at: datetime) -> str:
    words = {
        "search": _("Search"), "ads": _("Ads"), "social": _("Social media"), "mail": _("Mail"),
        "referral": _("Another site"), "qr": _("QR code"), "direct": _("Direct"),
    }  # fmt: skip
    named = facts.get("utm_campaign") or facts.get("utm_source") or facts.get("referrer") or ""
    return " · ".join(part for part in (words.get(channel, channel), str(named)[:80], figures.day(at)) if part)
