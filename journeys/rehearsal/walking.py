"""One person's walk through a draft, from now on: which steps, when, which mails. The reader may choose another way.

The clock is turned by the reader's page: a walk is computed whole, up to AHEAD, and tells the time of every stop.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.backends.utils import CursorWrapper

from contacts.consent.models import Channel, ConsentState, Decision, Purpose
from contacts.people.address import email_key
from contacts.people.models import Contact
from contacts.segments.rules.sql import Sql, compose
from crm.team.models import User
from journeys.engine.batch import Batch
from journeys.engine.live import LiveRules
from journeys.graph.graph import Graph, Step
from journeys.rehearsal.admitting import admit
from journeys.rehearsal.flowing import Flow
from journeys.rehearsal.occasions import Occasion
from journeys.rehearsal.result import Found
from journeys.rehearsal.tables import tables
from journeys.steps.kind import STEP_KINDS

AHEAD = timedelta(days=366)
_START = "INSERT INTO rehearsal_start (contact_id, key, at, cause) VALUES (%s, %s, %s, %s)"
_AGAIN = "UPDATE rehearsal_start SET taken = false, refused = ''"
_END = "SELECT step, at, ended FROM rehearsal_inside"
# A way that was chosen is taken an hour after she came, and a time-out at its time.
_CHOSEN = """
SELECT o.id, %s,
       CASE WHEN o.outlet = %s OR %s = 'timed_out' THEN o.due_at
            WHEN %s THEN least(o.due_at, b.arrived_at + interval '1 hour') ELSE b.at END, o.facts
FROM ({outcome}) AS o (id, outlet, due_at, facts) JOIN {rows} b ON b.id = o.id
"""


@dataclass(frozen=True)
class Stop:
    """One step of the walk; `mail` is "" for a mail that goes, a LeftOut for one that does not, None for no mail."""

    key: str
    outlet: str
    arrived_at: datetime
    left_at: datetime
    mail: str | None = None


@dataclass(frozen=True)
class Walk:
    """The stops in order, then where it ends: `waiting` at a step until `until`, or `ended` for a reason of End.

    `refused` is why she would not be let in now (a Refused; the walk goes on as if she were), "" when she would.
    """

    stops: tuple[Stop, ...]
    ended: str
    waiting: str
    until: datetime
    refused: str


class _Walk(Flow):
    """The flow of one person, in which some steps are left by the way that was chosen."""

    chosen: Mapping[str, str]

    def _outcome(self, step: Step, batch: Batch) -> Sql:
        kind, outcome = STEP_KINDS[step.kind], super()._outcome(step, batch)
        outlet = self.chosen.get(step.key)
        if outlet not in {one.key for one in kind.outlets(batch.cleaned)}:
            return outcome
        return compose(_CHOSEN, outlet, outlet, outlet, kind.waits, outcome=outcome, rows=Sql(batch.rows))


def walk(
    graph: Graph,
    contact_id: int,
    chosen: Mapping[str, str],
    now: datetime,
    *,
    journey_id: int = 0,
    occasion: Occasion | None = None,
) -> Walk:
    """Lead one person through a drawing that can run, beginning at `now`; `chosen` is the outlet to take, by step.

    `occasion` is what brings her in. Writes nothing but temporary tables of this session.
    """
    found = Found(0)
    with tables() as cursor:
        flow = _Walk(cursor, graph, now + AHEAD, found, journey_id=journey_id)
        began = (occasion.key, occasion.event or None) if occasion else ("", None)
        cursor.execute(_START, [contact_id, began[0], now, began[1]])
        refused = _let_in(cursor, graph.first, flow.rules, contact_id, found)
        flow.chosen = chosen
        flow.lead_on()
        cursor.execute(_END)
        step, at, ended = cursor.fetchone()
    stops = next(iter(found.ways.values()), [])
    mails = dict(list(found.mails))
    waits = ended == "waiting"
    return Walk(tuple(_stop(stop, mails) for stop in stops), "" if waits else ended, step if waits else "", at, refused)


def _stop(stop: list[object], mails: Mapping[str, str]) -> Stop:
    _contact, key, outlet, arrived, left = map(str, stop)
    return Stop(key, outlet, datetime.fromisoformat(arrived), datetime.fromisoformat(left), mails.get(key))


def _let_in(cursor: CursorWrapper, first: str, asked: LiveRules, contact_id: int, found: Found) -> str:
    """Let her in, whether or not the entry condition holds; return why she would not be let in."""
    within = (contact_id, contact_id)
    admit(cursor, asked, first, within, found)
    if not found.entered:
        cursor.execute(_AGAIN)
        admit(cursor, replace(asked, entry=None), first, within, found)
    return next((reason for reason, n in found.refused.items() if n), "")


@contextmanager
def walker(contact_id: int | None, language: str, user: User, now: datetime) -> Iterator[Contact]:
    """Yield the person, or, without a number, one who is invented for as long as this lasts: agreed to everything.

    Raises Contact.DoesNotExist for one whom the user may not see.
    """
    if contact_id is not None:
        yield Contact.objects.visible_to(user).get(pk=contact_id)
        return
    with transaction.atomic():
        yield _invented(language, now)
        transaction.set_rollback(True)


def _invented(language: str, now: datetime) -> Contact:
    names = {"ko": "김하늘", "en": "Alex Kim"}
    email = f"{uuid4().hex}@example.com"
    contact = Contact.objects.create(
        name=names.get(language, names["en"]),
        email=email,
        email_key=email_key(email),
        language=language,
        created_at=now,
    )
    for purpose in (Purpose.MARKETING, Purpose.TRACKING):
        ConsentState.objects.create(
            contact=contact, purpose=purpose, channel=Channel.EMAIL, decision=Decision.GRANTED, since=now, entry_id=0
        )
    return contact
