"""Handing due notices to the send queue: some hundreds become one informational dispatch, with its ledger trail.

Notice and message are written in one transaction under the notice's lease, so that none is queued twice. One whose
statement no longer holds is cancelled: the later one has a notice of its own.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.campaign.errors import LaunchRefused
from campaigns.notices.models import ConsentNotice, NoticeKind, NoticeSettings
from campaigns.sending.transactional import send_to
from campaigns.templating.models import MailKind, TemplateVersion
from campaigns.templating.versions import current_version
from crm.kit.work import LostLease, WorkState
from crm.team import hold

AT_ONCE = 300  # notices a dispatch; also what one transaction writes
# Who still stands by what she said, may be written to at all, and has an address.
_HOLDING = """
SELECT n.id, c.id, c.email FROM campaigns_consentnotice n
JOIN contacts_contact c ON c.id = contact_root(n.contact_id)
JOIN contacts_consentstate k ON k.contact_id = c.id AND k.purpose = 'marketing' AND k.channel = 'email'
WHERE n.id = ANY(%s) AND k.entry_id = n.entry_id AND (n.kind = 'result' OR k.decision = 'granted')
  AND c.email IS NOT NULL AND NOT EXISTS (SELECT FROM contacts_suppression s WHERE s.email_key = c.email_key)
ORDER BY c.id
"""


def send_due(clock: Callable[[], datetime]) -> int:
    """Queue the mails of all notices that are due and return how many were queued."""
    queued = 0
    if hold.is_held():
        return queued
    for kind in NoticeKind:
        while rows := ConsentNotice.claim(clock(), limit=AT_ONCE, only=Q(kind=kind)):
            try:
                queued += _hand_over(kind, rows, clock())
            except LostLease:
                continue
    return queued


def _hand_over(kind: NoticeKind, rows: Sequence[ConsentNotice], now: datetime) -> int:
    wanted = NoticeSettings.objects.select_related("sender", "result_template", "reminder_template").first()
    if wanted is None or not getattr(wanted, f"{kind}s"):
        _close(rows, {})
        return 0
    version = current_version(getattr(wanted, f"{kind}_template"))
    if problem := _problem(wanted, version):
        _later(rows, problem, now)
        return 0
    assert version is not None
    try:
        with transaction.atomic():
            return _queue(rows, version, wanted, now)
    except LaunchRefused as error:
        _later(rows, str(error), now)
        return 0


def _problem(wanted: NoticeSettings, version: TemplateVersion | None) -> str:
    """Return what a person has to mend before notices can be sent, else ""."""
    if wanted.sender.verified_at is None:
        return _("The sender address %(email)s is not confirmed.") % {"email": wanted.sender.email}
    if version is None or version.kind != MailKind.INFORMATIONAL:
        return _("The mail of the notice is no longer an informational one with a saved version.")
    return ""


def _later(rows: Sequence[ConsentNotice], problem: str, now: datetime) -> None:
    for row in rows:
        row.try_again(problem, now)


def _queue(rows: Sequence[ConsentNotice], version: TemplateVersion, wanted: NoticeSettings, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_HOLDING, [[row.pk for row in rows]])
        holding = cursor.fetchall()
    people = {contact: email for _notice, contact, email in holding}
    messages = send_to(version, wanted.sender, people, now=now) if people else {}
    _close(rows, {notice: messages[contact] for notice, contact, _email in holding})
    return len(messages)


def _close(rows: Sequence[ConsentNotice], message_of: dict[int, int]) -> None:
    """Mark notices as told by their message, all others as cancelled. Raises LostLease."""
    with transaction.atomic():
        for row in rows:
            message = message_of.get(row.pk)
            row.finish(message_id=message)
            if message is None:
                ConsentNotice.objects.filter(pk=row.pk).update(state=WorkState.CANCELLED)
