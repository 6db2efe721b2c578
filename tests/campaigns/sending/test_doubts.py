"""Mails in doubt that wait for a person: what she decides is done once, and stands in the events."""

from collections import Counter
from datetime import timedelta

import pytest

from campaigns.campaign import freeze, launch
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.sending.doubts import count_as_sent, held, send_again
from campaigns.sending.models import Dispatch, DispatchState, Doubt, Retry
from campaigns.sending.worker import send_now
from contacts.consent.models import Decision
from contacts.ledger.follow import catch_up
from contacts.ledger.models import Event
from contacts.people.models import Contact
from crm.kit.clock import now
from crm.team.models import Role, User
from tests.campaigns.conftest import decide, make_campaign, make_people
from tests.campaigns.smtp_server import OK, SmtpServer

pytestmark = pytest.mark.django_db
LOST = 3


def later(minutes: int):
    return lambda: now() + timedelta(minutes=minutes)


def events(dispatch: Dispatch) -> Counter[str]:
    rows = Event.objects.filter(subject__type="dispatch", subject__key=str(dispatch.pk))
    return Counter(rows.values_list("kind__key", flat=True))


@pytest.fixture
def user() -> User:
    return User.objects.create_user("m@team.example", "pw-pw-pw-pw", name="Mina", role=Role.MARKETER)


def broken(smtp: SmtpServer, doubt: str = Doubt.HOLD) -> Dispatch:
    """Send to twelve people by a server that three times takes a mail and hangs up."""
    people = make_people(12)
    decide(people, Decision.GRANTED)
    lost: Counter[str] = Counter()

    def on_body(recipient: str, data: bytes) -> str:
        if recipient in {person.email for person in people[:LOST]}:
            lost[recipient] += 1
            return ""
        return OK

    smtp.on_body = on_body
    dispatch = launch.launch(make_campaign(people, doubt=doubt).pk, by=None, now=now())
    freeze.freeze(dispatch.pk, now)
    for minutes in (0, 5, 10, 15):
        send_now(later(minutes))
    return Dispatch.objects.get(pk=dispatch.pk)


@pytest.mark.parametrize(("doubt", "tries"), [(Doubt.HOLD, 1), (Doubt.RESEND, 2)])
def test_campaign_says_what_becomes_of_a_mail_in_doubt(smtp: SmtpServer, doubt: str, tries: int) -> None:
    dispatch = broken(smtp, doubt)
    assert (dispatch.doubt, dispatch.state) == (doubt, DispatchState.FINISHED)
    assert events(dispatch) == {"mail.sent": 9, "mail.uncertain": LOST * tries}
    assert len(held(dispatch)) == LOST


@pytest.mark.parametrize("doubt", [Doubt.HOLD, Doubt.RESEND])
def test_sent_again_once_under_the_same_number(smtp: SmtpServer, user: User, doubt: str) -> None:
    dispatch = broken(smtp, doubt)
    smtp.on_body = lambda recipient, data: OK
    before = Counter(taken.message_id for taken in smtp.taken)
    assert send_again(dispatch.pk, by=user, now=now()) == LOST
    assert send_again(dispatch.pk, by=user, now=now()) == 0
    assert count_as_sent(dispatch.pk, by=user, now=now()) == 0
    assert Campaign.objects.get().state == CampaignState.SENDING
    assert Retry.objects.count() == LOST
    send_now(later(20))
    told = events(dispatch)
    assert (told["mail.sent"], told["mail.released"]) == (12, LOST)
    after = Counter(taken.message_id for taken in smtp.taken)
    assert set(after) == set(before)
    assert sum(after.values()) == sum(before.values()) + LOST
    assert set(Event.objects.filter(kind__key="mail.released").values_list("properties__by", flat=True)) == {user.pk}
    dispatch.refresh_from_db()
    assert (dispatch.state, Campaign.objects.get().state) == (DispatchState.FINISHED, CampaignState.FINISHED)
    assert held(dispatch) == []


def test_still_in_doubt_after_that_waits_again(smtp: SmtpServer, user: User) -> None:
    dispatch = broken(smtp)
    send_again(dispatch.pk, by=user, now=now())
    for minutes in (20, 25, 30):
        send_now(later(minutes))
    assert events(dispatch) == {"mail.sent": 9, "mail.uncertain": 2 * LOST, "mail.released": LOST}
    assert len(held(dispatch)) == LOST


def test_counted_as_sent_at_the_time_of_hand_over(smtp: SmtpServer, user: User) -> None:
    dispatch = broken(smtp)
    at = {mail.message_id: mail.at for mail in held(dispatch)}
    taken = len(smtp.taken)
    assert count_as_sent(dispatch.pk, by=user, now=now() + timedelta(hours=1)) == LOST
    assert count_as_sent(dispatch.pk, by=user, now=now()) == 0
    assert send_again(dispatch.pk, by=user, now=now()) == 0
    settled = Event.objects.filter(kind__key="mail.sent", properties__by=user.pk)
    assert {event.properties["message"]: event.occurred_at for event in settled} == at
    send_now(later(20))
    assert len(smtp.taken) == taken


def test_whoever_left_meanwhile_gets_nothing_and_is_no_more_in_doubt(smtp: SmtpServer, user: User, client) -> None:
    dispatch = broken(smtp)
    gone = [mail.contact_id for mail in held(dispatch)]
    decide([Contact.objects.get(pk=gone[0])], Decision.WITHDRAWN, at=now())
    smtp.on_body = lambda recipient, data: OK
    send_again(dispatch.pk, by=user, now=now())
    send_now(later(20))
    told = events(dispatch)
    assert (told["mail.sent"], told["mail.skipped"]) == (11, 1)
    catch_up(now())
    client.force_login(user)
    assert client.get(f"/campaigns/{dispatch.campaign_id}/").context["progress"].uncertain == 0


def test_cancelled_campaign_sends_nothing_more(smtp: SmtpServer, user: User) -> None:
    dispatch = broken(smtp)
    Dispatch.objects.filter(pk=dispatch.pk).update(state=DispatchState.CANCELLED)
    assert send_again(dispatch.pk, by=user, now=now()) == 0
    assert not Retry.objects.exists()
    assert count_as_sent(dispatch.pk, by=user, now=now()) == LOST


def test_result_page_lets_those_decide_who_may_launch(smtp: SmtpServer, user: User, client) -> None:
    dispatch = broken(smtp)
    catch_up(now())
    page, verb = f"/campaigns/{dispatch.campaign_id}/", f"/campaigns/{dispatch.campaign_id}/held/again/"
    analyst = User.objects.create_user("a@team.example", "pw-pw-pw-pw", name="A", role=Role.ANALYST)
    client.force_login(analyst)
    assert "send-again" not in client.get(page).content.decode()
    assert client.post(verb).status_code == 403
    assert len(held(dispatch)) == LOST
    client.force_login(user)
    shown = client.get(page)
    assert shown.context["held"] == LOST
    assert 'data-dialog="send-again"' in shown.content.decode()
    assert client.get(verb).status_code == 405
    assert client.post(f"/campaigns/{dispatch.campaign_id}/held/else/").status_code == 404
    answers = [client.post(verb, follow=True).content.decode() for _ in range(2)]
    assert "3 mails are sent once more." in answers[0]
    assert "No mail waits for a decision any more." in answers[1]
    assert Retry.objects.count() == LOST
