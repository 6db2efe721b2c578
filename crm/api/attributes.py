"""Custom attributes, and the stages people stand in."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.attributes import definition
from contacts.attributes.models import Attribute, AttributeType, Target
from contacts.stages.choice import stages_in_use
from contacts.stages.models import Stage
from contacts.stages.moving import BY_HAND, move
from crm.api.fields import Body, Choice, Id, Text, several
from crm.api.route import Asked, Door, Listing
from crm.api.rows import MOST, people
from crm.kit.paging import keyset_page
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action

DOOR = Door("Attributes and stages", TokenScope.ATTRIBUTES_READ, TokenScope.ATTRIBUTES_WRITE)


class AttributeIn(Body):
    """A new attribute; its key is made of its label."""

    target = Choice(Target.values)
    label = Text(max_length=80, allow_blank=False)
    type = Choice(AttributeType.values)
    choices = several(Text(max_length=120), 500, required=False)


class AttributePatch(Body):
    """Type and key stay."""

    label = Text(max_length=80, required=False, allow_blank=False)
    choices = several(Text(max_length=120), 500, required=False)


class AttributeShown(Body):
    """A custom attribute."""

    id = serializers.IntegerField()
    target = serializers.ChoiceField(Target.values)
    key = serializers.CharField()
    label = serializers.CharField()
    type = serializers.ChoiceField(AttributeType.values)
    choices = serializers.ListField(child=serializers.CharField())
    retired_at = serializers.DateTimeField(allow_null=True)


def _attribute(row: Attribute) -> dict[str, Any]:
    names = ("target", "key", "label", "type", "choices", "retired_at")
    return {"id": row.pk, **{name: getattr(row, name) for name in names}}


@DOOR.get("attributes", Action.CONTACT_VIEW, _("List attributes"), gives=AttributeShown, pages=True)
def list_attributes(asked: Asked) -> Listing:
    """Return the attributes of people and accounts in their order."""
    order = ("target", "position", "id")
    return Listing.of(keyset_page(Attribute.objects.all(), order, cursor=asked.cursor, size=asked.size), _attribute)


@DOOR.post(
    "attributes", Action.ATTRIBUTE_EDIT, _("Define an attribute"), takes=AttributeIn, gives=AttributeShown, status=201,
    example={"target": "contact", "label": "Plan", "type": "choice", "choices": ["Pro", "Free"]},
)  # fmt: skip
def define_attribute(asked: Asked) -> dict[str, Any]:
    """Define an attribute."""
    body = asked.body
    return _attribute(definition.define(body["target"], body["label"], body["type"], body.get("choices", ())))


@DOOR.patch(
    "attributes/<row:attribute_id>", Action.ATTRIBUTE_EDIT, _("Change an attribute"), takes=AttributePatch,
    gives=AttributeShown, refuses=(409,), example={"label": "Subscription"},
)  # fmt: skip
def change_attribute(asked: Asked, attribute_id: int) -> dict[str, Any]:
    """Change label and choices; values that are no longer offered are kept."""
    row = get_object_or_404(Attribute, pk=attribute_id)
    label, choices = asked.body.get("label", row.label), asked.body.get("choices", row.choices)
    return _attribute(definition.change(row, label, choices))


@DOOR.delete(
    "attributes/<row:attribute_id>", Action.ATTRIBUTE_EDIT, _("Delete an attribute with all its values"),
    refuses=(409, 422),
)  # fmt: skip
def delete_attribute(asked: Asked, attribute_id: int) -> None:  # noqa: ARG001 - allowed is allowed
    """Delete an attribute."""
    definition.delete(get_object_or_404(Attribute, pk=attribute_id))


@DOOR.post(
    "attributes/<row:attribute_id>/retire", Action.ATTRIBUTE_EDIT, _("Retire an attribute"), gives=AttributeShown,
    text=_("It is shown and asked for nowhere any more; its values are kept."),
)  # fmt: skip
def retire_attribute(asked: Asked, attribute_id: int) -> dict[str, Any]:
    """Hide an attribute; a repeat changes nothing."""
    definition.retire(get_object_or_404(Attribute, pk=attribute_id), now=asked.now)
    return _attribute(Attribute.objects.get(pk=attribute_id))


@DOOR.post(
    "attributes/<row:attribute_id>/bring-back", Action.ATTRIBUTE_EDIT, _("Bring a retired attribute back"),
    gives=AttributeShown,
)  # fmt: skip
def bring_back_attribute(asked: Asked, attribute_id: int) -> dict[str, Any]:  # noqa: ARG001 - allowed is allowed
    """Show an attribute again with the values it had."""
    definition.bring_back(get_object_or_404(Attribute, pk=attribute_id))
    return _attribute(Attribute.objects.get(pk=attribute_id))


class StageShown(Body):
    """A stage of the model in use."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    position = serializers.IntegerField()
    team = serializers.CharField()


def _stage(row: Stage) -> dict[str, Any]:
    return {"id": row.pk, "key": row.key, "name": row.label, "position": row.position, "team": row.team}


class StagesShown(Body):
    stages = StageShown(many=True)


@DOOR.get("stages", Action.CONTACT_VIEW, _("List the stages in use"), gives=StagesShown)
def list_stages(asked: Asked) -> dict[str, Any]:  # noqa: ARG001 - every role sees them
    """Return the stages in order."""
    return {"stages": [_stage(row) for row in stages_in_use()]}


class MovesIn(Body):
    contacts = several(Id(), MOST, min_length=1)


class MovesShown(Body):
    moved = serializers.IntegerField()
    not_found = serializers.ListField(child=serializers.IntegerField())


@DOOR.post(
    "stages/<row:stage_id>/moves", Action.CONTACT_EDIT, _("Move people to a stage"), takes=MovesIn, gives=MovesShown,
    scope=TokenScope.CONTACTS_WRITE, example={"contacts": [12, 15]},
)  # fmt: skip
def move_people(asked: Asked, stage_id: int) -> dict[str, Any]:
    """Move people by hand; each move is kept in the activity."""
    stage = get_object_or_404(Stage, pk=stage_id, model__in_use=True)
    chosen = people(asked.user, asked.body["contacts"])
    moved = move(chosen.ids, stage, cause=BY_HAND, by=asked.user, now=asked.now)
    return {"moved": moved, "not_found": chosen.missing}
