"""Figures of campaigns as pages show them: each with the address of the people behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.campaign.models import Campaign
from campaigns.sending.models import Dispatch, LeftOut, Link
from campaigns.sending.queries import left_out, numbers, numbers_of
from crm.kit.figures import count, percent
from crm.kit.paging import Page

# People by link: of all clicks that count for people in one dispatch.
_BY_LINK = """
SELECT (e.properties ->> 'link')::int, count(DISTINCT e.contact_id) FROM event e
WHERE e.kind_id = (SELECT id FROM ledger_kind WHERE key = 'mail.clicked')
  AND e.subject_id = (SELECT id FROM ledger_subject WHERE type = 'dispatch' AND key = %s)
  AND e.properties ->> 'link' ~ '^[0-9]+$'
GROUP BY 1
"""


@dataclass(frozen=True)
class Result:
    """What came of a dispatch, in people. `trackable`: how many agreed to have it counted, None while unknown."""

    sent: int
    trackable: int | None
    opened: int
    clicked: int
    unsubscribed: int
    bounced: int
    complained: int

    @property
    def opened_rate(self) -> float | None:
        """The share of the trackable that opened, as far as a person can be told from a machine; None of nobody."""
        return self.opened / self.trackable if self.trackable else None

    @property
    def clicked_rate(self) -> float | None:
        """The share of the trackable that clicked; None of nobody."""
        return self.clicked / self.trackable if self.trackable else None

    def share(self, people: int) -> float:
        """Return `people` as a share of those it was handed over for."""
        return people / self.sent if self.sent else 0.0


def result_of(people: Mapping[str, int], trackable: int | None) -> Result:
    """Return what came of a dispatch, from its numbers of people by kind of event."""
    return Result(
        sent=people.get("mail.sent", 0),
        trackable=trackable,
        opened=people.get("mail.opened", 0),
        clicked=people.get("mail.clicked", 0),
        unsubscribed=people.get("mail.unsubscribed", 0),
        bounced=people.get("mail.bounced_hard", 0) + people.get("mail.bounced_soft", 0),
        complained=people.get("mail.complained", 0),
    )


@dataclass(frozen=True)
class Listed:
    """One row of the list of campaigns."""

    campaign: Campaign
    when: datetime | None
    result: Result | None


def listed(page: Page[Campaign]) -> Page[Listed]:
    """Return the page with what came of each campaign."""
    newest = {row.campaign_id: row for row in Dispatch.objects.filter(campaign__in=page.rows).order_by("pk")}
    people = numbers_of([dispatch.pk for dispatch in newest.values()])
    rows = [
        Listed(
            campaign=row,
            when=row.launched_at or row.scheduled_at,
            result=result_of(people[newest[row.pk].pk], newest[row.pk].trackable) if row.pk in newest else None,
        )
        for row in page.rows
    ]
    return Page(rows, page.next_cursor, page.previous_cursor)


@dataclass(frozen=True)
class Counts:
    """An audience in figures: all, those who get it, and the others by reason, the most first."""

    total: int
    to_send: int
    rows: tuple[dict[str, Any], ...]


def shown_counts(counts: Mapping[str, int]) -> Counts:
    """Return the counts of `audience.preview` as a page shows them."""
    rows = [
        {"reason": reason, "label": LeftOut(reason).label, "count": n} for reason, n in counts.items() if reason and n
    ]
    return Counts(sum(counts.values()), counts.get("", 0), tuple(sorted(rows, key=lambda row: -row["count"])))


def people_url(**query: str) -> str:
    """Return the address of the people list with these filters."""
    return f"{reverse('contacts:people')}?{urlencode(query)}"


def tiles(dispatch: Dispatch, trackable: int | None) -> list[dict[str, str]]:
    """Return the figures of the result page, each with its people."""
    result, about = result_of(numbers(dispatch.pk), trackable), f"dispatch:{dispatch.pk}"
    figures = [
        (_("Handed over"), result.sent, "mail.sent", _("of %(size)s") % {"size": count(dispatch.size)}),
        (_("Opened"), result.opened, "mail.opened", _rate(result.opened_rate)),
        (_("Clicked"), result.clicked, "mail.clicked", _rate(result.clicked_rate)),
        (_("Unsubscribed"), result.unsubscribed, "mail.unsubscribed", percent(result.share(result.unsubscribed))),
        (_("Bounced"), result.bounced, "mail.bounced_hard", percent(result.share(result.bounced))),
        (_("Reported as spam"), result.complained, "mail.complained", percent(result.share(result.complained))),
    ]
    return [
        {"label": label, "value": count(n), "note": note, "url": people_url(event=kind, subject=about)}
        for label, n, kind, note in figures
    ]


def _rate(share: float | None) -> str:
    return "" if share is None else percent(share)


def left_out_rows(dispatch: Dispatch) -> list[dict[str, Any]]:
    """Return who was left out at launch, by reason, each with its people."""
    return [
        {"label": LeftOut(reason).label, "count": n, "url": people_url(sending=f"{dispatch.pk}:{reason}")}
        for reason, n in left_out(dispatch.pk).items()
    ]


def link_rows(dispatch: Dispatch) -> list[dict[str, Any]]:
    """Return the links of the mail with how many people followed each, the most first."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_LINK, [str(dispatch.pk)])
        people = dict(cursor.fetchall())
    links = Link.objects.filter(dispatch=dispatch).order_by("number").values_list("number", "url")
    rows = [
        {"target": url, "people": people.get(number, 0), "url": people_url(clicked=f"{dispatch.pk}:{number}")}
        for number, url in links
    ]
    return sorted(rows, key=lambda row: -row["people"])
