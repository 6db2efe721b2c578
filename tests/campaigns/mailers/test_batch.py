"""Providers that take many mails in one call: Anymail's test back-end, and Mailgun's against a server in the test."""

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from anymail.message import AnymailRecipientStatus
from django.core import mail
from django.core.mail import mailers

from campaigns.campaign import control, freeze, launch
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.mailers.batch import LARGEST_BATCH, SYNTAX, merged
from campaigns.mailers.choice import open_mailer, widest
from campaigns.mailers.django_backend import as_django
from campaigns.mailers.protocol import Ready
from campaigns.rendering.whole import whole
from campaigns.sending.models import Dispatch, MailerState
from campaigns.sending.worker import send_now
from campaigns.tracking.tokens import mail_token
from contacts.consent.models import Decision, Purpose
from contacts.ledger.models import Event
from contacts.people.models import Contact
from crm.kit.clock import now
from tests.campaigns.conftest import decide, make_campaign, make_people

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=2)


def launched(people: list[Contact]) -> Dispatch:
    """Launch to these people, every second of whom may be tracked."""
    decide(people, Decision.GRANTED)
    decide(people[::2], Decision.GRANTED, Purpose.TRACKING)
    dispatch = launch.launch(make_campaign(people).pk, by=None, now=now())
    freeze.freeze(dispatch.pk, now)
    return Dispatch.objects.get(pk=dispatch.pk)


def events(dispatch: Dispatch) -> Counter[str]:
    rows = Event.objects.filter(subject__type="dispatch", subject__key=str(dispatch.pk))
    return Counter(rows.values_list("kind__key", flat=True))


def ready(dispatch: Dispatch) -> list[Ready]:
    """Return the mails as a worker hands them over."""
    return [
        Ready(f"{row.pk:x}", row.pk, row.contact_id, 0, "hello@wayfare.example", row.email, whole(row.pk, now()))
        for row in dispatch.messages.order_by("ordinal")
    ]


@pytest.fixture
def test_provider(settings: Any, tmp_path: Any) -> None:
    settings.JOURNAL_DIR = tmp_path
    settings.MAILERS = {"default": {"BACKEND": "anymail.backends.test.EmailBackend"}}
    mail.outbox = []


def fill(text: str, values: dict[str, str]) -> str:
    """Put values in their places, as a provider does: once, from the left."""
    return re.sub(r"\[\[(\w+)\]\]", lambda found: values[found[1]], text)


@pytest.mark.usefixtures("test_provider")
def test_batches_say_to_each_person_what_her_own_mail_would() -> None:
    people = make_people(7)
    people[3].name = "Kim & <Lee> [[s0]]"
    people[3].save()
    dispatch = launched(people)
    alone = {one.recipient: as_django(one) for one in ready(dispatch)}
    send_now(now)
    assert events(dispatch) == {"mail.sent": 7}
    assert sorted(len(message.to) for message in mail.outbox) == [3, 4]  # tracked and untracked
    for message in mail.outbox:
        params = message.anymail_test_params
        assert params["is_batch_send"] is True
        assert set(params["merge_data"]) == set(message.to)
        for address, values in params["merge_data"].items():
            own = alone[address]
            assert fill(params["subject"], values) == own.subject
            assert fill(params["text_body"], values) == own.body
            assert fill(params["html_body"], values) == own.alternatives[0].content
            headers = dict(params["extra_headers"]) | params["merge_headers"][address]
            headers.pop("Date"), own.extra_headers.pop("Date")
            assert headers == own.extra_headers
            assert params["merge_metadata"][address] == own.metadata
            assert params["merge_headers"][address]["List-Unsubscribe"].endswith(f"/u/{own.metadata['message']}>")
            assert sum(map(len, values.values())) < 400  # the rest is said once


@pytest.mark.usefixtures("test_provider")
def test_each_address_has_its_own_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    people = make_people(6)
    told = {
        people[0].email: "sent",
        people[2].email: "queued",
        people[4].email: "invalid",
        people[1].email: "rejected",
        people[3].email: "failed",
    }  # and silence on the last
    status = {address: AnymailRecipientStatus("1", word) for address, word in told.items()}
    monkeypatch.setattr(
        "anymail.backends.test.EmailBackend.parse_recipient_status",
        lambda self, response, payload, message: {to: status[to] for to in payload.recipient_emails if to in status},
    )
    dispatch = launched(people)
    send_now(now)
    assert events(dispatch) == {
        "mail.sent": 2,
        "mail.bounced_hard": 1,
        "mail.bounced_soft": 1,
        "mail.failed": 1,
        "mail.uncertain": 1,
    }
    rows = Event.objects.filter(kind__key__in=["mail.bounced_hard", "mail.uncertain"]).values_list(
        "kind__key", "contact_id"
    )
    assert set(rows) == {("mail.bounced_hard", people[4].pk), ("mail.uncertain", people[5].pk)}


