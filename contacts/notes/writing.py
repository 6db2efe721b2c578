"""Verbs on notes: write, edit, delete. The author alone changes hers; what it said before is kept."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from contacts.errors import Invalid, StaleEdit
from contacts.ledger.append import NewEvent, append
from contacts.notes.mentions import named_in
from contacts.notes.models import Note, NoteMention, NoteVersion
from contacts.people.models import Account, Contact
from contacts.people.posted import once
from contacts.stages.models import Stage
from crm.kit.text import ForbiddenCharacter, clean_text
from crm.team.models import User
from crm.team.notices import MENTION, News, tell
from crm.team.permissions import Action, may

LONGEST_NOTE = 5000  # characters
_QUOTED = 160


class NotYours(Invalid):
    """Somebody wants to change what another has written."""

    def __init__(self) -> None:
        super().__init__({"text": _("Only who wrote a note can change it.")})


def add(contact_id: int, text: str, *, by: User, now: datetime, token: UUID) -> bool:
    """Add a note to a person, with its event, and tell whom it names; False when `token` was posted before.

    Raises Invalid.
    """
    clean = _checked(text)
    return once(token, lambda: _on_person(contact_id, clean, by, now))[1]


def add_to_account(
    account_id: int, text: str, *, stage: Stage | None = None, by: User, now: datetime, token: UUID
) -> bool:
    """Add a note to an account, or (with `stage`) an insight; False when `token` was posted before. Raises Invalid."""
    clean = _checked(text)

    def make() -> int:
        note = Note.objects.create(account_id=account_id, stage=stage, text=clean, by=by, at=now)
        _tell(note, by, now)
        return note.pk

    return once(token, make)[1]


def _on_person(contact_id: int, text: str, by: User, now: datetime) -> int:
    note = Note.objects.create(contact_id=contact_id, text=text, by=by, at=now)
    append([NewEvent(contact_id, "note.added", now, properties={"note": note.pk, "by": by.pk})], source="note", now=now)
    _tell(note, by, now)
    return note.pk


@transaction.atomic
def edit(note_id: int, text: str, *, version: int, by: User, now: datetime) -> Note:
    """Change the author's own note and tell whom it names now; the same text changes nothing.

    Raises Invalid, NotYours, and StaleEdit when `version` is no longer the current one.
    """
    note = _own(note_id, by)
    clean = _checked(text)
    if note.version != version:
        raise StaleEdit(note)
    if note.text == clean:
        return note
    NoteVersion.objects.create(note=note, text=note.text, until=now)
    Note.objects.filter(pk=note.pk).update(text=clean, edited_at=now, version=F("version") + 1)
    note.refresh_from_db()
    _tell(note, by, now)
    return note


@transaction.atomic
def delete(note_id: int, *, by: User, now: datetime) -> None:
    """Take the author's own note away; its text goes into its history. A repeat is harmless. Raises NotYours."""
    note = _own(note_id, by)
    if note.deleted_at is None:
        NoteVersion.objects.create(note=note, text=note.text, until=now)
        Note.objects.filter(pk=note.pk).update(text="", deleted_at=now, version=F("version") + 1)


def _own(note_id: int, by: User) -> Note:
    note = Note.objects.select_for_update().get(pk=note_id)
    if note.by_id != by.pk:
        raise NotYours
    return note


def _checked(text: str) -> str:
    try:
        clean = clean_text(text)
    except ForbiddenCharacter as error:
        raise Invalid({"text": _("Control characters are not allowed here.")}) from error
    if not clean or len(clean) > LONGEST_NOTE:
        raise Invalid({"text": _("A note has 1 to %(limit)d characters.") % {"limit": LONGEST_NOTE}})
    return clean


# --- whom it names ---
def _tell(note: Note, by: User, now: datetime) -> None:
    """Note and tell the colleagues that are named for the first time, who may see what the note is on."""
    known = set(note.mentions.values_list("user_id", flat=True))
    meant = [user for user in named_in(note.text, _readers(note)) if user.pk not in known]
    NoteMention.objects.bulk_create(NoteMention(note=note, user=user) for user in meant)
    tell((news_of(note, user, by) for user in meant if user.pk != by.pk), by_mail=True, now=now)


def _readers(note: Note) -> Sequence[User]:
    """Return the colleagues who may see the note's person or account."""
    if "@" not in note.text:
        return []
    everybody = [user for user in User.objects.filter(is_active=True) if may(user, Action.CONTACT_VIEW)]
    if note.contact_id is None:
        return everybody
    return [user for user in everybody if Contact.objects.visible_to(user).filter(pk=note.contact_id).exists()]


def news_of(note: Note, user: User, by: User) -> News:
    """Return what `user`, whom `by` names in a note, is told of it, in her language."""
    on: Contact | Account | None = note.contact or note.account
    with translation.override(user.language):
        text = _("%(who)s mentioned you in a note on %(on)s: “%(text)s”") % {
            "who": by.name,
            "on": on,
            "text": note.text if len(note.text) <= _QUOTED else note.text[:_QUOTED] + "…",
        }
    return News(user, text, reverse("contacts:note", args=[note.pk]), MENTION)
