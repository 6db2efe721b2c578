"""Consent as it is recorded: proof always kept, the newest decision holds."""

from datetime import UTC, datetime, timedelta

import pytest

from contacts.consent.models import ConsentEntry, ConsentState
from contacts.consent.record import Proof, WrongClaim, record, record_set
from contacts.identity.merge import merge
from contacts.ledger.models import Event
from contacts.people.models import Contact

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PAGE = Proof(source="preference page", wording="I agree to news by e-mail.", wording_version="3")


@pytest.fixture
def alice() -> Contact:
    return Contact.objects.create(email="alice@example.com", email_key="a" * 32, name="Alice")


def say(contact: Contact, decision: str, at: datetime, proof: Proof = PAGE):
    return record(contact.pk, "marketing", "email", decision, at=at, proof=proof, now=NOW)


def held(contact: Contact):
    return list(ConsentState.objects.filter(contact=contact).values_list("purpose", "channel", "decision", "since"))


def test_first_statement_becomes_entry_and_state(alice):
    found = say(alice, "granted", NOW - DAY)
    entry = ConsentEntry.objects.get()
    assert (found.entries, found.states, found.entry_id) == (1, 1, entry.pk)
    assert (entry.at, entry.recorded_at, entry.wording, entry.source) == (
        NOW - DAY,
        NOW,
        "I agree to news by e-mail.",
        "preference page",
    )
    assert held(alice) == [("marketing", "email", "granted", NOW - DAY)]
    assert ConsentState.objects.get().entry_id == entry.pk


def test_newer_statement_replaces_the_state(alice):
    say(alice, "granted", NOW - 3 * DAY)
    assert say(alice, "withdrawn", NOW - DAY).states == 1
    assert held(alice) == [("marketing", "email", "withdrawn", NOW - DAY)]


def test_older_claim_is_kept_as_proof_only(alice):
    say(alice, "withdrawn", NOW - DAY)
    assert say(alice, "granted", NOW - 30 * DAY).states == 0
    assert held(alice) == [("marketing", "email", "withdrawn", NOW - DAY)]
    assert ConsentEntry.objects.count() == 2


@pytest.mark.parametrize("order", [("granted", "withdrawn"), ("withdrawn", "granted")])
def test_refusal_wins_at_the_same_moment(alice, order):
    for decision in order:
        say(alice, decision, NOW)
    assert held(alice) == [("marketing", "email", "withdrawn", NOW)]


def test_future_statement_counts_from_now(alice):
    say(alice, "granted", NOW + 400 * DAY)
    assert held(alice) == [("marketing", "email", "granted", NOW)]
    assert say(alice, "withdrawn", NOW).states == 1


def test_each_statement_is_told_at_its_own_time(alice):
    say(alice, "granted", NOW - 900 * DAY)
    found = say(alice, "withdrawn", NOW - DAY)
    told = Event.objects.order_by("id").values_list(
        "contact_id", "kind__key", "occurred_at", "recorded_at", "properties"
    )
    facts = {"purpose": "marketing", "channel": "email", "source": "preference page"}
    assert list(told) == [
        (alice.pk, "consent.granted", NOW - 900 * DAY, NOW, facts | {"entry": found.entry_id - 1}),
        (alice.pk, "consent.withdrawn", NOW - DAY, NOW, facts | {"entry": found.entry_id}),
    ]


def test_set_keeps_every_statement_and_the_newest_state(alice):
    bob = Contact.objects.create(email="bob@example.com", email_key="b" * 32)
    claims = """
        SELECT contact_id, 'marketing' AS purpose, channel, decision, at, 'import' AS source, 'contract' AS basis,
               '' AS wording, '' AS wording_version, '' AS ip_prefix, NULL::timestamptz AS double_opt_in_at,
               NULL::bigint AS recorded_by_id
        FROM (VALUES (%s::bigint, 'email', 'granted', %s::timestamptz), (%s, 'email', 'withdrawn', %s),
                     (%s, 'sms', 'granted', %s)) AS v(contact_id, channel, decision, at)
    """
    found = record_set(claims, [alice.pk, NOW - DAY, alice.pk, NOW - 2 * DAY, bob.pk, NOW], now=NOW)
    assert (found.entries, found.states) == (3, 2)
    assert held(alice) == [("marketing", "email", "granted", NOW - DAY)]
    assert held(bob) == [("marketing", "sms", "granted", NOW)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": "spam"},
        {"channel": "fax"},
        {"decision": "maybe"},
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001
        {"proof": Proof(source="")},
    ],
)
def test_wrong_claim_changes_nothing(alice, wrong):
    good = {"purpose": "marketing", "channel": "email", "decision": "granted", "at": NOW, "proof": PAGE}
    with pytest.raises(WrongClaim):
        record(alice.pk, **{**good, **wrong}, now=NOW)
    assert not ConsentEntry.objects.exists()
    assert not ConsentState.objects.exists()
    assert not Event.objects.exists()


def test_words_of_who_was_merged_are_kept_at_the_one_who_lives_on_and_of_the_erased_nowhere(alice):
    bob = Contact.objects.create(email="bob@example.com", email_key="b" * 32, name="Bob")
    merge(alice.pk, bob.pk, by=None, now=NOW)
    assert say(bob, "withdrawn", NOW).states == 1
    assert ([row[2] for row in held(alice)], held(bob)) == (["withdrawn"], [])
    Contact.objects.filter(pk=bob.pk).delete()
    assert (say(bob, "granted", NOW).entries, ConsentEntry.objects.count()) == (0, 1)
