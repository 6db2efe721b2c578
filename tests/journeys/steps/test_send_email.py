"""Mails of a step: queued in batches into one open dispatch, with reasons as at a launch."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction

from campaigns.sending import dispatches, standing
from campaigns.sending.models import Chunk, DispatchState, FrequencyCap, LeftOut, Message
from campaigns.sending.reservations import reserve
from campaigns.sending.worker import send_now
from campaigns.templating.models import MailKind
from contacts.consent.models import Decision
from contacts.consent.record import Proof
from contacts.people.models import Contact
from contacts.topics.models import Topic
from contacts.topics.said import record
from crm.kit.clock import now as clock
from journeys.errors import StepBroken
from journeys.graph.graph import EMPTY, Step
from journeys.steps.send_email import SEND_EMAIL
from tests.campaigns.conftest import decide, make_people, make_sender, make_template, smtp  # noqa: F401
from tests.journeys.conftest import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Mail:
    """A mail step, published."""

    def __init__(self, kind=MailKind.ADVERTISING):
        self.template, self.sender = make_template(kind), make_sender()
        self.dispatch = standing.open_standing(self.template, self.sender, now=NOW)

    def settings(self, **changes):
        chosen = {"template": self.template.pk, "sender": self.sender.pk, "when_capped": "skip", "left_out": "on"}
        return chosen | changes


@pytest.fixture
def mail(db):
    return Mail()


@pytest.fixture
def send(run, mail):
    run.place["dispatch_id"] = mail.dispatch.pk

    def sent(rows, at=NOW, **changes):
        return run("send_email", mail.settings(**changes), rows, at=at)

    return sent


def test_batches_follow_each_other_in_one_dispatch_and_reach_the_server(send, mail, smtp):  # noqa: F811
    people = make_people(5)
    decide(people[:4], Decision.GRANTED)
    decide(people[3:4], Decision.WITHDRAWN)
    first = send(people[:2])
    second = send([*people[2:], {"contact_id": people[0].pk}])
    assert [row[0] for row in (*first, *second)] == ["next"] * 6
    reasons = Counter(Message.objects.values_list("left_out", flat=True))
    assert reasons == {"": 4, "withdrawn": 1, "no_consent": 1}
    ordinals = Message.objects.filter(left_out="").order_by("ordinal").values_list("ordinal", flat=True)
    assert list(ordinals) == [1, 2, 3, 4]
    of_first = Message.objects.filter(contact_id=people[0].pk)
    assert sorted(of_first.values_list("occurrence", flat=True)) == [0, 1]
    assert list(Chunk.objects.order_by("first").values_list("first", "last")) == [(1, 2), (3, 4)]
    messages = dict(Message.objects.values_list("pk", "contact_id"))
    assert [messages[row[2]["message"]] for row in first] == [person.pk for person in people[:2]]
    assert [row[2].get("left_out") for row in second] == [None, "withdrawn", "no_consent", None]
    send_now(clock)
    assert Counter(taken.recipient for taken in smtp.taken) == Counter(
        [people[0].email, people[1].email, people[2].email, people[0].email]
    )
    mail.dispatch.refresh_from_db()
    assert (mail.dispatch.state, mail.dispatch.size) == (DispatchState.SENDING, 4)
    assert dispatches.close_finished(clock()) == []


def test_people_without_mail_go_their_own_way_where_there_is_one(send):
    people = make_people(2)
    decide(people[:1], Decision.GRANTED)
    gone = {"contact_id": 999_999}
    found = send([*people, gone], left_out="own")
    assert [row[0] for row in found] == ["next", "not_sent", "not_sent"]
    assert found[2][2] == {"left_out": LeftOut.ERASED}


def test_who_refused_the_topic_gets_no_mail_and_the_trace_says_so(send, mail):
    topic = Topic.objects.create(name="Events")
    people = make_people(3)
    decide(people, Decision.GRANTED)
    record([people[1].pk], {topic.pk: False}, at=NOW, proof=Proof(source="test"), now=NOW)
    mail.dispatch.topic = topic
    mail.dispatch.save()
    found = send(people, left_out="own", topic=topic.pk)
    assert [(row[0], row[2].get("left_out")) for row in found] == [
        ("next", None), ("not_sent", "topic"), ("next", None),
    ]  # fmt: skip
    assert [row[0] for row in send(people[1:2])] == ["next"]
    reasons = Counter(Message.objects.values_list("contact_id", "left_out"))
    assert reasons == {(people[0].pk, ""): 1, (people[1].pk, "topic"): 2, (people[2].pk, ""): 1}


def test_step_offers_topics_in_use_and_keeps_the_one_it_has(mail):
    events, old, _older = (
        Topic.objects.create(name=name, position=n) for n, name in enumerate(("Events", "Old", "Older"))
    )
    Topic.objects.exclude(pk=events.pk).update(retired_at=NOW)

    def offered(**settings):
        return [row.name for row in SEND_EMAIL.form(settings).fields["topic"].queryset]

    assert (offered(), offered(topic=old.pk), offered(topic="x")) == (["Events"], ["Events", "Old"], ["Events"])
    kept = SEND_EMAIL.read(mail.settings(topic=old.pk))
    assert (kept.is_valid(), kept.cleaned_data["topic"]) == (True, old)
    assert [topic.name for topic in SEND_EMAIL.form().fields["topic"].queryset] == ["Events"]


def test_over_the_cap_is_left_out_or_waits_for_days(send):
    people = make_people(2)
    decide(people, Decision.GRANTED)
    cap = FrequencyCap.objects.create(sends=1, days=2)
    reserve([(people[0].pk, 5)], cap, NOW - DAY)
    rows = [{"contact_id": person.pk, "arrived_at": NOW - HOUR} for person in people]
    waiting = send(rows, when_capped="wait", wait_days=3)
    assert [row[:2] for row in waiting] == [(None, NOW + HOUR), ("next", None)]
    assert Message.objects.count() == 1
    later = send(rows[:1], at=NOW + 2 * DAY, when_capped="wait", wait_days=3)
    assert later[0][0] == "next"
    assert Message.objects.filter(left_out="").count() == 2
    reserve([(people[0].pk, 6)], cap, NOW + 2 * DAY)
    assert send(rows[:1], at=NOW + 3 * DAY, when_capped="wait", wait_days=3)[0][2]["left_out"] == "capped"
    assert send(rows[:1], left_out="own", at=NOW + 2 * DAY)[0][0] == "not_sent"


def test_one_mailbox_under_two_names_gets_one_mail_and_a_second_round_again(send):
    twins = [*make_people(1, domain="daum.net"), *make_people(1, domain="hanmail.net")]
    Contact.objects.filter(pk=twins[1].pk).update(email_key=twins[0].email_key)
    decide(twins, Decision.GRANTED)
    assert [row[2].get("left_out") for row in send(twins)] == [None, "same_mailbox"]
    assert "left_out" not in send(twins[:1])[0][2]
    assert send(twins[1:])[0][2]["left_out"] == "same_mailbox"


def test_paused_for_a_reason_holds_the_step_and_paused_with_the_journey_holds_the_mails(send, mail, smtp):  # noqa: F811
    people = make_people(1)
    decide(people, Decision.GRANTED)
    send(people)
    standing.hold([mail.dispatch.pk])
    send_now(clock)
    assert smtp.taken == []
    standing.let_go([mail.dispatch.pk])
    send_now(clock)
    assert len(smtp.taken) == 1
    dispatches.pause(mail.dispatch.pk, "550 5.7.1 not ours")
    standing.let_go([mail.dispatch.pk])
    with pytest.raises(StepBroken, match=r"550 5\.7\.1 not ours"):
        send(people)
    standing.end([mail.dispatch.pk], NOW)
    with pytest.raises(StepBroken, match="Publish"):
        send(people)
    assert Message.objects.count() == 1


def test_informational_mail_needs_no_consent(run):
    mail = Mail(MailKind.INFORMATIONAL)
    run.place["dispatch_id"] = mail.dispatch.pk
    run("send_email", mail.settings(), make_people(1))
    assert Message.objects.get().left_out == ""


def test_problems_are_those_of_a_campaign(mail):
    step = Step("hello", "send_email", mail.settings())
    form = SEND_EMAIL.read(step.settings)
    assert form.is_valid()
    assert SEND_EMAIL.problems(step, EMPTY, form.cleaned_data) == []
    mail.sender.verified_at = None
    form.cleaned_data["sender"] = mail.sender
    (found,) = SEND_EMAIL.problems(step, EMPTY, form.cleaned_data)
    assert (found.code, found.at, found.field) == ("sender_unverified", "hello", "sender")


@pytest.mark.django_db(transaction=True)
def test_two_batches_at_once_take_different_ordinals():
    """The second waits for the first: both queue into one dispatch from two connections."""
    import threading

    mail = Mail()
    people = make_people(40)
    decide(people, Decision.GRANTED)

    def queue(chosen, done):
        from django.db import connection as own

        try:
            with transaction.atomic(), own.cursor() as cursor:
                cursor.execute("CREATE TEMPORARY TABLE b (id bigint, contact_id bigint, facts jsonb) ON COMMIT DROP")
                ids = [person.pk for person in chosen]
                cursor.execute("INSERT INTO b SELECT x, x FROM unnest(%s::bigint[]) AS x", [ids])
                done.append(standing.queue(cursor, mail.dispatch.pk, "b", NOW))
        finally:
            own.close()

    done = []
    threads = [threading.Thread(target=queue, args=(people[n::2], done)) for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [20, 20]
    assert sorted(Message.objects.values_list("ordinal", flat=True)) == list(range(1, 41))
