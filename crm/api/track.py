"""The trade's own form of events: track, identify, page and batch (the Segment specification)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.attributes.models import Target
from contacts.errors import Invalid
from contacts.identity.merge import WrongMerge, merge
from contacts.people import profile
from contacts.people.models import Contact
from contacts.people.profile import Profile
from crm.api import attribute_values
from crm.api.bodies import BULK
from crm.api.events import LONGEST_ABOUT, TRACKED, Report, keep
from crm.api.fields import Body, Choice, Free, Moment, Text, several
from crm.api.people_named import Named, People
from crm.api.route import Asked, Door
from crm.api.rows import MOST
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action, require

DOOR = Door("Events in the trade's form", TokenScope.EVENTS_WRITE, TokenScope.EVENTS_WRITE)
KINDS = {"Product Viewed": "product.viewed", "Cart Viewed": "cart.updated", "Product Added": "cart.updated"}
# Traits that are no custom attributes, and the part of a profile that each becomes.
TRAITS = {"name": "name", "phone": "phone", "title": "title", "email": "email", "birthday": "birthday"}
PLACE = {"city": "city", "country": "country", "postalCode": "postcode", "state": "region", "street": "street"}


class Message(Body):
    """What every message of the form may have; what is not read here is taken and left."""

    userId = Text(required=False, allow_null=True, max_length=200)  # noqa: N815 - the specification's name
    anonymousId = Text(required=False, allow_null=True, max_length=200)  # noqa: N815
    messageId = Text(required=False, max_length=200)  # noqa: N815
    timestamp = Moment(required=False)
    originalTimestamp = Moment(required=False)  # noqa: N815
    sentAt = Moment(required=False)  # noqa: N815
    context = Free(required=False)
    integrations = Free(required=False)


class TrackIn(Message):
    event = Text(max_length=LONGEST_ABOUT, allow_blank=False)
    properties = Free(required=False)


class PageIn(Message):
    name = Text(required=False, max_length=LONGEST_ABOUT)
    properties = Free(required=False)


class IdentifyIn(Message):
    traits = Free(required=False)


class OneOf(Message):
    """A message of any type."""

    type = Choice(["track", "identify", "page"])
    event = Text(required=False, max_length=LONGEST_ABOUT)
    name = Text(required=False, max_length=LONGEST_ABOUT)
    properties = Free(required=False)
    traits = Free(required=False)


class BatchIn(Body):
    batch = several(OneOf(), MOST, min_length=1)
    context = Free(required=False)
    integrations = Free(required=False)
    sentAt = Moment(required=False)  # noqa: N815


class DoneShown(Body):
    """`ignored` are traits that are no attribute here."""

    success = serializers.BooleanField()
    result = serializers.CharField()
    contact_id = serializers.IntegerField(allow_null=True)
    ignored = serializers.ListField(child=serializers.CharField())
    errors = serializers.DictField(child=serializers.CharField())


class BatchShown(Body):
    success = serializers.BooleanField()
    rows = DoneShown(many=True)


@DOOR.post(
    "track", Action.CONTACT_EDIT, _("Track an event"), takes=TrackIn, gives=DoneShown,
    example={"userId": "crm-17", "event": "Trial started", "messageId": "m-1", "properties": {"plan": "pro"}},
)  # fmt: skip
def track(asked: Asked) -> dict[str, Any]:
    """Keep an event; a repeat with the same messageId is dropped."""
    return _refusing(_done(asked, {**asked.body, "type": "track"}))


@DOOR.post(
    "page", Action.CONTACT_EDIT, _("Track a page view"), takes=PageIn, gives=DoneShown,
    example={"anonymousId": "b-1", "name": "Pricing", "properties": {"url": "https://www.example.com/pricing"}},
)  # fmt: skip
def page(asked: Asked) -> dict[str, Any]:
    """Keep a page view."""
    return _refusing(_done(asked, {**asked.body, "type": "page"}))


@DOOR.post(
    "identify", Action.CONTACT_EDIT, _("Say who somebody is"), takes=IdentifyIn, gives=DoneShown,
    example={"userId": "crm-17", "anonymousId": "b-1", "traits": {"email": "cs.kim@hanbit.example.com", "plan": "pro"}},
    text=_("A visitor who turns out to be a known person becomes part of that person."),
)  # fmt: skip
def identify(asked: Asked) -> dict[str, Any]:
    """Write what is known of a person."""
    return _refusing(_done(asked, {**asked.body, "type": "identify"}))


@DOOR.post(
    "batch", Action.CONTACT_EDIT, _("Send many such messages"), takes=BatchIn, gives=BatchShown, largest=BULK,
    example={"batch": [{"type": "track", "userId": "crm-17", "event": "Trial started", "messageId": "m-1"}]},
)  # fmt: skip
def batch(asked: Asked) -> dict[str, Any]:
    """Do each in its order; one that is wrong is refused, the others are done."""
    rows = [row for run in _runs(asked.body["batch"]) for row in _all_done(asked, run)]
    return {"success": all(row["success"] for row in rows), "rows": rows}


def _runs(messages: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Part the messages, in their order, into single ones that identify and all those between."""
    for identifies, run in groupby(messages, lambda message: message["type"] == "identify"):
        if identifies:
            yield from ([message] for message in run)
        else:
            yield list(run)


