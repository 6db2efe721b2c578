"""What campaigns shows in the admin: templates are edited here, the rest leads to the page where it is changed."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from campaigns.senders.models import Sender
from campaigns.sending.models import MailerState, Message
from campaigns.templating.admin import MailTemplateAdmin
from contacts.people.admin import OfPeopleAdmin
from crm.team.admin_lists import ShownAdmin, column

__all__ = ["MailTemplateAdmin"]


@admin.register(Sender)
class SenderAdmin(ShownAdmin):
    """Senders, with the day on which their address was proved."""

    page_name = "campaigns:sender"
    list_display = ("name", "email", "organisation", "verified_at")
    ordering = ("name", "pk")


@admin.register(MailerState)
class MailerStateAdmin(ShownAdmin):
    """The mailers that had failures, and until when they rest."""

    page_name, page_takes_key = "campaigns:sending-settings", False
    list_display = (
        column("alias", _("Name")), column("failures", _("Failures in a row")), column("open_until", _("Rests until")),
        column("reason", _("Reason")),
    )  # fmt: skip
    ordering = ("alias",)


@admin.register(Message)
class MessageAdmin(OfPeopleAdmin):
    """Who was to get which mail, and why not; each opens as it was sent."""

    page_name = "campaigns:mail"
    list_display = (
        column("pk", _("No.")), column("dispatch_id", _("Mailing")), "person", column("email", _("E-mail")),
        column("left_out", _("Left out because")),
    )  # fmt: skip
    ordering = ("-pk",)
