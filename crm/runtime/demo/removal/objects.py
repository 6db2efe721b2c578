"""Taking out what the demo set up beside people: journeys, campaigns, segments and so on, and what is theirs."""

from collections.abc import Callable, Collection

from django.conf import settings
from django.db import transaction

from campaigns.campaign.models import Campaign
from campaigns.sending.models import Dispatch
from contacts.attributes import definition
from contacts.attributes.models import Attribute
from contacts.duplicates.models import DuplicateSearch
from contacts.hooks import subscribing
from contacts.lists import fixed, labels
from contacts.lists.models import FixedList, Tag
from contacts.privacy.handlers import run
from contacts.segments.models import Segment
from crm.kit.pace import Pace
from crm.runtime.demo.removal.nouns import NOUNS, Noun
from crm.runtime.demo.removal.people import Renew
from crm.runtime.mailbox import store
from crm.team import demo
from crm.team.models import Company, Notice
from crm.team.trail.kinds import tables
from crm.team.trail.models import TrailEntry
from crm.team.trail.record import blank
from journeys.errors import WrongState
from journeys.journey import control
from journeys.journey.models import Journey, JourneyState, JourneyStep

type Remover = Callable[[list[int], Renew], None]

_SOME = "ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {column} = ANY(%(ids)s) LIMIT %(limit)s))"
_NOTHING_COUNTED = "DELETE FROM subject_counter WHERE n = 0 AND people = 0 AND total = 0"


def halt(journeys: Collection[int]) -> None:
    """Let nobody move on in these journeys any more."""
    for number in Journey.objects.filter(
        pk__in=journeys, state__in=[JourneyState.RUNNING, JourneyState.FINISHING]
    ).values_list("pk", flat=True):
        try:
            control.pause(number)
        except WrongState:
            continue  # somebody stopped it since


def remove(noun: Noun, ids: list[int], renew: Renew) -> None:
    """Take the objects with these ids out, large tables in ranges, and empty what the trail says of them."""
    _REMOVERS.get(noun.key, _plainly(noun))(ids, renew)
    for kind in {kind.key for kind, table in tables() if table.model is noun.model}:
        blank(kind, ids)
    renew()


def remove_rest() -> None:
    """Take out what belongs to no noun: the search for duplicates, notices, empty counters, an unchanged company."""
    marks = demo.ranges()
    nowhere = (0, -1)
    DuplicateSearch.objects.filter(pk__range=marks.get("contacts_duplicatesearch", nowhere)).delete()
    Notice.objects.filter(pk__range=marks.get("team_notice", nowhere)).delete()
    run(_NOTHING_COUNTED, {})
    companies = Company.objects.filter(pk__range=marks.get("team_company", nowhere))
    for company in companies:
        if not TrailEntry.objects.filter(kind="company", object_id=company.pk, verb="changed").exists():
            blank("company", [company.pk])
            company.delete()


def remove_mails(addresses: Collection[str]) -> int:
    """Delete the mails of the local mailbox that went to one of these addresses; return how many."""
    if not settings.MAILBOX or not addresses:
        return 0
    wanted, gone = {address.casefold() for address in addresses}, 0
    for name in store.names():
        mail = store.read(name)
        if mail and wanted & {each.strip().casefold() for each in mail.recipients.split(",")}:
            (store.folder() / f"{name}.eml").unlink(missing_ok=True)
            gone += 1
    return gone


def _in_ranges(table: str, column: str, ids: list[int], renew: Renew) -> None:
    pace = Pace(2_000, least=100, most=20_000, seconds=0.2)
    statement = f"DELETE FROM {table} WHERE {column} = ANY(%(ids)s) AND {_SOME.format(table=table, column=column)}"  # noqa: S608 - names are ours
    changed = 1
    while changed:
        with pace.timed() as limit, transaction.atomic():
            changed = run(statement, {"ids": ids, "limit": limit})
            renew()


def _journeys(ids: list[int], renew: Renew) -> None:
    steps = JourneyStep.objects.filter(version__journey__in=ids)
    mails = [number for number in steps.values_list("dispatch", flat=True) if number is not None]
    _in_ranges("journeys_trace", "step_id", list(steps.values_list("pk", flat=True)), renew)
    _in_ranges("journeys_enrolment", "journey_id", ids, renew)
    _messages(mails, renew)
    for number in ids:
        with transaction.atomic():
            # A version that is live cannot go.
            Journey.objects.filter(pk=number).update(state=JourneyState.DRAFT, live=None)
            Journey.objects.filter(pk=number).delete()
            renew()
    Dispatch.objects.filter(pk__in=mails).delete()


def _messages(dispatches: list[int], renew: Renew) -> None:
    _in_ranges("campaigns_retry", "dispatch_id", dispatches, renew)
    _in_ranges("campaigns_message", "dispatch_id", dispatches, renew)


def _campaigns(ids: list[int], renew: Renew) -> None:
    mails = list(Dispatch.objects.filter(campaign__in=ids).values_list("pk", flat=True))
    _messages(mails, renew)
    Dispatch.objects.filter(pk__in=mails).delete()
    Campaign.objects.filter(pk__in=ids).delete()


def _segments(ids: list[int], renew: Renew) -> None:
    _in_ranges("contacts_membership", "segment_id", ids, renew)
    Segment.objects.filter(pk__in=ids).delete()
    _in_ranges("contacts_membership", "segment_id", ids, renew)  # of a refresh that was on its way


def _lists(ids: list[int], _renew: Renew) -> None:
    for row in FixedList.objects.filter(pk__in=ids):
        fixed.delete(row)


def _tags(ids: list[int], _renew: Renew) -> None:
    for row in Tag.objects.filter(pk__in=ids):
        labels.delete(row)


def _webhooks(ids: list[int], _renew: Renew) -> None:
    for number in ids:
        subscribing.delete(number)


def _attributes(ids: list[int], _renew: Renew) -> None:
    for row in Attribute.objects.filter(pk__in=ids):
        definition.delete(row)


def _plainly(noun: Noun) -> Remover:
    def remover(ids: list[int], _renew: Renew) -> None:
        noun.model._base_manager.filter(pk__in=ids).delete()

    return remover


_REMOVERS: dict[str, Remover] = {
    "journeys": _journeys, "campaigns": _campaigns, "segments": _segments, "lists": _lists, "tags": _tags,
    "attributes": _attributes, "webhooks": _webhooks,
}  # fmt: skip
assert _REMOVERS.keys() <= {noun.key for noun in NOUNS}
