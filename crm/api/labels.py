"""Lists and tags, and who is on them."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.attributes.models import Target
from contacts.errors import StaleEdit
from contacts.lists import fixed, labels, membership
from contacts.lists.models import FixedList, ListMember, Tag
from contacts.people.models import Contact
from contacts.people.queries import page_by_name
from crm.api import attribute_values
from crm.api.contacts import ContactShown, shown
from crm.api.fields import Body, Text, Whole
from crm.api.problems import stale
from crm.api.route import Asked, Door, Listing, Param
from crm.api.rows import PeopleChanged, PeopleIn, people
from crm.kit.paging import keyset_page
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action

DOOR = Door("Lists and tags", TokenScope.LISTS_READ, TokenScope.LISTS_WRITE)


class ListIn(Body):
    name = Text(max_length=120, allow_blank=False)
    description = Text(max_length=4000, required=False)


class ListPatch(Body):
    name = Text(max_length=120, required=False, allow_blank=False)
    description = Text(max_length=4000, required=False)
    version = Whole()


class ListShown(Body):
    """A fixed list."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    version = serializers.IntegerField()


def _list(row: FixedList) -> dict[str, Any]:
    names = ("name", "description", "created_at", "version")
    return {"id": row.pk, **{name: getattr(row, name) for name in names}}


@DOOR.get(
    "lists", Action.CONTACT_VIEW, _("List lists"), gives=ListShown, pages=True,
    query=(Param("q", _("Part of the name.")),),
)  # fmt: skip
def list_lists(asked: Asked) -> Listing:
    """Return fixed lists by name."""
    rows = FixedList.objects.filter(name__icontains=asked.text("q"))
    return Listing.of(keyset_page(rows, ("name", "id"), cursor=asked.cursor, size=asked.size), _list)


@DOOR.post(
    "lists", Action.LIST_EDIT, _("Make a list"), takes=ListIn, gives=ListShown, status=201,
    example={"name": "Expo guests"},
)  # fmt: skip
def make_list(asked: Asked) -> dict[str, Any]:
    """Make an empty list."""
    return _list(
        fixed.create(asked.body["name"], asked.body.get("description", ""), by=asked.user, now=asked.now)
    )  # fmt: skip


@DOOR.get("lists/<row:list_id>", Action.CONTACT_VIEW, _("Read a list"), gives=ListShown)
def read_list(asked: Asked, list_id: int) -> dict[str, Any]:  # noqa: ARG001 - every role sees lists
    """Return one list."""
    return _list(get_object_or_404(FixedList, pk=list_id))


@DOOR.patch(
    "lists/<row:list_id>", Action.LIST_EDIT, _("Rename a list"), takes=ListPatch, gives=ListShown, refuses=(409,),
    example={"version": 1, "name": "Guests of the expo"},
)  # fmt: skip
def rename_list(asked: Asked, list_id: int) -> dict[str, Any]:
    """Change name and description."""
    row, body = get_object_or_404(FixedList, pk=list_id), asked.body
    name, description = body.get("name", row.name), body.get("description", row.description)
    try:
        return _list(fixed.rename(row.pk, name, description, version=body["version"]))
    except StaleEdit:
        raise stale(_list(FixedList.objects.get(pk=list_id))) from None


@DOOR.delete("lists/<row:list_id>", Action.LIST_EDIT, _("Delete a list; its people stay"))
def delete_list(asked: Asked, list_id: int) -> None:  # noqa: ARG001 - allowed is allowed
    """Delete a list."""
    fixed.delete(get_object_or_404(FixedList, pk=list_id))


@DOOR.get(
    "lists/<row:list_id>/members", Action.CONTACT_VIEW, _("List who is on a list"), gives=ContactShown, pages=True,
    scope=TokenScope.CONTACTS_READ,
)  # fmt: skip
def list_members(asked: Asked, list_id: int) -> Listing:
    """Return the people of a list whom you may see, by name."""
    row = get_object_or_404(FixedList, pk=list_id)
    inside = ListMember.objects.filter(fixed_list=row).values("contact")
    page = page_by_name(Contact.objects.visible_to(asked.user).filter(pk__in=inside), asked.cursor, asked.size)
    known = attribute_values.defined(Target.CONTACT)
    return Listing.of(page, lambda contact: shown(contact, known))


