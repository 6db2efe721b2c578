"""What the rep's pages read: a page of leads by heat, each with reasons, waiting time and follow-up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from contacts.leads.models import FollowUp, Outcome
from contacts.ledger.models import ContactState
from contacts.ledger.queries import number_of
from contacts.people.models import Contact, ContactQuerySet
from contacts.scoring.decay import threshold
from contacts.scoring.heat import Warmth, by_heat, default_model, hot
from contacts.scoring.models import Score, ScoreModel
from contacts.scoring.reasons import Reason, reasons_for
from crm.kit.paging import Page, keyset_page
from crm.team.models import User

_SIZE = 25


@dataclass(frozen=True)
class Lead:
    """One card: the reasons as sentences in `said`; hot without a call since `waiting_since`."""

    contact: Contact
    warmth: Warmth
    reasons: Sequence[Reason]
    said: Sequence[str]
    waiting_since: datetime | None
    follow_up: FollowUp | None


def mine(user: User, model: ScoreModel, now: datetime) -> ContactQuerySet:
    """Return the user's own people with points whom it is time to reach: not put off, not turned down since."""
    put_off = Q(follow_up__outcome=Outcome.LATER, follow_up__due_on__gt=timezone.localdate(now))
    turned_down = Q(follow_up__outcome=Outcome.NOT_NOW, follow_up__at__gte=F("heat_last_at"))
    return by_heat(_own(user), model).exclude(put_off).exclude(turned_down).select_related("follow_up", "stage")


def put_off(user: User, model: ScoreModel, now: datetime) -> ContactQuerySet:
    """Return the user's own people to come back to on a later day."""
    later = Q(follow_up__outcome=Outcome.LATER, follow_up__due_on__gt=timezone.localdate(now))
    return by_heat(_own(user), model).filter(later).select_related("follow_up", "stage")


def unowned_hot(user: User, model: ScoreModel, now: datetime) -> ContactQuerySet:
    """Return the hot people whom nobody owns and `user` may see."""
    return hot(_visible(user).filter(owner=None), model, now).select_related("follow_up", "stage")


def uncalled(user: User, model: ScoreModel, now: datetime) -> ContactQuerySet:
    """Return those of `mine` who are hot and became so after the last call, if there was any."""
    called = ContactState.objects.filter(contact=OuterRef("contact"), kind=number_of("call.logged")).values("last_at")
    became_hot = ContactState.objects.filter(
        contact=OuterRef("pk"), kind=number_of("lead.hot"), last_at__gte=Coalesce(Subquery(called), F("last_at"))
    )
    least = threshold(model.hot_at, now, anchor=model.anchor, half_life=model.half_life)
    return mine(user, model, now).filter(Exists(became_hot), scores__model=model, scores__total__gte=least)


def due(user: User, model: ScoreModel, now: datetime) -> ContactQuerySet:
    """Return the user's own people who asked to be called by today, also those without points."""
    promised = _own(user).filter(follow_up__outcome=Outcome.LATER, follow_up__due_on__lte=timezone.localdate(now))
    kept = Score.objects.filter(model=model, contact=OuterRef("pk")).values("total")
    return promised.annotate(heat_total=Coalesce(Subquery(kept), 0.0)).select_related("follow_up", "stage")


def lead_page(people: ContactQuerySet, model: ScoreModel, now: datetime, *, cursor: str = "") -> Page[Lead]:
    """Return one page of `people` by heat, as leads, in five queries whatever its length. Raises BadCursor."""
    page = keyset_page(people, ["-heat_total", "id"], cursor=cursor, size=_SIZE)
    return Page(_leads(page.rows, model, now), page.next_cursor, page.previous_cursor)


def lead_of(contact: Contact, now: datetime) -> Lead:
    """Return one person as a lead, with points or without."""
    model = default_model()
    score = contact.scores.filter(model=model).first()
    contact.heat_total = score.total if score else 0.0  # type: ignore[attr-defined]  # as by_heat annotates it
    return _leads([contact], model, now)[0]


def _leads(people: Sequence[Contact], model: ScoreModel, now: datetime) -> list[Lead]:
    ids = [person.pk for person in people]
    reasons, waiting = reasons_for(ids, model, now), _waiting(ids)
    return [
        Lead(
            contact=person,
            warmth=Warmth.at(person.heat_total, model, now),  # type: ignore[attr-defined]  # annotated by by_heat
            reasons=reasons.get(person.pk, []),
            said=[reason.sentence(now) for reason in reasons.get(person.pk, [])],
            waiting_since=waiting.get(person.pk),
            follow_up=getattr(person, "follow_up", None),
        )
        for person in people
    ]


def _waiting(ids: Sequence[int]) -> dict[int, datetime]:
    """Return since when each person is hot without a call; people who were called since are left out."""
    last: dict[tuple[int, str], datetime] = {
        (contact_id, key): at
        for contact_id, key, at in ContactState.objects.filter(
            contact__in=ids, kind__key__in=("lead.hot", "call.logged")
        ).values_list("contact_id", "kind__key", "last_at")
    }
    return {
        contact_id: at
        for (contact_id, key), at in last.items()
        if key == "lead.hot" and last.get((contact_id, "call.logged"), at) <= at
    }


def _visible(user: User) -> ContactQuerySet:
    return Contact.objects.visible_to(user)


def _own(user: User) -> ContactQuerySet:
    return _visible(user).filter(owner=user)
