"""Find anything: an explicit list of finders, each of which reads one kind of thing the user may see."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.campaign.models import Campaign
from contacts.people.models import Contact
from contacts.people.search import matching, wanted
from contacts.segments.models import Segment
from crm.home.navigation import entries_for
from crm.team.models import User
from crm.team.permissions import Action, may

LONGEST = 100
MOST = 8


@dataclass(frozen=True)
class Hit:
    """One thing that was found."""

    label: str
    url: str
    icon: str
    note: str = ""


@dataclass(frozen=True)
class Found:
    """The hits of one finder under its heading."""

    label: Any
    hits: list[Hit]


def _pages(user: User, text: str) -> list[Hit]:
    wanted = text.casefold()
    entries = [entry for group in entries_for(user) for entry in group.entries]
    return [Hit(str(e.label), e.url, e.icon) for e in entries if wanted in str(e.label).casefold()]


def _people(user: User, text: str) -> list[Hit]:
    if not wanted(text):
        return []
    found = matching(Contact.objects.visible_to(user), text).order_by("sort_key", "id")[:MOST]
    return [
        Hit(
            person.display_name,
            reverse("contacts:person", args=[person.pk]),
            "user",
            person.company or person.email or "",
        )
        for person in found
    ]


def _campaigns(user: User, text: str) -> list[Hit]:
    if not text or not may(user, Action.CAMPAIGN_VIEW):
        return []
    found = Campaign.objects.filter(name__icontains=text).order_by("-pk")[:MOST]
    return [
        Hit(each.name, reverse("campaigns:campaign", args=[each.pk]), "send", each.get_state_display())
        for each in found
    ]


def _segments(user: User, text: str) -> list[Hit]:
    if not text or not may(user, Action.SEGMENT_VIEW):
        return []
    found = Segment.objects.audiences().filter(name__icontains=text).order_by("name")[:MOST]
    return [Hit(each.label, reverse("contacts:segment", args=[each.pk]), "target-arrow") for each in found]


# (heading, finder): a finder takes the user and the text and returns at most MOST hits.
FINDERS: tuple[tuple[Any, Callable[[User, str], list[Hit]]], ...] = (
    (_("People"), _people),
    (_("Segments"), _segments),
    (_("Campaigns"), _campaigns),
    (_("Pages"), _pages),
)


def find(user: User, text: str) -> list[Found]:
    """Return what fits `text`, by kind; all pages when it is empty."""
    found = [Found(label, finder(user, text.replace("\0", "").strip())[:MOST]) for label, finder in FINDERS]
    return [group for group in found if group.hits]