@pytest.mark.usefixtures("test_provider")
def test_one_address_is_never_twice_in_a_batch_and_foreign_signs_go_alone() -> None:
    dispatch = launched(make_people(3))
    mails = ready(dispatch)
    double = mails[0]._replace(message_id=99, handover="f")
    told = list(open_mailer("default").hand_over([mails[0], double, mails[2]], _Notes()))
    assert [one.kind for one in told] == ["mail.sent"] * 3
    assert sorted(tuple(message.to) for message in mail.outbox) == sorted(
        [(mails[0].recipient, mails[2].recipient), (mails[0].recipient,)]
    )
    odd = [as_django(one) for one in (mails[0], mails[2])]
    for message in odd:
        message.body += " [[h0]]"
    assert merged(odd, SYNTAX["Test"]) is None
    assert merged(odd, SYNTAX["Mailgun"]) is not None


class _Notes:
    """A journal that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def intend(self, mail: Ready) -> None:
        self.lines.append(f"I {mail.message_id}")

    def told(self, told: Any) -> None:
        self.lines.append(f"R {told.mail.message_id} {told.kind}")


@pytest.mark.usefixtures("test_provider")
def test_every_mail_of_a_batch_is_noted_before_and_after() -> None:
    dispatch = launched(make_people(3)[:1] + make_people(2, prefix="q"))
    mails = [one for one in ready(dispatch) if "/t/o/" in one.data.decode()]
    notes = _Notes()
    list(open_mailer("default").hand_over(mails, notes))
    ids = [one.message_id for one in mails]
    assert notes.lines == [f"I {key}" for key in ids] + [f"R {key} mail.sent" for key in ids]


# --- a provider over HTTP -----------------------------------------------------------------------------------------
class Mailgun:
    """Mailgun's answers over HTTP. `answer` says status and words for the recipients of one post; None hangs up."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.answer: Callable[[list[str]], tuple[int, str] | None] = lambda to: (200, "Queued. Thank you.")

    def delivered(self) -> dict[str, dict[str, str]]:
        """Return each person's mail with its places filled, as the provider would send it."""
        mails = {}
        for post in self.posts:
            values = json.loads(post.get("recipient-variables", ["{}"])[0])
            for address in post["to"]:
                own = values.get(address, {})
                mails[address] = {
                    name: re.sub(r"%recipient\.([^%]+)%", lambda found, own=own: own[found[1]], text[0])
                    for name, text in post.items()
                    if name not in ("to", "recipient-variables")
                }
        return mails


@pytest.fixture
def mailgun(settings: Any, tmp_path: Any) -> Iterator[Mailgun]:
    provider = Mailgun()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            post = _form(raw, self.headers)
            given = provider.answer(post["to"])
            if given is None:
                self.close_connection = True
                return
            status, words = given
            if status == 200:
                provider.posts.append(post | {"path": [self.path], "authorization": [self.headers["Authorization"]]})
            body = json.dumps({"id": "<20261121.1@wayfare.example>", "message": words}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.JOURNAL_DIR = tmp_path
    settings.MAILERS = {"default": {"BACKEND": "anymail.backends.mailgun.EmailBackend"}}
    url = f"http://127.0.0.1:{server.server_port}/v3"
    settings.ANYMAIL = {"MAILGUN_API_KEY": "key", "MAILGUN_SENDER_DOMAIN": "wayfare.example", "MAILGUN_API_URL": url}
    yield provider
    server.shutdown()
    server.server_close()


def _form(raw: bytes, headers: Message) -> dict[str, list[str]]:
    """Read a posted form; Mailgun's is multipart."""
    kind = headers["Content-Type"]
    if kind.startswith("application/x-www-form-urlencoded"):
        return parse_qs(raw.decode(), keep_blank_values=True)
    whole = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + raw)
    found: dict[str, list[str]] = {}
    for part in whole.get_payload():
        name = part.get_param("name", header="content-disposition")
        found.setdefault(name, []).append(part.get_payload(decode=True).decode())
    return found