@DOOR.post(
    "lists/<row:list_id>/members", Action.LIST_EDIT, _("Put people on a list, take them off"), takes=PeopleIn,
    gives=PeopleChanged, example={"add": [12, 15], "remove": [9]},
)  # fmt: skip
def change_members(asked: Asked, list_id: int) -> dict[str, Any]:
    """Change who is on a list; a repeat changes nothing."""
    row = get_object_or_404(FixedList, pk=list_id)
    add, remove = _both(asked)
    added = membership.add(row, add.ids, by=asked.user, now=asked.now)
    removed = membership.remove(row, remove.ids, by=asked.user, now=asked.now)
    return {"added": added, "removed": removed, "not_found": [*add.missing, *remove.missing]}


def _both(asked: Asked) -> Any:
    return tuple(people(asked.user, asked.body.get(name, ())) for name in ("add", "remove"))


class TagIn(Body):
    name = Text(max_length=60, allow_blank=False)


class TagPatch(Body):
    name = Text(max_length=60, allow_blank=False)
    before = Text(max_length=60, help_text=_("What it was called when it was read."))


class TagShown(Body):
    """A label on people."""

    id = serializers.IntegerField()
    name = serializers.CharField()


def _tag(row: Tag) -> dict[str, Any]:
    return {"id": row.pk, "name": row.name}


@DOOR.get(
    "tags", Action.CONTACT_VIEW, _("List tags"), gives=TagShown, pages=True, query=(Param("q", _("Part of the name.")),)
)
def list_tags(asked: Asked) -> Listing:
    """Return tags by name."""
    rows = Tag.objects.filter(name__icontains=asked.text("q"))
    return Listing.of(keyset_page(rows, ("name", "id"), cursor=asked.cursor, size=asked.size), _tag)


@DOOR.post(
    "tags", Action.LIST_EDIT, _("Make a tag; one that exists stays"), takes=TagIn, gives=TagShown, status=201,
    example={"name": "VIP"},
)  # fmt: skip
def make_tag(asked: Asked) -> dict[str, Any]:
    """Return the tag of this name, made when there is none."""
    return _tag(membership.tag_named(asked.body["name"]))


@DOOR.patch(
    "tags/<row:tag_id>", Action.LIST_EDIT, _("Rename a tag"), takes=TagPatch, gives=TagShown, refuses=(409,),
    example={"name": "Key customer", "before": "VIP"},
)  # fmt: skip
def rename_tag(asked: Asked, tag_id: int) -> dict[str, Any]:
    """Rename a tag everywhere."""
    row = get_object_or_404(Tag, pk=tag_id)
    try:
        return _tag(labels.rename(row.pk, asked.body["name"], before=asked.body["before"]))
    except StaleEdit:
        raise stale(_tag(Tag.objects.get(pk=tag_id))) from None


@DOOR.delete("tags/<row:tag_id>", Action.LIST_EDIT, _("Delete a tag; its people stay"))
def delete_tag(asked: Asked, tag_id: int) -> None:  # noqa: ARG001 - allowed is allowed
    """Delete a tag."""
    labels.delete(get_object_or_404(Tag, pk=tag_id))


@DOOR.post(
    "tags/<row:tag_id>/members", Action.CONTACT_EDIT, _("Tag people, untag them"), takes=PeopleIn, gives=PeopleChanged,
    example={"add": [12, 15]},
)  # fmt: skip
def change_wearers(asked: Asked, tag_id: int) -> dict[str, Any]:
    """Change who wears a tag; a repeat changes nothing."""
    row = get_object_or_404(Tag, pk=tag_id)
    add, remove = _both(asked)
    added = membership.tag(row, add.ids, by=asked.user, now=asked.now)
    removed = membership.untag(row, remove.ids, by=asked.user, now=asked.now)
    return {"added": added, "removed": removed, "not_found": [*add.missing, *remove.missing]}
