"""Topics as people choose them: proof always kept, the newest word holds, nothing said means wanted."""

from datetime import UTC, datetime, timedelta

import pytest

from contacts.consent.record import Proof, WrongClaim
from contacts.identity.merge import merge, unmerge
from contacts.ledger.models import Event
from contacts.people.models import Contact
from contacts.topics import said
from contacts.topics.models import Topic, TopicEntry, TopicState
from contacts.topics.queries import offered, topic_lines

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PAGE = Proof(source="preference page", wording="Events", ip_prefix="10.0.0.0")


@pytest.fixture
def ann():
    return Contact.objects.create(email="ann@example.com", email_key="a" * 32, name="Ann")


@pytest.fixture
def topics():
    names = (("Events", "행사"), ("Offers", "특가"), ("Old", ""))
    rows = Topic.objects.bulk_create(
        Topic(name=name, name_ko=korean, position=place) for place, (name, korean) in enumerate(names)
    )
    Topic.objects.filter(name="Old").update(retired_at=NOW)
    return rows


def say(person, topic, wanted, at=NOW):
    return said.record([person.pk], {topic.pk: wanted}, at=at, proof=PAGE, now=NOW)


def held(person):
    return dict(TopicState.objects.filter(contact=person).values_list("topic__name", "wanted"))


def test_statement_is_entry_state_and_event(ann, topics):
    assert say(ann, topics[0], False, NOW - DAY) == said.Recorded(1, 1)

    entry, state, event = TopicEntry.objects.get(), TopicState.objects.get(), Event.objects.get()
    proof = (entry.wanted, entry.at, entry.recorded_at, entry.source, entry.wording, entry.ip_prefix)
    assert proof == (False, NOW - DAY, NOW, "preference page", "Events", "10.0.0.0")
    assert (state.contact, state.topic, state.wanted, state.entry) == (ann, topics[0], False, entry)
    assert (event.kind.key, event.subject.type, event.subject.key) == ("topic.refused", "topic", str(topics[0].pk))
    assert event.occurred_at == NOW - DAY
    facts = {"topic": topics[0].pk, "name": "Events", "name_ko": "행사", "source": "preference page", "entry": entry.pk}
    assert event.properties == facts


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        ([(False, NOW - 2 * DAY), (True, NOW - DAY)], True),
        ([(False, NOW - DAY), (True, NOW - 2 * DAY)], False),
        ([(False, NOW), (True, NOW)], False),
        ([(True, NOW), (False, NOW)], False),
        ([(True, NOW - DAY), (False, NOW + DAY)], False),
    ],
)
def test_newest_word_holds_and_of_two_at_once_the_refusal(ann, topics, words, holds):
    for wanted, at in words:
        say(ann, topics[0], wanted, at)
    assert held(ann) == {"Events": holds}
    assert TopicEntry.objects.count() == 2
    [line] = [line for line in topic_lines(ann) if line.entries]
    assert (line.is_wanted, line.entries[0].at <= NOW) == (holds, True)


@pytest.mark.parametrize(("at", "proof"), [(datetime(2026, 11, 21), PAGE), (NOW, Proof(source=""))])  # noqa: DTZ001
def test_wrong_claim_changes_nothing(ann, topics, at, proof):
    with pytest.raises(WrongClaim):
        said.record([ann.pk], {topics[0].pk: False}, at=at, proof=proof, now=NOW)
    assert (TopicEntry.objects.count(), TopicState.objects.count(), Event.objects.count()) == (0, 0, 0)


