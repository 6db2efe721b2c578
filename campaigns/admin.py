"""What campaigns shows in the admin: templates are edited here, the rest leads to the page where it is changed."""

from django.contrib import admin

from campaigns.senders.models import Sender
from campaigns.sending.models import DomainPace, MailerState, Message
from campaigns.templating.admin import MailTemplateAdmin
from crm.team.admin_lists import ShownAdmin

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
    list_display = ("alias", "failures", "open_until", "reason")
    ordering = ("alias",)


@admin.register(DomainPace)
class DomainPaceAdmin(ShownAdmin):
    """Recipient domains that asked to go slower."""

    list_display = ("domain", "mailer", "failures", "until", "reason")
    ordering = ("domain", "pk")


@admin.register(Message)
class MessageAdmin(ShownAdmin):
    """Who was to get which mail, and why not; each opens as it was sent."""

    page_name = "campaigns:mail"
    by_person = True
    list_display = ("pk", "dispatch_id", "person", "email", "left_out")
    ordering = ("-pk",)
