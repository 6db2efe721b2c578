"""What pages and doors read of topics."""

from dataclasses import dataclass, field

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from contacts.people.models import Contact
from contacts.topics.models import Topic, TopicEntry, TopicState

PROOFS_SHOWN = 20


def offered() -> QuerySet[Topic]:
    """Return the topics that people and new mails may choose, in order."""
    return Topic.objects.filter(retired_at=None)


def open_to_choice(contact_id: int) -> QuerySet[Topic]:
    """Return the topics that a person may be asked about, in order: those offered, and what else she refuses."""
    return offered() | Topic.objects.filter(pk__in=_refused(contact_id))


def _refused(contact_id: int) -> QuerySet[TopicState, int]:
    return TopicState.objects.filter(contact=contact_id, wanted=False).values_list("topic_id", flat=True)


@dataclass(frozen=True)
class TopicLine:
    """What holds for one topic; `state` is None while nothing was said.

    `entries` are the newest PROOFS_SHOWN statements, the newest first; `said` is how many there are.
    """

    topic: Topic
    state: TopicState | None = None
    entries: list[TopicEntry] = field(default_factory=list)
    said: int = 0

    @property
    def is_wanted(self) -> bool:
        """Tell whether mails of this topic may go to her, once she agreed to marketing."""
        return self.state is None or self.state.wanted

    @property
    def is_open(self) -> bool:
        """Tell whether she may be asked about it: it is offered, or a refusal of it can be taken back."""
        return self.topic.is_offered or not self.is_wanted


def topic_lines(contact: Contact) -> list[TopicLine]:
    """Return a line for each topic that is offered, and for each other that this person ever spoke of."""
    topics = list(Topic.objects.all())
    states = {state.topic_id: state for state in contact.topic_states.select_related("entry")} if topics else {}
    proofs = _proofs(contact) if states else {}
    lines = [_line(topic, states.get(topic.pk), proofs.get(topic.pk, [])) for topic in topics]
    return [line for line in lines if line.topic.is_offered or line.state]


def _line(topic: Topic, state: TopicState | None, proofs: list[TopicEntry]) -> TopicLine:
    said: int = proofs[0].said if proofs else 0  # type: ignore[attr-defined]  # by _proofs
    return TopicLine(topic, state, proofs, said)


def _proofs(contact: Contact) -> dict[int, list[TopicEntry]]:
    """Return the newest statements by topic, each with `said`: how many there are of its topic."""
    newest, found = ("-at", "wanted", "-id"), dict[int, list[TopicEntry]]()
    place = Window(RowNumber(), partition_by=F("topic"), order_by=newest)
    rows = contact.topic_entries.annotate(place=place, said=Window(Count("pk"), partition_by=F("topic")))
    for entry in rows.filter(place__lte=PROOFS_SHOWN).select_related("recorded_by").order_by(*newest):
        found.setdefault(entry.topic_id, []).append(entry)
    return found
