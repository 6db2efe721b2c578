"""What belongs to one person: her timeline, consent, owner, stage, exclusion and score."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.consent import exclusion
from contacts.consent.models import Channel, ConsentEntry, Decision, Purpose
from contacts.consent.record import Proof, record
from contacts.ledger.kinds import KINDS, PastEvent, kind_of
from contacts.ledger.queries import timeline
from contacts.people import ownership, queries
from contacts.people.labels import labels_of
from contacts.scoring.heat import Heat, warmth_of
from contacts.scoring.reasons import reasons_for
from contacts.stages.models import Stage
from contacts.stages.moving import BY_HAND, move
from crm.api.contacts import ContactShown, found, one
from crm.api.fields import Body, Choice, Id, Moment, Text
from crm.api.problems import invalid
from crm.api.route import Asked, Door, Listing, Param
from crm.kit.paging import cursor_after, place
from crm.team.api_tokens import TokenScope
from crm.team.models import User
from crm.team.permissions import Action

DOOR = Door("Parts of a person", TokenScope.CONTACTS_READ, TokenScope.CONTACTS_WRITE)
WHERE = "contacts/<row:contact_id>"


class SubjectShown(Body):
    type = serializers.CharField()
    key = serializers.CharField()


class EventShown(Body):
    """One thing that happened."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    said = serializers.CharField(help_text=_("In words."), allow_blank=True)
    occurred_at = serializers.DateTimeField()
    value = serializers.CharField(allow_null=True, help_text=_("Money, in the company's currency."))
    subject = SubjectShown(allow_null=True)
    properties = serializers.DictField()


@DOOR.get(
    f"{WHERE}/timeline", Action.CONTACT_VIEW, _("Read what happened to a person"), gives=EventShown, pages=True,
    query=(Param("kind", _("Only events of these kinds."), several=True),),
)  # fmt: skip
def list_events(asked: Asked, contact_id: int) -> Listing:
    """Return events, the newest first."""
    contact, size = found(asked.user, contact_id), asked.size
    kinds = asked.query.getlist("kind") or None
    if kinds and (unknown := [kind for kind in kinds if kind not in KINDS]):
        raise invalid("kind", str(_("There is no kind “%(kind)s”.")) % {"kind": unknown[0][:60]})
    events = timeline([contact.pk], before=_before(asked.cursor), limit=size + 1, kinds=kinds)
    last = events[size - 1] if len(events) > size else None
    following = cursor_after([last.occurred_at.isoformat(), last.id]) if last else ""
    return Listing([_event(event) for event in events[:size]], following)


def _before(cursor: str) -> tuple[datetime, int] | None:
    _back, values = place(cursor, ("-occurred_at", "-id"))
    if not values:
        return None
    try:
        at, number = datetime.fromisoformat(values[0]), int(values[1])
    except (TypeError, ValueError, OverflowError) as error:
        raise invalid("cursor", str(_("This page of the list does not exist."))) from error
    if at.utcoffset() is None or not 0 <= number < 2**63:
        raise invalid("cursor", str(_("This page of the list does not exist.")))
    return at, number


def _event(event: PastEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "kind": event.kind,
        "said": str(kind_of(event.kind).sentence(event)),
        "occurred_at": event.occurred_at,
        "value": None if event.value is None else str(event.value),
        "subject": {"type": event.subject[0], "key": event.subject[1]} if event.subject else None,
        "properties": event.properties,
    }


class ConsentIn(Body):
    """What a person said, with its proof."""

    purpose = Choice(Purpose.values)
    channel = Choice(Channel.values)
    decision = Choice(Decision.values)
    at = Moment(required=False, help_text=_("When it was said; now unless given."))
    source = Text(max_length=80, allow_blank=False, help_text=_("Where: a form, by phone, a contract."))
    wording = Text(max_length=4000, required=False, help_text=_("The words that were agreed to."))
    wording_version = Text(max_length=40, required=False)


