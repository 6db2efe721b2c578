"""The list of journeys: each with who is inside, came in and reached the goal, and the mails it sent."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from campaigns.sending.queries import numbers_of
from crm.kit.paging import Page
from journeys.engine.models import End, Enrolment
from journeys.journey.models import Journey, JourneyStep
from journeys.results.behind import Behind
from journeys.results.window import Window


@dataclass(frozen=True)
class Listed:
    """One row of the list; `entered` and `converted` are of the stretch of time, `sent` of all time."""

    journey: Journey
    inside: int
    entered: int
    converted: int
    sent: int
    stretch: Window

    @property
    def inside_url(self) -> str:
        """Who is inside."""
        return Behind(self.journey.pk, "", "inside").url

    @property
    def entered_url(self) -> str:
        """Who came in."""
        return Behind(self.journey.pk, "", "entered", self.stretch.key).url

    @property
    def converted_url(self) -> str:
        """Who reached the goal."""
        return Behind(self.journey.pk, "", "converted", self.stretch.key).url


def listed(page: Page[Journey], stretch: Window) -> Page[Listed]:
    """Return the page with the numbers of each journey: five queries for all."""
    ids = [journey.pk for journey in page.rows]
    people = Enrolment.objects.filter(journey__in=ids).order_by()
    treated = people.exclude(end=End.HELD_OUT)
    inside = _by_journey(people.filter(ended_at=None))
    entered = _by_journey(treated.filter(_since("entered_at", stretch)))
    converted = _by_journey(treated.filter(_since("goal_at", stretch)))
    sent = _sent(ids)
    rows = [
        Listed(one, inside.get(one.pk, 0), entered.get(one.pk, 0), converted.get(one.pk, 0), sent[one.pk], stretch)
        for one in page.rows
    ]
    return Page(rows, page.next_cursor, page.previous_cursor)


def _since(field: str, stretch: Window) -> Q:
    return Q(**({f"{field}__isnull": False} if stretch.since is None else {f"{field}__gte": stretch.since}))


def _by_journey(people: QuerySet[Enrolment]) -> dict[int, int]:
    return dict(people.values_list("journey").annotate(n=Count("pk")))


def _sent(ids: Iterable[int]) -> dict[int, int]:
    """Return how many mails each journey has sent."""
    sent = dict.fromkeys(ids, 0)
    mailing = JourneyStep.objects.filter(version__journey__in=sent, dispatch__isnull=False)
    owners = dict(mailing.values_list("dispatch", "version__journey"))
    for dispatch_id, found in numbers_of(list(owners)).items():
        sent[owners[dispatch_id]] += found.get("mail.sent", 0)
    return sent