def _all_done(asked: Asked, run: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if run[0]["type"] == "identify":
        return [_identified(asked, run[0])]
    kept = keep([_report(message) for message in run], asked)
    return [_said(one.result, one.contact_id, errors=dict(one.errors or {})) for one in kept]


def _refusing(done: dict[str, Any]) -> dict[str, Any]:
    """Raise Invalid for a single message that was refused."""
    if not done["success"]:
        raise Invalid(done["errors"])
    return done


def _done(asked: Asked, message: Mapping[str, Any]) -> dict[str, Any]:
    return _all_done(asked, [message])[0]


def _said(result: str, contact_id: int | None, **more: Any) -> dict[str, Any]:
    base = {"success": result != "refused", "result": result, "contact_id": contact_id}
    return {**base, "ignored": [], "errors": {}, **more}


def _named(message: Mapping[str, Any], email: str = "") -> Named:
    return Named(
        external_id=message.get("userId") or "", anonymous_id=message.get("anonymousId") or "", email=email
    )  # fmt: skip


def _report(message: Mapping[str, Any]) -> Report:
    properties = dict(message.get("properties") or {})
    kind, about = TRACKED, message.get("event") or ""
    if message["type"] == "page":
        kind, about = "page.viewed", _address(message, properties)
        if message.get("name"):
            properties.setdefault("title", message["name"])
    elif about in KINDS:
        kind = KINDS[about]
        about = str(properties.get("product_id") or properties.get("sku") or "") if kind == "product.viewed" else ""
    named = _named(message)
    at = message.get("timestamp") or message.get("originalTimestamp")
    return Report(named, kind, about, message.get("messageId") or "", at, None, properties)


def _address(message: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    where = properties.get("path") or properties.get("url") or message.get("name") or ""
    return str(where)[:LONGEST_ABOUT]


def _identified(asked: Asked, message: Mapping[str, Any]) -> dict[str, Any]:
    traits = message.get("traits") or {}
    try:
        with transaction.atomic():
            contact_id, ignored = _identify(asked, message, traits)
    except Invalid as error:
        return _said("refused", None, errors=error.errors)
    except WrongMerge as error:
        return _said("refused", None, errors={"anonymousId": str(error)})
    return _said("kept", contact_id, ignored=ignored)


def _identify(asked: Asked, message: Mapping[str, Any], traits: Mapping[str, Any]) -> tuple[int, list[str]]:
    require(asked.user, Action.CONTACT_ADD)
    named = _named(message, str(traits.get("email") or ""))
    people = People([named], user=asked.user, now=asked.now)
    visitor = people.find(Named(anonymous_id=named.anonymous_id)) if named.anonymous_id else None
    known = replace(named, anonymous_id="")
    person = (people.find(known) if not known.is_empty else None) or visitor
    contact_id = person or people.find_or_make(named)
    if visitor and visitor != contact_id and Contact.objects.filter(pk=visitor, email=None, merged_into=None):
        merge(contact_id, visitor, by=asked.user, now=asked.now)
    people.find_or_make(replace(named, contact_id=contact_id))
    return contact_id, _write(asked, contact_id, traits)


def _write(asked: Asked, contact_id: int, traits: Mapping[str, Any]) -> list[str]:
    """Write the traits over the profile, and return those that are nothing here. Raises Invalid."""
    contact = Contact.objects.select_for_update().get(pk=contact_id)
    known = attribute_values.defined(Target.CONTACT)
    given, rest = _parts(traits)
    keys = {row.key for row in known}
    own = {name: value for name, value in rest.items() if name in keys}
    before = Profile.of(contact)
    attributes = attribute_values.merged(known, before.attributes, own)
    wanted = replace(before, **given, attributes=attributes)
    profile.update(contact_id, wanted, version=contact.version, by=asked.user, now=asked.now)
    return sorted(set(rest) - keys)


def _parts(traits: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split traits into parts of a profile and the rest. Raises Invalid."""
    from crm.api.contacts import ContactIn

    given = {TRAITS[name]: value for name, value in traits.items() if name in TRAITS}
    names = [str(traits[name]) for name in ("firstName", "lastName") if traits.get(name)]
    if "name" not in given and names:
        given["name"] = " ".join(names)
    company = traits.get("company")
    if company is not None:
        given["company"] = company.get("name", "") if isinstance(company, dict) else company
    address = traits.get("address")
    if isinstance(address, dict):
        given |= {PLACE[name]: value for name, value in address.items() if name in PLACE}
    serializer = ContactIn(data=given)
    if not serializer.is_valid():
        raise Invalid({f"traits.{name}": str(texts[0]) for name, texts in serializer.errors.items()})
    used = {*TRAITS, "firstName", "lastName", "company", "address"}
    return dict(serializer.validated_data), {name: value for name, value in traits.items() if name not in used}
