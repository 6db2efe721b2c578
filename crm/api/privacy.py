"""What is held of one person, given away whole; and the certificates of erasures."""

from typing import Any

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.privacy import giving
from contacts.privacy.models import Erasure, Reason
from contacts.privacy.people import People
from crm.api.contact_parts import DOOR
from crm.api.contacts import found
from crm.api.fields import Body, Text
from crm.api.route import FILE_TYPE, Asked, Listing
from crm.kit.paging import keyset_page
from crm.kit.work import WorkState
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action


class DataIn(Body):
    reason = Text(max_length=300, allow_blank=False, help_text=_("What it is for; kept for good."))


@DOOR.post(
    "contacts/<row:contact_id>/data", Action.CONTACT_EXPORT, _("Take out all that is held of a person"), takes=DataIn,
    file=True, scope=TokenScope.CONTACTS_EXPORT, example={"reason": "She asked for it on 3 May"},
    text=_("A JSON document of every row about the person. Who took it, and why, is kept."),
)  # fmt: skip
def give_data(asked: Asked, contact_id: int) -> StreamingHttpResponse:
    """Return everything that is held of the person."""
    contact = found(asked.user, contact_id)
    giving.noted(asked.body["reason"], by=asked.user, now=asked.now)
    pieces = giving.pieces(People.of([contact.pk]), asked.now)
    name = {"Content-Disposition": f'attachment; filename="person-{contact.pk}.json"'}
    return StreamingHttpResponse(pieces, content_type=FILE_TYPE, headers=name)


class CertificateShown(Body):
    """An erasure: it names nobody, only numbers."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    reason = serializers.ChoiceField(Reason.values)
    proof = serializers.CharField(allow_blank=True)
    by_id = serializers.IntegerField(allow_null=True)
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True, help_text=_("Null while it is going on."))
    people = serializers.IntegerField()
    percent = serializers.IntegerField()
    state = serializers.ChoiceField(WorkState.values)
    counts = serializers.DictField(child=serializers.IntegerField(), help_text=_("Rows that are gone, by kind."))


_PLAIN = (
    "number", "reason", "proof", "by_id", "requested_at", "finished_at", "people", "percent", "state", "counts",
)  # fmt: skip


def _certificate(row: Erasure) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in _PLAIN}}


@DOOR.get(
    "erasures", Action.CONTACT_DELETE, _("List erasures"), gives=CertificateShown, pages=True,
    scope=TokenScope.CONTACTS_DELETE,
)  # fmt: skip
def list_erasures(asked: Asked) -> Listing:
    """Return erasures, the newest first."""
    page = keyset_page(Erasure.objects.all(), ("-id",), cursor=asked.cursor, size=asked.size)
    return Listing.of(page, _certificate)


@DOOR.get(
    "erasures/<row:erasure_id>", Action.CONTACT_DELETE, _("Read the certificate of an erasure"),
    gives=CertificateShown, scope=TokenScope.CONTACTS_DELETE,
)  # fmt: skip
def read_erasure(asked: Asked, erasure_id: int) -> dict[str, Any]:  # noqa: ARG001 - allowed is allowed
    """Return how far an erasure is."""
    return _certificate(get_object_or_404(Erasure, pk=erasure_id))
