"""Notes on people and accounts. Who wrote one may change it; what it said before is kept."""

from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.errors import StaleEdit
from contacts.notes import queries, writing
from contacts.notes.models import Note
from contacts.notes.writing import NotYours
from contacts.people.posted import made_by
from crm.api.contacts import found
from crm.api.fields import Body, Id, Text, Whole
from crm.api.files import DOOR, OWNERS, on_one
from crm.api.problems import stale
from crm.api.route import Asked, Listing
from crm.kit.paging import keyset_page
from crm.team.models import User
from crm.team.permissions import Action


class NoteShown(Body):
    """A note; the text of a deleted one is empty."""

    id = serializers.IntegerField()
    contact_id = serializers.IntegerField(allow_null=True)
    account_id = serializers.IntegerField(allow_null=True)
    text = serializers.CharField(allow_blank=True)
    by_id = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class NoteOn(Body):
    """A note for a person."""

    text = Text(max_length=writing.LONGEST_NOTE, allow_blank=False, help_text=_("“@Name” tells a colleague."))


class NoteIn(NoteOn):
    """A note for a person or an account."""

    contact_id = Id(required=False)
    account_id = Id(required=False)


class NotePatch(NoteOn):
    version = Whole(max_value=2**31 - 1)


def _shown(row: Note) -> dict[str, Any]:
    names = ("contact_id", "account_id", "text", "by_id", "at", "edited_at", "version")
    return {"id": row.pk, **{name: getattr(row, name) for name in names}}


def _written(asked: Asked, **whose: int) -> dict[str, Any]:
    text, token = asked.body["text"], uuid4()
    if "contact_id" in whose:
        writing.add(whose["contact_id"], text, by=asked.user, now=asked.now, token=token)
    else:
        writing.add_to_account(whose["account_id"], text, by=asked.user, now=asked.now, token=token)
    return _shown(Note.objects.get(pk=made_by(token)))


@DOOR.get(
    "notes", Action.CONTACT_VIEW, _("List the notes on a person or an account"), gives=NoteShown, pages=True,
    query=OWNERS,
)  # fmt: skip
def list_notes(asked: Asked) -> Listing:
    """Return notes, the newest first, without those that were deleted."""
    whose = on_one(asked.user, asked.number("contact_id"), asked.number("account_id"))
    rows = Note.objects.filter(**whose, deleted_at=None)
    return Listing.of(keyset_page(rows, ("-at", "-id"), cursor=asked.cursor, size=asked.size), _shown)


@DOOR.post(
    "notes", Action.CONTACT_EDIT, _("Write a note"), takes=NoteIn, gives=NoteShown, status=201,
    example={"account_id": 7, "text": "Wants a second office in Busan."},
)  # fmt: skip
def write_note(asked: Asked) -> dict[str, Any]:
    """Write a note on a person or an account."""
    return _written(asked, **on_one(asked.user, asked.body.get("contact_id"), asked.body.get("account_id")))


@DOOR.post(
    "contacts/<row:contact_id>/notes", Action.CONTACT_EDIT, _("Write a note on a person"), takes=NoteOn,
    gives=NoteShown, status=201, example={"text": "Asked for a call next week."},
)  # fmt: skip
def add_note(asked: Asked, contact_id: int) -> dict[str, Any]:
    """Write a note on this person."""
    return _written(asked, contact_id=found(asked.user, contact_id).pk)


@DOOR.get("notes/<row:note_id>", Action.CONTACT_VIEW, _("Read a note"), gives=NoteShown)
def read_note(asked: Asked, note_id: int) -> dict[str, Any]:
    """Return one note."""
    return _shown(_found(asked.user, note_id))


@DOOR.patch(
    "notes/<row:note_id>", Action.CONTACT_EDIT, _("Change one's own note"), takes=NotePatch, gives=NoteShown,
    refuses=(409,), example={"version": 1, "text": "Asked for a call on Monday."},
)  # fmt: skip
def change_note(asked: Asked, note_id: int) -> dict[str, Any]:
    """Change the text; what it said before is kept."""
    note, body = _found(asked.user, note_id), asked.body
    try:
        return _shown(writing.edit(note.pk, body["text"], version=body["version"], by=asked.user, now=asked.now))
    except NotYours as error:
        raise PermissionDenied(str(error)) from error
    except StaleEdit:
        raise stale(_shown(_found(asked.user, note_id))) from None


@DOOR.delete("notes/<row:note_id>", Action.CONTACT_EDIT, _("Delete one's own note"))
def delete_note(asked: Asked, note_id: int) -> None:
    """Take a note away; who may read its history still sees that there was one."""
    try:
        writing.delete(_found(asked.user, note_id).pk, by=asked.user, now=asked.now)
    except NotYours as error:
        raise PermissionDenied(str(error)) from error


def _found(user: User, note_id: int) -> Note:
    return get_object_or_404(queries.visible_notes(user), pk=note_id)