def test_mailgun_gets_a_hundred_in_one_post_and_nobody_sees_another(
    mailgun: Mailgun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.sending.handover.LONGEST_SLICE", 60.0)  # a busy machine cuts no slice short
    people = make_people(230)
    dispatch = launched(people)
    alone = {one.recipient: as_django(one) for one in ready(dispatch)}
    send_now(now)
    assert events(dispatch) == {"mail.sent": 230}
    assert len(mailgun.posts) <= 8
    assert {len(post["to"]) <= LARGEST_BATCH for post in mailgun.posts} == {True}
    for post in mailgun.posts:
        assert post["path"] == ["/v3/wayfare.example/messages"]
        assert set(json.loads(post["recipient-variables"][0])) == set(post["to"])  # so each is a mail of its own
    got = mailgun.delivered()
    assert set(got) == {person.email for person in people}
    for address, own in alone.items():
        mine = got[address]
        assert (mine["subject"], mine["text"], mine["html"]) == (own.subject, own.body, own.alternatives[0].content)
        assert mine["h:List-Unsubscribe"] == own.extra_headers["List-Unsubscribe"]
        assert mine["h:List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mine["v:message"] == own.metadata["message"]
    row = dispatch.messages.get(email=people[0].email)
    assert got[people[0].email]["v:message"] == mail_token(dispatch.pk, row.pk, row.contact_id)


def test_one_bad_mail_does_not_cost_the_others_theirs(mailgun: Mailgun) -> None:
    people = make_people(10)
    bad = people[4].email
    mailgun.answer = lambda to: (400, "'to' parameter is not a valid address") if bad in to else (200, "Queued.")
    dispatch = launched(people)
    send_now(now)
    assert events(dispatch) == {"mail.sent": 9, "mail.failed": 1}
    assert Event.objects.get(kind__key="mail.failed").contact_id == people[4].pk
    assert set(mailgun.delivered()) == {person.email for person in people} - {bad}


@pytest.mark.parametrize(
    ("status", "kind", "state"),
    [
        (429, "mail.deferred", CampaignState.SENDING),
        (503, "mail.deferred", CampaignState.SENDING),
        (401, "mail.rejected", CampaignState.PAUSED),
        (404, None, CampaignState.PAUSED),
    ],
)
def test_refused_post_tells_of_all_and_loses_none(
    mailgun: Mailgun, status: int, kind: str | None, state: CampaignState
) -> None:
    people = make_people(8)
    mailgun.answer = lambda to: (status, "no")
    dispatch = launched(people)
    send_now(now)
    assert set(events(dispatch)) == ({kind} if kind else set())
    campaign = Campaign.objects.get()
    assert campaign.state == state
    mailgun.answer = lambda to: (200, "Queued.")
    if state == CampaignState.PAUSED:
        control.resume(campaign.pk)
    MailerState.objects.update(open_until=None)
    send_now(lambda: now() + LATER)
    assert events(dispatch)["mail.sent"] == 8
    assert set(mailgun.delivered()) == {person.email for person in people}


def test_connection_that_breaks_off_leaves_its_batch_in_doubt_and_sends_it_once_more(mailgun: Mailgun) -> None:
    people = make_people(6)
    hung_up: list[int] = []

    def answer(to: list[str]) -> tuple[int, str] | None:
        if not hung_up:
            hung_up.append(len(to))
            return None
        return 200, "Queued."

    mailgun.answer = answer
    dispatch = launched(people)
    send_now(now)
    assert events(dispatch) == {"mail.uncertain": 3, "mail.sent": 3}
    send_now(lambda: now() + LATER)
    assert events(dispatch) == {"mail.uncertain": 3, "mail.sent": 6}


def test_provider_that_cannot_be_reached_opens_the_breaker_alone(mailgun: Mailgun, settings: Any) -> None:
    dispatch = launched(make_people(5))
    settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_URL": "http://127.0.0.1:1/v3"}
    send_now(now)
    assert events(dispatch) == {}
    assert MailerState.objects.get().failures == 1
    assert Campaign.objects.get().state == CampaignState.SENDING


def test_batches_widen_what_a_lost_journal_leaves_in_doubt(mailgun: Mailgun, settings: Any) -> None:
    assert widest("default") == LARGEST_BATCH
    settings.MAILERS = {"default": {"BACKEND": "anymail.backends.brevo.EmailBackend"}}
    settings.ANYMAIL = {"BREVO_API_KEY": "key"}
    assert (widest("default"), open_mailer("default").width) == (8, 1)


def test_sparkpost_gets_values_unescaped_and_a_header_of_each_persons_own(settings: Any) -> None:
    settings.MAILERS = {"default": {"BACKEND": "anymail.backends.sparkpost.EmailBackend"}}
    settings.ANYMAIL = {"SPARKPOST_API_KEY": "key"}
    mails = ready(launched(make_people(4)))[::2]
    whole_batch = merged([as_django(one) for one in mails], SYNTAX["SparkPost"])
    payload = mailers["default"].build_message_payload(whole_batch, {})
    data = json.loads(payload.serialize_data())
    own = [as_django(one) for one in mails]
    assert [row["address"]["email"] for row in data["recipients"]] == [one.recipient for one in mails]
    for row, message in zip(data["recipients"], own, strict=True):
        values = row["substitution_data"]
        html = re.sub(r"\{\{\{(\w+)\}\}\}", lambda found, values=values: values[found[1]], data["content"]["html"])
        assert html == message.alternatives[0].content
        assert data["content"]["headers"]["List-Unsubscribe"] == "{{Header__List_Unsubscribe}}"
        assert values["Header__List_Unsubscribe"] == message.extra_headers["List-Unsubscribe"]
        assert row["address"]["header_to"] == message.to[0]
        assert row["metadata"] == message.metadata
