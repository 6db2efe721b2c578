"""The state of a message does not depend on the order of its events."""

from itertools import permutations

from campaigns.sending.states import FINAL, RANKS, MessageState, message_state

SIX = ["mail.deferred", "mail.uncertain", "mail.sent", "mail.delivered", "mail.opened", "mail.complained"]


def test_720_orders_fold_to_one_state() -> None:
    orders = list(permutations(SIX))
    assert len(orders) == 720
    assert {message_state(order) for order in orders} == {MessageState.COMPLAINED}


def test_each_state_is_reached_and_every_kind_has_a_rank() -> None:
    assert [message_state([kind]) for kind in RANKS] == list(RANKS.values())
    assert set(RANKS.values()) | {MessageState.WAITING} == set(MessageState)
    assert message_state([]) == MessageState.WAITING
    assert message_state(["mail.opened"]) == MessageState.WAITING
    assert message_state(["mail.bounced_hard", "mail.sent", "mail.delivered"]) == MessageState.BOUNCED_HARD
    assert message_state(["mail.sent", "mail.uncertain"]) == MessageState.SENT


def test_only_doubt_deferral_and_refusal_of_the_sender_are_open() -> None:
    assert set(RANKS) - FINAL == {"mail.deferred", "mail.rejected", "mail.uncertain"}
