"""Notes on a person: quick to write, kept in the timeline."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from contacts.errors import Invalid
from contacts.ledger.append import NewEvent, append
from crm.kit.text import ForbiddenCharacter, clean_text
from crm.team.models import User

LONGEST_NOTE = 5000


def add(contact_id: int, text: str, *, by: User, now: datetime, token: UUID) -> bool:
    """Add a note; return False when a form with this token was posted before. Raises Invalid."""
    try:
        clean = clean_text(text)
    except ForbiddenCharacter as error:
        raise Invalid({"text": _("Control characters are not allowed here.")}) from error
    if not clean or len(clean) > LONGEST_NOTE:
        raise Invalid({"text": _("A note has 1 to %(limit)d characters.") % {"limit": LONGEST_NOTE}})
    note = NewEvent(contact_id, "note.added", now, properties={"text": clean, "by": by.pk}, key=str(token))
    return bool(append([note], source="note", now=now))
