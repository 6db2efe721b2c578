"""Encryption and log-in of our SMTP, against a real server with a certificate and passwords."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from django.core.mail import EmailMessage, mailers

from campaigns.campaign import control, freeze, launch
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.mailers.protocol import MailerError
from campaigns.mailers.session import Server, Session
from campaigns.mailers.smtp import MailRefused
from campaigns.sending.models import MailerState
from campaigns.sending.worker import send_now
from contacts.consent.models import Decision
from contacts.ledger.models import Event
from crm.kit.clock import now
from tests.campaigns.conftest import decide, make_campaign, make_people

TLS = Path(__file__).parent / "tls"
NAME, PASSWORD = "mailer@wayfare.example", "s3cret/with:signs @ and 한글"


class Keeper:
    """What the server was given."""

    def __init__(self) -> None:
        self.taken: list[tuple[bool, bool, str]] = []

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        encrypted = server.transport.get_extra_info("sslcontext") is not None
        self.taken.append((encrypted, bool(session.authenticated), envelope.rcpt_tos[0]))
        return "250 2.0.0 Ok"


def log_in(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
    good = (data.login, data.password) == (NAME.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@contextmanager
def server(
    *, implicit: bool = False, starttls: bool = False, host: str = "127.0.0.1", **options: Any
) -> Iterator[tuple[Keeper, int]]:
    """Run a server; `implicit` encrypts from the first byte on."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / "server.pem")
    if starttls:
        options |= {"tls_context": context, "require_starttls": True}
    keeper, loop = Keeper(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    starting = loop.create_server(
        lambda: SMTP(keeper, hostname="localhost", loop=loop, **options),
        host,
        0,
        ssl=context if implicit else None,
    )
    listening = asyncio.run_coroutine_threadsafe(starting, loop).result(10)
    try:
        yield keeper, listening.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_ended(listening), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _ended(listening: asyncio.Server) -> None:
    """Close the server, its connections and what they still do."""
    listening.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    listening.abort_clients()
    await asyncio.sleep(0)


LOG_IN = {"authenticator": log_in, "auth_required": True}


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the tests' authority, as an operator does for her own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "authority.pem"))


def options(port: int, **more: Any) -> dict[str, Any]:
    return {
        "default": {
            "BACKEND": "campaigns.mailers.smtp.PipeliningBackend",
            "OPTIONS": {"host": "localhost", "port": port, "timeout": 10, **more},
        }
    }


KNOWN = {"username": NAME, "password": PASSWORD}


def mail() -> EmailMessage:
    return EmailMessage("Hello", "words", "a@wayfare.example", ["b@example.com"])


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is, from the first byte on
@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("of_server", "of_ours"),
    [
        ({"starttls": True, **LOG_IN}, {"use_tls": True}),
        ({"starttls": True, **LOG_IN, "auth_exclude_mechanism": ["PLAIN"]}, {"use_tls": True}),
        ({"implicit": True, **LOG_IN, "auth_require_tls": False}, {"use_ssl": True}),
    ],
    ids=["starttls, plain", "starttls, by turns", "from the start"],
)
def test_mail_goes_encrypted_and_logged_in(settings: Any, of_server: dict, of_ours: dict) -> None:
    with server(**of_server) as (keeper, port):
        settings.MAILERS = options(port, **of_ours, **KNOWN)
        assert mailers["default"].send_messages([mail(), mail()]) == 2
    assert keeper.taken == [(True, True, "b@example.com")] * 2


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("mechanism", ["LOGIN", "PLAIN"])
def test_wrong_password_is_told_and_a_persons_to_correct(mechanism: str) -> None:
    with (
        server(starttls=True, **LOG_IN, auth_exclude_mechanism=[mechanism]) as (_, port),
        pytest.raises(MailerError) as raised,
    ):
        Session(Server("localhost", port, NAME, "wrong", "starttls"))
    assert raised.value.permanent
    assert raised.value.reason == (
        "The mail server localhost refused the log-in: 535 5.7.8 Authentication credentials invalid. "
        "Correct name and password in SMTP_URL; then go on sending."
    )


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_certificate_nobody_vouches_for_is_not_used(security: str) -> None:
    with (
        server(starttls=security == "starttls", implicit=security == "tls") as (_, port),
        pytest.raises(MailerError) as raised,
    ):
        Session(Server("localhost", port, security=security))
    assert raised.value.permanent
    assert raised.value.reason.startswith(f"The mail server localhost:{port} could not prove who it is (")
    assert "SSL_CERT_FILE" in raised.value.reason


@pytest.mark.usefixtures("trusted")
def test_certificate_of_another_name_is_not_used() -> None:
    with (
        server(implicit=True, host="127.0.0.2") as (_, port),
        pytest.raises(MailerError, match="could not prove who it is") as raised,
    ):
        Session(Server("127.0.0.2", port, security="tls"))
    assert raised.value.permanent


def test_server_without_starttls_gets_nothing() -> None:
    with server() as (keeper, port), pytest.raises(MailerError) as raised:
        Session(Server("localhost", port, NAME, PASSWORD, "starttls"))
    assert raised.value.permanent
    assert raised.value.reason == (
        "The mail server localhost offers no encryption (STARTTLS). "
        "Use smtps:// in SMTP_URL where it encrypts from the start; then go on sending."
    )
    assert keeper.taken == []


def test_password_is_not_told_to_a_server_that_asks_for_none() -> None:
    with server() as (_, port), pytest.raises(MailerError, match="offers no log-in by password") as raised:
        Session(Server("localhost", port, NAME, PASSWORD))
    assert raised.value.permanent


@pytest.mark.usefixtures("trusted")
def test_djangos_mail_api_raises_what_its_callers_catch(settings: Any) -> None:
    with server(starttls=True, **LOG_IN) as (keeper, port):
        settings.MAILERS = options(port, use_tls=True, username=NAME, password="wrong")
        with pytest.raises(MailRefused, match="refused the log-in"):
            mail().send()
    assert keeper.taken == []


@pytest.mark.django_db
@pytest.mark.usefixtures("trusted")
def test_wrong_password_pauses_the_campaign_and_right_one_sends_all(settings: Any, tmp_path: Path) -> None:
    people = make_people(5)
    decide(people, Decision.GRANTED)
    campaign = make_campaign(people)
    settings.JOURNAL_DIR = tmp_path
    dispatch = launch.launch(campaign.pk, by=None, now=now())
    freeze.freeze(dispatch.pk, now)
    with server(starttls=True, **LOG_IN) as (keeper, port):
        settings.MAILERS = options(port, use_tls=True, username=NAME, password="old")
        send_now(now)
        campaign = Campaign.objects.get()
        assert campaign.state == CampaignState.PAUSED
        assert "Correct name and password in SMTP_URL" in campaign.state_reason
        assert MailerState.objects.get().failures == 1
        assert keeper.taken == []
        assert not Event.objects.filter(subject__type="dispatch").exists()
        settings.MAILERS = options(port, use_tls=True, **KNOWN)
        control.resume(campaign.pk)
        send_now(lambda: now() + timedelta(minutes=1))
    assert sorted(recipient for *_, recipient in keeper.taken) == sorted(person.email for person in people)
