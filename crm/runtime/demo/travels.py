"""Writes down the walks of a journey of the demo: the same rows as its engine and the sender of mails leave."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from campaigns.sending.models import Dispatch, Link, Message
from contacts.ledger.append import NewEvent
from crm.runtime.demo.walks import Mailed, Passed, Walk
from journeys.engine.models import End, Enrolment, StepCount, Trace
from journeys.journey.models import Journey, JourneyStep

type Posted = Mapping[tuple[int, str], Message]  # by the place of the walk and the step


class Logbook:
    """Of one published journey."""

    def __init__(self, journey: Journey) -> None:
        self.journey = journey
        rows = JourneyStep.objects.filter(version=journey.live_id)
        self.steps = {row.key: row for row in rows.select_related("dispatch__template_version__template")}
        links = Link.objects.filter(dispatch__in=[row.dispatch_id for row in self.steps.values()], number=1)
        self.links: dict[int | None, Link] = {link.dispatch_id: link for link in links}

    def write(self, walks: Sequence[Walk]) -> list[NewEvent]:
        """Store the walks and return what the ledger is to be told of them."""
        posted = self._messages(walks)
        enrolments = Enrolment.objects.bulk_create([self._enrolment(walk) for walk in walks], batch_size=2_000)
        Trace.objects.bulk_create(
            [
                self._trace(enrolment, visit, passed, posted.get((place, passed.step)))
                for place, (enrolment, walk) in enumerate(zip(enrolments, walks, strict=True))
                for visit, passed in enumerate(walk.passed)
            ],
            batch_size=2_000,
        )
        self._count(walks)
        told = [event for walk in walks for event in self._told(walk)]
        return told + [event for place, walk in enumerate(walks) for event in self._mails(place, walk, posted)]

    def _enrolment(self, walk: Walk) -> Enrolment:
        return Enrolment(
            journey=self.journey, contact_id=walk.persona.contact.pk, step=self.steps[walk.step],
            visit=len(walk.passed), due_at=walk.due_at, entered_at=walk.entered_at, arrived_at=walk.arrived_at,
            ended_at=walk.ended_at, end=walk.end or "", facts=walk.facts,
            goal_at=walk.ended_at if walk.end == End.GOAL else None,
        )  # fmt: skip

    def _trace(self, enrolment: Enrolment, visit: int, passed: Passed, message: Message | None) -> Trace:
        return Trace(
            enrolment=enrolment, visit=visit, contact_id=enrolment.contact_id, step=self.steps[passed.step],
            outlet=passed.outlet, arrived_at=passed.arrived_at, left_at=passed.left_at,
            facts={"message": message.pk} if message else None,
        )  # fmt: skip

    def _messages(self, walks: Sequence[Walk]) -> Posted:
        """Store the messages of each step in the order in which they left."""
        found: dict[tuple[int, str], Message] = {}
        for key, step in self.steps.items():
            sent = [
                (mail.sent_at, place) for place, walk in enumerate(walks) for mail in walk.mails if mail.step == key
            ]
            seen: Counter[int] = Counter()
            for ordinal, (_at, place) in enumerate(sorted(sent), start=1):
                contact = walks[place].persona.contact
                found[place, key] = Message(
                    dispatch=step.dispatch, contact_id=contact.pk, occurrence=seen[contact.pk], ordinal=ordinal,
                    email=contact.email or "",
                )  # fmt: skip
                seen[contact.pk] += 1
            Dispatch.objects.filter(journey_steps=step).update(size=len(sent))
        Message.objects.bulk_create(found.values(), batch_size=2_000)
        return found

    def _count(self, walks: Sequence[Walk]) -> None:
        """Keep the numbers of the canvas."""
        counted: Counter[tuple[str, str, datetime]] = Counter()
        for walk in walks:
            counted.update((each.step, each.outlet, _hour(each.left_at)) for each in walk.passed)
            if walk.ended_at is not None and walk.end != End.COMPLETED:
                counted[walk.step, f"end:{walk.end}", _hour(walk.ended_at)] += 1
        StepCount.objects.bulk_create(
            StepCount(step=self.steps[step], outlet=outlet, hour=hour, n=n)
            for (step, outlet, hour), n in counted.items()
        )

    def _told(self, walk: Walk) -> Iterator[NewEvent]:
        subject, name = ("journey", str(self.journey.pk)), self.journey.name
        contact = walk.persona.contact.pk
        facts = {"name": name, "version": 1}
        yield NewEvent(contact, "journey.entered", walk.entered_at, subject=subject, properties=facts)
        if walk.ended_at is not None:
            left = {"name": name, "why": str(walk.end)}
            yield NewEvent(contact, "journey.left", walk.ended_at, subject=subject, properties=left)

    def _mails(self, place: int, walk: Walk, posted: Posted) -> Iterator[NewEvent]:
        for mail in walk.mails:
            step = self.steps[mail.step]
            facts = {"message": posted[place, mail.step].pk, "mail": _name(step)}
            for kind, at, more in self._deeds(step, mail):
                subject = ("dispatch", str(step.dispatch_id))
                yield NewEvent(walk.persona.contact.pk, kind, at, subject=subject, properties={**facts, **more})

    def _deeds(self, step: JourneyStep, mail: Mailed) -> Iterator[tuple[str, datetime, dict[str, object]]]:
        yield "mail.sent", mail.sent_at, {}
        if mail.opened_at:
            yield "mail.opened", mail.opened_at, {}
        if mail.clicked_at and (link := self.links.get(step.dispatch_id)):
            yield "mail.clicked", mail.clicked_at, {"link": link.number, "label": link.label}


def _name(step: JourneyStep) -> str:
    """Return what the mail is called in the company's language."""
    return step.dispatch.template_version.template.name.split(" · ")[0] if step.dispatch else ""


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
