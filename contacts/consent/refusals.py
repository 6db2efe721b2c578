"""When people judge that two contacts are one, a refusal of either holds, whatever the other agreed to later.

Called by contacts.identity.merge before the statements of both are put together.
"""

from collections.abc import Iterable
from datetime import datetime

from contacts.consent.models import (
    Channel,
    ConsentEntry,
    ConsentState,
    Decision,
    Purpose,
    Suppression,
    SuppressionReason,
)
from contacts.people.models import Contact
from contacts.topics.models import TopicEntry, TopicState
from crm.team.models import User

SOURCE = "merge"
# Said by the person, not found out about the address.
_REFUSED_BY_HER = (SuppressionReason.COMPLAINT, SuppressionReason.MANUAL, SuppressionReason.IMPORTED)
_MAIL = (Purpose.MARKETING.value, Channel.EMAIL.value)


def held_back(one: Contact, other: Contact) -> list[tuple[str, str]]:
    """Return (purpose, channel) of what one of the two refused and the other agreed to."""
    said: dict[tuple[str, str], set[str]] = {}
    for state in ConsentState.objects.filter(contact__in=[one, other]):
        said.setdefault((state.purpose, state.channel), set()).add(state.decision)
    keys = [key for key in (one.email_key, other.email_key) if key]
    if Suppression.objects.filter(email_key__in=keys, reason__in=_REFUSED_BY_HER).exists():
        said.setdefault(_MAIL, set()).add(Decision.WITHDRAWN)
    return sorted(key for key, decisions in said.items() if decisions == {Decision.GRANTED, Decision.WITHDRAWN})


def keep(winner: Contact, loser: Contact, *, by: User | None, now: datetime) -> list[int]:
    """Write down at the winner what is held back and return the ids of these entries. The caller settles the states."""
    entries = [
        ConsentEntry(
            contact=winner,
            purpose=purpose,
            channel=channel,
            decision=Decision.WITHDRAWN,
            at=now,
            recorded_at=now,
            source=SOURCE,
            recorded_by=by,
        )
        for purpose, channel in held_back(winner, loser)
    ]
    return [entry.pk for entry in ConsentEntry.objects.bulk_create(entries)]


def keep_topics(winner: Contact, loser: Contact, *, by: User | None, now: datetime) -> list[int]:
    """Do the same for the topics that one of the two refused and the other wanted; return the ids of these entries."""
    said: dict[int, set[bool]] = {}
    for state in TopicState.objects.filter(contact__in=[winner, loser]):
        said.setdefault(state.topic_id, set()).add(state.wanted)
    about = {"contact": winner, "wanted": False, "at": now, "recorded_at": now, "source": SOURCE, "recorded_by": by}
    both = sorted(topic for topic, words in said.items() if len(words) > 1)
    return [row.pk for row in TopicEntry.objects.bulk_create(TopicEntry(topic_id=topic, **about) for topic in both)]


def drop_topics(entry_ids: Iterable[int]) -> None:
    """Take these entries of an undone merge away too."""
    TopicEntry.objects.filter(pk__in=list(entry_ids), source=SOURCE).delete()


def drop(entry_ids: Iterable[int]) -> None:
    """Take the entries of an undone merge away: nobody said what they say. The caller settles the states."""
    ConsentEntry.objects.filter(pk__in=list(entry_ids), source=SOURCE).delete()