class ConsentShown(Body):
    """One statement; `holds`: it is what counts now."""

    id = serializers.IntegerField()
    purpose = serializers.ChoiceField(Purpose.values)
    channel = serializers.ChoiceField(Channel.values)
    decision = serializers.ChoiceField(Decision.values)
    at = serializers.DateTimeField()
    source = serializers.CharField()
    wording = serializers.CharField(allow_blank=True)
    holds = serializers.BooleanField()


@DOOR.get(
    f"{WHERE}/consents", Action.CONTACT_VIEW, _("Read what a person agreed to and refused"), gives=ConsentShown,
    pages=True,
)  # fmt: skip
def list_consents(asked: Asked, contact_id: int) -> Listing:
    """Return every statement with its proof, the newest first."""
    return _consents(asked, found(asked.user, contact_id).pk)


def _consents(asked: Asked, contact_id: int) -> Listing:
    size = asked.size
    rows = ConsentEntry.objects.filter(contact=contact_id)
    before = _before(asked.cursor)
    if before is not None:
        rows = rows.filter(at__lte=before[0]).exclude(at=before[0], pk__gte=before[1])
    entries = list(rows.order_by("-at", "-id")[: size + 1])
    held = {state.entry_id for line in queries.consent_lines(found(asked.user, contact_id)) if (state := line.state)}
    last = entries[size - 1] if len(entries) > size else None
    following = cursor_after([last.at.isoformat(), last.pk]) if last else ""
    return Listing([_consent(entry, held) for entry in entries[:size]], following)


_OF_CONSENT = ("purpose", "channel", "decision", "at", "source", "wording")


def _consent(entry: ConsentEntry, held: set[int]) -> dict[str, Any]:
    own = {name: getattr(entry, name) for name in _OF_CONSENT}
    return {"id": entry.pk, **own, "holds": entry.pk in held}


@DOOR.post(
    f"{WHERE}/consents", Action.CONSENT_RECORD, _("Record consent or refusal"), takes=ConsentIn, gives=ConsentShown,
    status=201,
    example={"purpose": "marketing", "channel": "email", "decision": "granted", "source": "sign-up form"},
    text=_("Kept for good as proof. The newest statement holds; of two at one moment the refusal."),
)  # fmt: skip
def record_consent(asked: Asked, contact_id: int) -> dict[str, Any]:
    """Keep what the person said."""
    contact, said = found(asked.user, contact_id), asked.body
    at = said.get("at") or asked.now
    if at > asked.now:
        raise invalid("at", str(_("This is in the future.")))
    more = {name: said[name] for name in ("wording", "wording_version") if name in said}
    proof = Proof(source=said["source"], recorded_by_id=asked.user.pk, **more)
    kept = record(
        contact.pk, said["purpose"], said["channel"], said["decision"], at=at, proof=proof, now=asked.now
    )  # fmt: skip
    entry = ConsentEntry.objects.filter(pk=kept.entry_id or 0).first()
    if entry is None:  # erased in this moment
        raise Http404
    return _consent(entry, {entry.pk} if kept.states else set())


class OwnerIn(Body):
    owner_id = Id(allow_null=True, help_text=_("A colleague; null: nobody."))


@DOOR.post(
    f"{WHERE}/owner", Action.CONTACT_ASSIGN, _("Give a person to another owner"), takes=OwnerIn, gives=ContactShown,
    example={"owner_id": None},
)  # fmt: skip
def set_owner(asked: Asked, contact_id: int) -> dict[str, Any]:
    """Hand the person to a colleague or to nobody."""
    contact, number = found(asked.user, contact_id), asked.body["owner_id"]
    owner = User.objects.filter(pk=number, is_active=True).first() if number else None
    if number and owner is None:
        raise invalid("owner_id", str(_("There is no such colleague.")))
    ownership.assign([contact.pk], owner, by=asked.user, now=asked.now)
    return one(asked.user, contact.pk)


