"""What pages read of notes: those of an account, those behind events, and one as its reader may see it."""

from collections.abc import Collection, Sequence

from django.db.models import Prefetch, Q, QuerySet

from contacts.notes.mentions import Span, spans
from contacts.notes.models import Note, NoteMention
from contacts.people.models import Contact
from crm.team.models import Role, User

SHOWN = 20


class Written:
    """A note as `reader` sees it: cut where it names colleagues; `is_own`: she may change it."""

    def __init__(self, note: Note, reader: User) -> None:
        self.note, self.pk, self.at, self.by = note, note.pk, note.at, note.by
        self.is_deleted, self.is_edited = note.deleted_at is not None, note.edited_at is not None
        self.is_own = note.by_id == reader.pk and not self.is_deleted
        self.spans: Sequence[Span] = spans(note.text, [mention.user.name for mention in note.mentions.all()])

    @property
    def text(self) -> str:
        """The plain text, empty when it was deleted."""
        return self.note.text


def visible_notes(reader: User) -> QuerySet[Note]:
    """Return the notes on accounts, and on people whom `reader` may see."""
    people = Contact.objects.visible_to(reader)
    return Note.objects.filter(Q(contact=None) | Q(contact__in=people))


def _whole(notes: QuerySet[Note]) -> QuerySet[Note]:
    named = Prefetch("mentions", NoteMention.objects.select_related("user"))
    return notes.select_related("by", "stage").prefetch_related(named)


def by_id(ids: Collection[int], reader: User) -> dict[int, Written]:
    """Return notes by id; the caller has seen to it that `reader` may see their people."""
    return {note.pk: Written(note, reader) for note in _whole(Note.objects.filter(pk__in=ids))} if ids else {}


def of_account(account_id: int, reader: User, *, stage: int | None = None, limit: int = SHOWN) -> list[Written]:
    """Return the notes on an account, the newest first; with `stage` the insights about that stage alone."""
    notes = Note.objects.filter(account=account_id, deleted_at=None)
    if stage is not None:
        notes = notes.filter(stage=stage)
    return [Written(note, reader) for note in _whole(notes).order_by("-at", "-pk")[:limit]]


def may_read_history(note: Note, reader: User) -> bool:
    """Tell whether `reader` may see what a note said before: of a deleted one its author and admins alone."""
    return note.deleted_at is None or note.by_id == reader.pk or reader.role == Role.ADMIN
