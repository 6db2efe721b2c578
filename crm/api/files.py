"""Files kept with people and accounts; and how a verb hands a file out."""

from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.files import keeping
from contacts.files.models import KeptFile
from contacts.files.queries import visible_files
from contacts.people.models import Account, Contact
from contacts.people.posted import made_by
from crm.api.bodies import UPLOAD
from crm.api.contacts import found
from crm.api.fields import Body, Id
from crm.api.problems import invalid
from crm.api.route import FILE_TYPE, Asked, Door, Listing, Param
from crm.api.sent_files import FileIn, file_of
from crm.kit.paging import keyset_page
from crm.team.api_tokens import TokenScope
from crm.team.models import User
from crm.team.permissions import Action

DOOR = Door("Notes and files", TokenScope.CONTACTS_READ, TokenScope.CONTACTS_WRITE)


def handed_out(content: Any, name: str) -> FileResponse:
    """Return a stored file as the answer of a verb: bytes to be saved, whatever they are."""
    return FileResponse(content, as_attachment=True, filename=name, content_type=FILE_TYPE)


class KeptIn(FileIn):
    """A file for a person or an account."""

    contact_id = Id(required=False)
    account_id = Id(required=False)


class FileShown(Body):
    """A file that is kept with a person or an account."""

    id = serializers.IntegerField()
    contact_id = serializers.IntegerField(allow_null=True)
    account_id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    type = serializers.CharField()
    size = serializers.IntegerField(help_text=_("Bytes."))
    at = serializers.DateTimeField()
    by_id = serializers.IntegerField(allow_null=True)


def _shown(row: KeptFile) -> dict[str, Any]:
    names = ("contact_id", "account_id", "name", "type", "size", "at", "by_id")
    return {"id": row.pk, **{name: getattr(row, name) for name in names}}


def on_one(user: User, contact_id: int | None, account_id: int | None) -> dict[str, int]:
    """Return whose a note or file is, as one column and its value. Raises Refusal unless it is one that may be seen."""
    if (contact_id is None) == (account_id is None):
        raise invalid("contact_id", str(_("Give either contact_id or account_id.")))
    if account_id is not None:
        if not Account.objects.filter(pk=account_id).exists():
            raise invalid("account_id", str(_("There is no such account.")))
        return {"account_id": account_id}
    return {"contact_id": named(user, contact_id or 0, "contact_id").pk}


def named(user: User, contact_id: int, member: str) -> Contact:
    """Return the person whom a member of a body or a parameter names. Raises Refusal."""
    try:
        return found(user, contact_id)
    except Http404 as error:
        raise invalid(member, str(_("There is nobody of this number whom you may see."))) from error


OWNERS = (
    Param("contact_id", _("Of this person."), number=True),
    Param("account_id", _("Of this account."), number=True),
)


@DOOR.get(
    "files", Action.CONTACT_VIEW, _("List the files of a person or an account"), gives=FileShown, pages=True,
    query=OWNERS,
)  # fmt: skip
def list_files(asked: Asked) -> Listing:
    """Return files, the newest first."""
    whose = on_one(asked.user, asked.number("contact_id"), asked.number("account_id"))
    rows = visible_files(asked.user).filter(**whose)
    return Listing.of(keyset_page(rows, ("-at", "-id"), cursor=asked.cursor, size=asked.size), _shown)


@DOOR.post(
    "files", Action.CONTACT_EDIT, _("Keep a file"), takes=KeptIn, gives=FileShown, status=201,
    largest=UPLOAD, example={"contact_id": 12, "name": "offer.txt", "content": "T2ZmZXI="},
)  # fmt: skip
def keep_file(asked: Asked) -> dict[str, Any]:
    """Keep a file with a person or an account."""
    body = asked.body
    whose = on_one(asked.user, body.get("contact_id"), body.get("account_id"))
    token = uuid4()
    keeping.keep(file_of(body), **whose, by=asked.user, now=asked.now, token=token)
    return _shown(KeptFile.objects.get(pk=made_by(token)))


@DOOR.get("files/<row:file_id>", Action.CONTACT_VIEW, _("Read what a file is"), gives=FileShown)
def read_file(asked: Asked, file_id: int) -> dict[str, Any]:
    """Return one file without its content."""
    return _shown(_found(asked.user, file_id))


@DOOR.get("files/<row:file_id>/content", Action.CONTACT_VIEW, _("Download a file"), file=True)
def download_file(asked: Asked, file_id: int) -> FileResponse:
    """Return the bytes of a file."""
    row = _found(asked.user, file_id)
    try:
        return handed_out(row.stored.open("rb"), row.name)
    except FileNotFoundError as error:
        raise Http404 from error


@DOOR.delete("files/<row:file_id>", Action.CONTACT_EDIT, _("Delete a file"))
def delete_file(asked: Asked, file_id: int) -> None:
    """Delete a file for good."""
    keeping.delete(_found(asked.user, file_id))


def _found(user: User, file_id: int) -> KeptFile:
    rows: QuerySet[KeptFile] = visible_files(user)
    return get_object_or_404(rows, pk=file_id)