class StageIn(Body):
    stage = Text(max_length=40, allow_blank=False, help_text=_("The key of a stage in use."))


@DOOR.post(
    f"{WHERE}/stage", Action.CONTACT_EDIT, _("Move a person to another stage"), takes=StageIn, gives=ContactShown,
    example={"stage": "educate"},
)  # fmt: skip
def set_stage(asked: Asked, contact_id: int) -> dict[str, Any]:
    """Move the person by hand."""
    contact = found(asked.user, contact_id)
    stage = Stage.objects.filter(key=asked.body["stage"], model__in_use=True).first()
    if stage is None:
        raise invalid("stage", str(_("This stage is not in use any more.")))
    move([contact.pk], stage, cause=BY_HAND, by=asked.user, now=asked.now)
    return one(asked.user, contact.pk)


class WhyIn(Body):
    why = Text(max_length=300, allow_blank=False)


class ExcludedShown(Body):
    changed = serializers.BooleanField()


@DOOR.post(
    f"{WHERE}/exclude", Action.CONSENT_RECORD, _("Leave an address out of all sending"), takes=WhyIn,
    gives=ExcludedShown, example={"why": "Asked by phone not to be mailed."},
)  # fmt: skip
def exclude(asked: Asked, contact_id: int) -> dict[str, bool]:
    """Leave the person's address out."""
    contact = found(asked.user, contact_id)
    return {"changed": exclusion.exclude(contact, asked.body["why"], by=asked.user, now=asked.now)}


@DOOR.post(
    f"{WHERE}/readmit", Action.CONSENT_RECORD, _("Let an address be sent to again"), takes=WhyIn, gives=ExcludedShown,
    example={"why": "The bounce was a fault of ours."},
)  # fmt: skip
def readmit(asked: Asked, contact_id: int) -> dict[str, bool]:
    """Let the person's address in again."""
    contact = found(asked.user, contact_id)
    return {"changed": exclusion.readmit(contact, asked.body["why"], by=asked.user, now=asked.now)}


class ReasonShown(Body):
    said = serializers.CharField(help_text=_("In words."))
    times = serializers.IntegerField()
    last_at = serializers.DateTimeField()
    points = serializers.FloatField(help_text=_("What is left of them now."))


class ScoreShown(Body):
    """How warm a person is now, and why."""

    points = serializers.FloatField()
    heat = serializers.ChoiceField([heat.value for heat in Heat])
    reasons = ReasonShown(many=True)


@DOOR.get(f"{WHERE}/score", Action.CONTACT_VIEW, _("Read how warm a person is, and why"), gives=ScoreShown)
def read_score(asked: Asked, contact_id: int) -> dict[str, Any]:
    """Return the score of the model that pages speak of."""
    contact = found(asked.user, contact_id)
    model, warmth = warmth_of(contact.pk, asked.now)
    reasons = reasons_for([contact.pk], model, asked.now).get(contact.pk, [])
    said = [
        {"said": one.sentence(asked.now), "times": one.times, "last_at": one.last_at, "points": round(one.points, 3)}
        for one in reasons
    ]
    return {"points": round(warmth.points, 3), "heat": warmth.heat.value, "reasons": said}


class LabelShown(Body):
    id = serializers.IntegerField()
    name = serializers.CharField()


class LabelsShown(Body):
    tags = LabelShown(many=True)
    lists = LabelShown(many=True)
    segments = LabelShown(many=True)


@DOOR.get(f"{WHERE}/labels", Action.CONTACT_VIEW, _("Read a person's tags, lists and segments"), gives=LabelsShown)
def read_labels(asked: Asked, contact_id: int) -> dict[str, Any]:
    """Return what stands on a person."""
    labels = labels_of(found(asked.user, contact_id).pk)
    groups = {"tags": labels.tags, "lists": labels.lists, "segments": labels.segments}
    return {key: [{"id": row.pk, "name": row.name} for row in rows] for key, rows in groups.items()}