def test_choice_records_only_what_differs(ann, topics):
    events, offers, _old = (topic.pk for topic in topics)
    common = {"at": NOW, "proof": PAGE, "now": NOW}
    assert said.choose(ann.pk, {events: True, offers: True}, **common) == said.Recorded(0, 0)
    assert said.choose(ann.pk, {events: False, offers: True}, **common) == said.Recorded(1, 1)
    assert said.choose(ann.pk, {events: False, offers: True}, **common) == said.Recorded(0, 0)
    assert held(ann) == {"Events": False}
    later = common | {"at": NOW + DAY, "now": NOW + DAY}
    assert said.choose(ann.pk, {events: True, offers: False}, **later) == said.Recorded(2, 2)
    assert held(ann) == {"Events": True, "Offers": False}
    assert said.refused_by(ann.pk) == {offers}


def test_refusal_holds_however_much_was_said_of_other_topics_since(ann, topics):
    events, offers, _old = topics
    say(ann, events, False, NOW - 300 * DAY)
    sync = "SELECT %s AS contact_id, %s AS topic_id, true AS wanted, day AS at, 'sync' AS source, '' AS basis, "
    sync += "'' AS wording, '' AS ip_prefix, NULL::bigint AS recorded_by_id FROM generate_series(%s, %s, '1 day') day"
    said.record_set(sync, [ann.pk, offers.pk, NOW - 209 * DAY, NOW], [offers.pk], now=NOW)

    first, second = topic_lines(ann)

    assert (first.is_wanted, len(first.entries), first.said) == (False, 1, 1)
    assert (second.is_wanted, len(second.entries), second.said) == (True, 20, 210)
    assert [entry.at for entry in second.entries] == [NOW - n * DAY for n in range(20)]


def test_words_of_who_was_merged_are_kept_at_the_one_who_lives_on(ann, topics):
    bob, eve = (Contact.objects.create(email=f"{n}@example.com", email_key=n * 8, name=n) for n in ("bob", "eve"))
    merge(bob.pk, eve.pk, by=None, now=NOW)
    merge(ann.pk, bob.pk, by=None, now=NOW)
    say(eve, topics[0], False)
    said.choose(bob.pk, {topics[0].pk: False, topics[1].pk: False}, at=NOW, proof=PAGE, now=NOW)
    assert (held(ann), held(bob), held(eve)) == ({"Events": False, "Offers": False}, {}, {})
    about = Event.objects.filter(kind__key="topic.refused").values_list("contact_id", flat=True)
    assert list(about) == [ann.pk, ann.pk]

    gone, word = ann.pk + 999_999, {topics[0].pk: False}
    assert said.record([gone], word, at=NOW, proof=PAGE, now=NOW) == said.Recorded(0, 0)
    assert said.choose(gone, word, at=NOW, proof=PAGE, now=NOW) == said.Recorded(0, 0)
    assert TopicEntry.objects.count() == 2


def test_lines_are_those_offered_and_those_ever_spoken_of(ann, topics):
    assert [(line.topic.name, line.is_wanted) for line in topic_lines(ann)] == [("Events", True), ("Offers", True)]
    say(ann, topics[2], False)
    assert [line.topic.name for line in topic_lines(ann)] == ["Events", "Offers", "Old"]
    assert [topic.name for topic in offered()] == ["Events", "Offers"]


@pytest.mark.parametrize(("strict", "holds"), [(False, True), (True, False)])
def test_merge_takes_the_newest_word_and_where_people_judged_the_refusal(ann, topics, strict, holds):
    bob = Contact.objects.create(email="bob@example.com", email_key="b" * 32, name="Bob")
    say(bob, topics[0], False, NOW - 2 * DAY)
    say(bob, topics[1], False, NOW - 2 * DAY)
    say(ann, topics[0], True, NOW - DAY)
    record = merge(ann.pk, bob.pk, by=None, now=NOW, strict=strict)
    assert (held(ann), held(bob)) == ({"Events": holds, "Offers": False}, {})
    assert [line.is_wanted for line in topic_lines(ann)] == [holds, False]

    unmerge(record, now=NOW + DAY)

    assert (held(ann), held(bob)) == ({"Events": True}, {"Events": False, "Offers": False})
    assert TopicEntry.objects.count() == 3
