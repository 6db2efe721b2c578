"""Adding or changing up to 1,000 people at once, each by e-mail or by another system's key."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.attributes.models import Attribute, Target
from contacts.people import upserting
from contacts.people.profile import Profile
from crm.api import attribute_values
from crm.api.bodies import BULK
from crm.api.contacts import ContactIn, written
from crm.api.fields import Body, Choice, Text, several
from crm.api.route import Asked, Door
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action, require

DOOR = Door("Contacts", TokenScope.CONTACTS_READ, TokenScope.CONTACTS_WRITE)
UPDATE, FILL, SKIP = "update", "fill", "skip"


class UpsertRow(ContactIn):
    """A person, with the key that another system knows her by."""

    external_id = Text(required=False, max_length=200)


class UpsertIn(Body):
    contacts = several(UpsertRow(), upserting.MOST, min_length=1)
    known = Choice(
        [UPDATE, FILL, SKIP], required=False, help_text=_("Of known people: change, only fill blanks, or leave as is.")
    )


class OutcomeShown(Body):
    result = serializers.ChoiceField(["created", "updated", "unchanged", "refused"])
    contact_id = serializers.IntegerField(allow_null=True)
    errors = serializers.DictField(child=serializers.CharField(), help_text=_("By field."))


class UpsertShown(Body):
    """What became of each row, in their order."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    rows = OutcomeShown(many=True)


@DOOR.post(
    "contacts/upsert", Action.CONTACT_EDIT, _("Add or change many people"), takes=UpsertIn, gives=UpsertShown,
    largest=BULK,
    example={
        "known": "update",
        "contacts": [
            {"email": "cs.kim@hanbit.example.com", "name": "김철수", "external_id": "crm-17"},
            {"external_id": "crm-18", "phone": "010-1234-5678"},
        ],
    },
    text=_("A person is found by external_id, else by email. A row that is wrong is refused, the others are written."),
)  # fmt: skip
def upsert_contacts(asked: Asked) -> dict[str, Any]:
    """Add or change people; a repeat changes nothing."""
    require(asked.user, Action.CONTACT_ADD)
    known = attribute_values.defined(Target.CONTACT)
    policy = _POLICIES[asked.body.get("known", UPDATE)]
    rows = [
        upserting.Row(row.get("email", ""), row.get("external_id", ""), partial(policy, known, row))
        for row in asked.body["contacts"]
    ]
    return told(upserting.upsert(rows, by=asked.user, now=asked.now))


def told(outcomes: list[upserting.Outcome]) -> dict[str, Any]:
    """Return outcomes as JSON values, with how many there are of each."""
    names = ("created", "updated", "unchanged", "refused")
    rows = [{"result": one.result, "contact_id": one.contact_id, "errors": dict(one.errors)} for one in outcomes]
    return {name: sum(one.result == name for one in outcomes) for name in names} | {"rows": rows}


def overwritten(known: list[Attribute], row: Mapping[str, Any], before: Profile) -> Profile:
    """Return the profile with everything of the row. Raises Invalid."""
    return written(before, {name: value for name, value in row.items() if name != "external_id"}, known)


def _filled(known: list[Attribute], row: Mapping[str, Any], before: Profile) -> Profile:
    """Return the profile with its blanks filled from the row."""
    wanted = overwritten(known, row, before)
    kept = {
        part.name: value
        for part in fields(Profile)
        if part.name != "attributes" and (value := getattr(before, part.name))
    }
    return replace(wanted, **kept, attributes={**wanted.attributes, **before.attributes})


def _skipped(known: list[Attribute], row: Mapping[str, Any], before: Profile) -> Profile:
    """Return a known profile as it is, a new one from the row."""
    return overwritten(known, row, before) if before == Profile() else before


_POLICIES: dict[str, Callable[[list[Attribute], Mapping[str, Any], Profile], Profile]] = {
    UPDATE: overwritten,
    FILL: _filled,
    SKIP: _skipped,
}
