"""The entries of campaigns in the list of personal data. Registered by CampaignsConfig.ready."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from campaigns.rendering.whole import MailGone, copy_of
from campaigns.sending.models import Message
from campaigns.templating.errors import TemplateError
from campaigns.webhooks.models import WebhookReceipt
from contacts.privacy.handlers import PersonalData, Row, deleting, rows, run, running
from contacts.privacy.people import People
from crm.kit import clock

_AT_ONCE = 200
_NAMELESS = """
UPDATE campaigns_message SET email = '', given = NULL WHERE id = ANY(ARRAY(
    SELECT id FROM campaigns_message WHERE contact_id = ANY(%(ids)s) AND email <> '' LIMIT %(limit)s))
"""
_RETRIES = """
DELETE FROM campaigns_retry WHERE id = ANY(ARRAY(
    SELECT r.id FROM campaigns_retry r JOIN campaigns_message m ON m.id = r.message_id
    WHERE m.contact_id = ANY(%(ids)s) LIMIT %(limit)s))
"""
_NOTICES = """
SELECT kind, state, due_at AS at FROM campaigns_consentnotice WHERE contact_id = ANY(%s) ORDER BY due_at
"""
_REASONS = (
    ("campaigns_dispatch", "state_reason"), ("campaigns_campaign", "state_reason"), ("campaigns_domainpace", "reason"),
    ("campaigns_mailerstate", "reason"),
)  # fmt: skip
_REASON = "UPDATE {table} SET {column} = '…' WHERE {column} ILIKE ANY(%(addresses)s)"


def _mails(people: People) -> Iterator[Row]:
    """Yield her mails as they were sent, the oldest first; a mail that was left out with its reason."""
    last = 0
    found = Message.objects.filter(contact_id__in=people.ids).select_related("dispatch").order_by("pk")
    while some := list(found.filter(pk__gt=last)[:_AT_ONCE]):
        yield from (_mail(message) for message in some)
        last = some[-1].pk


def _mail(message: Message) -> Row:
    told = {
        "number": message.pk, "at": message.dispatch.created_at, "address": message.email,
        "left_out": str(message.get_left_out_display()) if message.left_out else "",
    }  # fmt: skip
    try:
        sample = copy_of(message.pk, clock.now()) if not message.left_out else None
    except (MailGone, TemplateError):
        sample = None
    return told | ({"subject": sample.subject, "text": sample.text} if sample else {})


def _receipts(people: People, _limit: int) -> int:
    """Cut the addresses out of the raw posts of mail providers; what they told was read, or is read without her."""
    addresses = [address.encode() for address in people.addresses]
    if not addresses:
        return 0
    found = WebhookReceipt.objects.extra(  # bytes have no lookup of their own
        where=["EXISTS (SELECT FROM unnest(%s::bytea[]) AS a(text) WHERE position(a.text IN body) > 0)"],
        params=[addresses],
    )
    for receipt in found:
        body = bytes(receipt.body)
        for address in addresses:
            body = body.replace(address, b"erased@erased.invalid")
        WebhookReceipt.objects.filter(pk=receipt.pk).update(body=body)
    return len(found)


def _reasons(people: People, _limit: int) -> int:
    """Empty reasons in which a mail server quotes an address."""
    words = {"addresses": people.address_patterns or ["^$"]}
    return sum(run(_REASON.format(table=table, column=column), words) for table, column in _REASONS)


CAMPAIGN_DATA = [
    PersonalData(
        "mails",
        _("Mails"),
        ("campaigns_message.contact_id",),
        running(_NAMELESS),
        _mails,
        stays=_(
            "That a mail went to somebody stays, without address and person, so that the numbers of mailings hold."
        ),
    ),
    PersonalData("retries", _("Mails that wait"), (), running(_RETRIES)),
    PersonalData(
        "caps", _("Mails of late, for the limit"), ("contact_send_state.contact_id",), deleting("contact_send_state")
    ),
    rows("soft_bounces", _("Mails that came back"), "campaigns_softbounces"),
    rows("consent_notices", _("Notices of consent"), "campaigns_consentnotice", select=_NOTICES),
    PersonalData("receipts", _("Reports of mail providers"), (), _receipts),
    PersonalData("reasons", _("Refusals of mail servers that quote the address"), (), _reasons),
]
