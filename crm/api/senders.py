"""Senders, read. A person adds one on its page: the address has to be proved by whoever reads its mailbox."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from campaigns.senders.models import Sender
from crm.api.campaigns import DOOR
from crm.api.fields import Body
from crm.api.route import Asked, Listing
from crm.kit.paging import keyset_page
from crm.team.permissions import Action


class SenderShown(Body):
    """Who mails come from. Only a verified one may launch."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.CharField()
    reply_to = serializers.CharField(allow_blank=True)
    organisation = serializers.CharField()
    postal_address = serializers.CharField()
    phone = serializers.CharField()
    verified_at = serializers.DateTimeField(allow_null=True, help_text=_("Null: the address was not proved yet."))


_PLAIN = ("name", "email", "reply_to", "organisation", "postal_address", "phone", "verified_at")


def _shown(row: Sender) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in _PLAIN}}


@DOOR.get("senders", Action.SENDER_EDIT, _("List senders"), gives=SenderShown, pages=True)
def list_senders(asked: Asked) -> Listing:
    """Return senders by name."""
    page = keyset_page(Sender.objects.all(), ("name", "id"), cursor=asked.cursor, size=asked.size)
    return Listing.of(page, _shown)


@DOOR.get("senders/<row:sender_id>", Action.SENDER_EDIT, _("Read a sender"), gives=SenderShown)
def read_sender(asked: Asked, sender_id: int) -> dict[str, Any]:  # noqa: ARG001 - who may look sees all
    """Return one sender."""
    return _shown(get_object_or_404(Sender, pk=sender_id))
