"""The finders of things: each asks one question about what the reader may see."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.campaign.models import Campaign
from campaigns.templating.models import MailTemplate
from contacts.commerce.models import Order, Product
from contacts.lists.models import FixedList, Tag
from contacts.people.models import Account, Contact
from contacts.people.search import matching
from contacts.segments.models import Segment
from crm.home.search.hits import MOST, Asked, Finding, Hit
from crm.kit import figures
from crm.team.permissions import Action
from journeys.journey.models import Journey

FIRST_FOUND = 200  # people that are put in order: of a piece that a third of all hold, sorting all took a second
SHORTEST_ORDER = 3


def _hits(rows: Iterable[Model], url_name: str, icon: str, note: str = "") -> list[Hit]:
    return [
        Hit(str(row), reverse(url_name, args=[row.pk]), icon, str(getattr(row, note) or "") if note else "")
        for row in rows
    ]


def _people(asked: Asked) -> list[Hit]:
    found = matching(Contact.objects.visible_to(asked.user), asked.text)
    if len(asked.text) > 1:
        found = Contact.objects.filter(pk__in=found.order_by().values("pk")[:FIRST_FOUND])
    rows = found.order_by("sort_key", "id")[:MOST]
    return [Hit(one.display_name, reverse("contacts:person", args=[one.pk]), "user", _about(one)) for one in rows]


def _about(person: Contact) -> str:
    return person.company or person.email or ""


def _accounts(asked: Asked) -> list[Hit]:
    rows = Account.objects.filter(asked.named("name", "domain")).order_by("sort_key", "id")[:MOST]
    return _hits(rows, "contacts:account", "building", "domain")


def _segments(asked: Asked) -> list[Hit]:
    found = Segment.objects.audiences().filter(asked.named("name")).order_by("name")[:MOST]
    return [Hit(each.label, reverse("contacts:segment", args=[each.pk]), "target-arrow") for each in found]


def _lists(asked: Asked) -> list[Hit]:
    rows = FixedList.objects.filter(asked.named("name")).order_by("name")[:MOST]
    return _hits(rows, "contacts:list", "list-check", "description")


def _tags(asked: Asked) -> list[Hit]:
    rows = Tag.objects.filter(asked.named("name")).order_by("name")[:MOST]
    return [Hit(tag.name, reverse("contacts:people", query={"tag": tag.pk}), "tag") for tag in rows]


def _campaigns(asked: Asked) -> list[Hit]:
    rows = Campaign.objects.filter(asked.named("name")).order_by("-pk")[:MOST]
    return [
        Hit(each.name, reverse("campaigns:campaign", args=[each.pk]), "send", each.get_state_display()) for each in rows
    ]


def _templates(asked: Asked) -> list[Hit]:
    rows = MailTemplate.objects.filter(asked.named("name")).order_by("-updated_at", "-pk")[:MOST]
    return [
        Hit(
            each.name,
            reverse("admin:campaigns_mailtemplate_change", args=[each.pk]),
            "template",
            each.get_kind_display(),
        )
        for each in rows
    ]


def _journeys(asked: Asked) -> list[Hit]:
    rows = Journey.objects.filter(asked.named("name")).defer("draft").order_by("name")[:MOST]
    return [
        Hit(each.name, reverse("journeys:journey", args=[each.pk]), "route", each.get_state_display()) for each in rows
    ]


def _products(asked: Asked) -> list[Hit]:
    rows = Product.objects.filter(asked.named("name", "key")).order_by("name", "pk")[:MOST]
    return _hits(rows, "contacts:product", "package", "category")


def _orders(asked: Asked) -> list[Hit]:
    if len(asked.typed) < SHORTEST_ORDER:
        return []
    begun = Q()
    for number in {asked.typed, asked.typed.upper(), asked.typed.lower()}:
        begun |= Q(key__startswith=number)
    visible = Contact.objects.visible_to(asked.user)
    rows = Order.objects.filter(begun, contact__in=visible).order_by("-placed_at", "-pk")[:MOST]
    return [
        Hit(each.key, reverse("contacts:order", args=[each.pk]), "receipt", figures.day(each.placed_at))
        for each in rows
    ]


_SEE: Any = Action.CONTACT_VIEW
# One line a finder, in the order in which they are shown.
THINGS: tuple[Finding, ...] = (
    Finding(_("People"), _SEE, _people),
    Finding(_("Accounts"), _SEE, _accounts),
    Finding(_("Segments"), Action.SEGMENT_VIEW, _segments),
    Finding(_("Lists"), _SEE, _lists),
    Finding(_("Tags"), _SEE, _tags),
    Finding(_("Campaigns"), Action.CAMPAIGN_VIEW, _campaigns),
    Finding(_("Mail templates"), Action.TEMPLATE_VIEW, _templates),
    Finding(_("Journeys"), Action.JOURNEY_VIEW, _journeys),
    Finding(_("Products"), _SEE, _products),
    Finding(_("Orders"), _SEE, _orders),
)
