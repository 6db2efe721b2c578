"""What webhooks hold of a person, and which segments they read: for who erases, merges and deletes."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from contacts.hooks.models import Hook
from contacts.privacy.handlers import rows
from contacts.segments.uses import Use, page_of

_TOLD = """
SELECT h.name AS webhook, h.url AS address, e.kind, e.occurred_at, e.properties
FROM contacts_hookevent e JOIN contacts_hook h ON h.id = e.hook_id WHERE e.contact_id = ANY(%s) ORDER BY e.id
"""
HOOK_DATA = rows(
    "webhooks", _("Told to other programs"), "contacts_hookevent", select=_TOLD,
    stays=_("What other programs were told already stays with them: erase it there too."),
)  # fmt: skip


def _of(segment_id: int) -> list[tuple[str, str]]:
    found = Hook.objects.filter(segment_id=segment_id)
    return [(hook.name, page_of("contacts:webhook", hook.pk)) for hook in found]


def _used(segment_ids: Collection[int]) -> list[int]:
    found = Hook.objects.filter(segment_id__in=segment_ids).values_list("segment_id", flat=True)
    return [number for number in found if number is not None]


HOOK_USE = Use("webhook", _("Webhook"), _of, _used)
