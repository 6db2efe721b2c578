"""What pages and doors read of topics."""

from dataclasses import dataclass

from django.db.models import QuerySet

from contacts.people.models import Contact
from contacts.topics.models import Topic, TopicEntry


def offered() -> QuerySet[Topic]:
    """Return the topics that people and new mails may choose, in order."""
    return Topic.objects.filter(retired_at=None)


@dataclass(frozen=True)
class TopicLine:
    """What holds for one topic, with all its proof, newest first. `is_wanted` is true while nothing was said."""

    topic: Topic
    entries: list[TopicEntry]

    @property
    def is_wanted(self) -> bool:
        """Tell whether mails of this topic may go to her, once she agreed to marketing."""
        return not self.entries or self.entries[0].wanted


def topic_lines(contact: Contact) -> list[TopicLine]:
    """Return a line for each topic that is offered, and for each other that this person ever spoke of."""
    topics, proofs = list(Topic.objects.all()), dict[int, list[TopicEntry]]()
    if topics:  # the first of a topic is what holds, as its state says (said.py)
        for entry in contact.topic_entries.select_related("recorded_by").order_by("-at", "wanted", "-id")[:200]:
            proofs.setdefault(entry.topic_id, []).append(entry)
    return [TopicLine(topic, proofs.get(topic.pk, [])) for topic in topics if topic.is_offered or topic.pk in proofs]
