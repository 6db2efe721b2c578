"""The sender test against a real name server and a real SMTP server."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from campaigns.senders.models import SenderTrial
from campaigns.senders.trial import conversation, domain, trial
from campaigns.senders.trial.findings import KNOWN, Finding
from crm.team.models import Role, User
from tests.campaigns.conftest import NOW, make_sender

SPF, DMARC = "v=spf1 include:spf.provider.example -all", "v=DMARC1; p=quarantine"
GOOD = {
    "shop.example": ["google-site-verification=x", SPF],
    "spf.provider.example": ["v=spf1 ip4:192.0.2.0/24 ~all"],
    "selector1._domainkey.shop.example": ["v=DKIM1; k=rsa; p=MIGfMA0"],
    "_dmarc.shop.example": [DMARC],
}


@contextlib.contextmanager
def name_server(zone: dict[str, list[str] | None]) -> Iterator[str]:
    """Answer TXT questions from `zone` on a loopback port; None: refuse to, "silent" being silent altogether."""
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                asked, who = door.recvfrom(4096)
            except OSError:
                return
            question = dns.message.from_wire(asked)
            name = question.question[0].name.to_text(omit_final_dot=True).lower()
            answer = dns.message.make_response(question)
            answer.flags |= dns.flags.RA
            if name == "silent.example":
                continue
            if name in zone and zone[name] is None:
                answer.set_rcode(dns.rcode.SERVFAIL)
            elif name in zone:
                lines = ['"' + text[:200] + '" "' + text[200:] + '"' for text in zone[name]]
                answer.answer.append(dns.rrset.from_text(question.question[0].name, 60, "IN", "TXT", *lines))
            else:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            door.sendto(answer.to_wire(), who)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{door.getsockname()[1]}"
    finally:
        door.close()


def found(zone, settings, *, name: str = "shop.example", selector: str = "", by_provider: bool = False) -> list[str]:
    with name_server(zone) as place:
        settings.DNS_RESOLVERS = [place]
        findings = domain.examine(name, selector, by_provider=by_provider)
    assert all(finding.text for finding in findings)
    return [finding.code for finding in findings]


def test_good_domain(settings) -> None:
    assert found(GOOD, settings) == ["spf_good", "dkim_good", "dmarc_good", "aligned"]
    assert found(GOOD, settings, by_provider=True)[3] == "alignment_provider"


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"shop.example": ["hello"]}, ["spf_missing", "dkim_good"]),
        ({"shop.example": [SPF, "v=spf1 -all"]}, ["spf_several", "dkim_good"]),
        ({"shop.example": ["v=spf1 +all"]}, ["spf_everybody", "dkim_good"]),
        ({"shop.example": ["v=spf1 ip4:192.0.2.1"]}, ["spf_open_end", "dkim_good"]),
        ({"shop.example": ["v=spf10 -all"]}, ["spf_missing", "dkim_good"]),
        (
            {"shop.example": ["v=spf1 a mx a:x.example mx:y.example exists:z.example ptr ~all"]},
            ["spf_good", "dkim_good"],
        ),
        (
            {
                "shop.example": ["v=spf1 " + "include:many.example " * 2 + "~all"],
                "many.example": ["v=spf1 a mx a:1 a:2 a:3 -all"],
            },
            ["spf_lookups", "dkim_good"],
        ),
        (
            {
                "shop.example": ["v=spf1 include:loop.example ~all"],
                "loop.example": ["v=spf1 include:loop.example ~all"],
            },
            ["spf_good", "dkim_good"],
        ),
        ({"selector1._domainkey.shop.example": ["v=DKIM1; p="]}, ["spf_good", "dkim_revoked"]),
        ({"selector1._domainkey.shop.example": ["nothing"]}, ["spf_good", "dkim_missing"]),
    ],
)
def test_faults_of_spf_and_dkim(settings, changes, codes) -> None:
    assert found(GOOD | changes, settings)[:2] == codes


@pytest.mark.parametrize(
    ("changes", "name", "codes"),
    [
        ({"_dmarc.shop.example": ["v=DMARC1; p=none"]}, "shop.example", ["dmarc_watches", "aligned"]),
        (
            {"_dmarc.shop.example": ["v=DMARC1; p=reject; adkim=s"]},
            "shop.example",
            ["dmarc_good", "aligned", "alignment_strict"],
        ),
        ({"_dmarc.shop.example": [DMARC, "v=DMARC1; p=none"]}, "shop.example", ["dmarc_several"]),
        ({"_dmarc.shop.example": ["v=spf1"]}, "shop.example", ["dmarc_missing"]),
        ({"news.shop.example": [SPF]}, "news.shop.example", ["dmarc_good", "aligned"]),
        (
            {"news.shop.example": [SPF], "_dmarc.shop.example": ["v=DMARC1; p=reject; sp=none"]},
            "news.shop.example",
            ["dmarc_watches", "aligned"],
        ),
    ],
)  # fmt: skip
def test_dmarc_of_the_domain_or_of_one_above_it(settings, changes, name, codes) -> None:
    assert found(GOOD | changes, settings, name=name)[2:] == codes


def test_key_under_a_name_of_its_own(settings) -> None:
    zone = GOOD | {
        "selector1._domainkey.shop.example": ["x"],
        "odd7._domainkey.shop.example": ["v=DKIM1; p=" + "A" * 390],
    }
    assert found(zone, settings)[1] == "dkim_missing"
    assert found(zone, settings, selector="odd7")[1] == "dkim_good"


def test_name_server_that_never_answers_is_not_waited_for(settings, monkeypatch) -> None:
    monkeypatch.setattr(domain, "SECONDS", 0.2)
    assert found(GOOD, settings, name="silent.example") == ["dns_silent"]


def test_missing_domain_and_failing_servers_are_told_apart(settings) -> None:
    assert found({}, settings) == ["domain_missing"]
    assert found(GOOD | {"shop.example": None}, settings) == ["dns_silent"]
    assert found(GOOD | {"_dmarc.shop.example": None}, settings) == ["spf_good", "dkim_good", "dns_silent"]


# --- with the mail server ---
@pytest.fixture
def sender(db):
    one = make_sender()
    one.email = "news@shop.example"
    one.save(update_fields=["email"])
    return one


def test_conversation_is_kept_whole_and_the_mail_arrives(sender, smtp, settings) -> None:
    with name_server(GOOD) as place:
        settings.DNS_RESOLVERS = [place]
        kept = trial.run(sender, "alice@example.com", "", NOW)
    assert kept.passed
    assert trial.trial_of(sender) == kept
    (mail,) = smtp.taken
    assert (mail.sender, mail.recipient) == ("news@shop.example", "alice@example.com")
    said = [tuple(pair) for pair in kept.conversation]
    assert said[0] == ("them", "220 test ESMTP")
    assert ("us", "MAIL FROM:<news@shop.example>") in said
    assert ("us", "RCPT TO:<alice@example.com>") in said
    assert any(who == "us" and line.startswith("(the mail, ") for who, line in said)
    assert ("us", "QUIT") in said
    assert trial.findings_of(kept)[0].code == "smtp_taken"


def test_refusal_is_kept_with_the_words_of_the_server(sender, smtp, settings) -> None:
    smtp.on_rcpt = lambda recipient: "550 5.7.1 relaying denied"
    with name_server(GOOD) as place:
        settings.DNS_RESOLVERS = [place]
        kept = trial.run(sender, "alice@example.com", "", NOW)
        assert not kept.passed
        assert "550 5.7.1 relaying denied" in trial.findings_of(kept)[0].text
        smtp.on_rcpt = lambda recipient: "250 ok"
        assert trial.run(sender, "alice@example.com", "", NOW).passed
    assert SenderTrial.objects.count() == 1
    sender.email = "other@shop.example"
    assert trial.trial_of(sender) is None


def test_server_that_is_away_is_told(sender, settings) -> None:
    settings.MAILERS = {
        "default": {
            "BACKEND": "campaigns.mailers.smtp.PipeliningBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 1, "timeout": 1},
        }
    }
    with name_server(GOOD) as place:
        settings.DNS_RESOLVERS = [place]
        kept = trial.run(sender, "alice@example.com", "", NOW)
    assert trial.findings_of(kept)[0].code == "smtp_refused"


def test_no_secret_is_written_down() -> None:
    import base64

    from campaigns.mailers.session import Server

    recorded = conversation._Recorded.__new__(conversation._Recorded)
    server = Server("h", 25, "user-name", "pass-word")
    recorded._secrets = [server.username, server.password]
    recorded._secrets += [base64.b64encode(text.encode()).decode() for text in recorded._secrets]
    plain = base64.b64encode(b"\0user-name\0pass-word")
    assert recorded._shown(b"AUTH PLAIN " + plain + b"\r\n") == "AUTH PLAIN …"
    assert recorded._shown(b"AUTH LOGIN\r\n") == "AUTH LOGIN"
    assert recorded._shown(base64.b64encode(b"pass-word") + b"\r\n") == "…"
    assert recorded._clean("535 user-name is wrong") == "535 … is wrong"


def test_every_finding_has_a_sentence() -> None:
    values = dict.fromkeys(("to", "reason", "domain", "name", "n", "selectors", "policy"), "x")
    for code in KNOWN:
        finding = Finding(code, values)
        assert finding.text
        assert finding.tone in ("good", "warn", "bad")
        assert str(finding.about)


def test_page_tests_and_pre_flight_links_to_it(client, sender, smtp, settings) -> None:
    emma = User.objects.create_user("emma@example.com", name="Emma", role=Role.MARKETER)
    rep = User.objects.create_user("rep@example.com", name="Rep", role=Role.SALES_REP)
    page = f"/senders/{sender.pk}/test/"
    client.force_login(rep)
    assert client.get(page).status_code == 403
    assert client.post(page).status_code == 403
    client.force_login(emma)
    assert "Test now" in client.get(page).content.decode()
    assert client.post(page, {"selector": "a b"}).status_code == 422
    assert not SenderTrial.objects.exists()
    from tests.campaigns.conftest import make_campaign, make_people

    check = f"/campaigns/{make_campaign(make_people(1), sender=sender).pk}/check/"
    assert "was not tested yet" in client.get(check).content.decode()
    with name_server(GOOD) as place:
        settings.DNS_RESOLVERS = [place]
        assert client.post(page, {"selector": "selector1"}).status_code == 302
    html = client.get(page).content.decode()
    assert "› MAIL FROM:&lt;news@shop.example&gt;" in html
    assert 'value="selector1"' in html
    assert [mail.recipient for mail in smtp.taken] == ["emma@example.com"]
    assert "was tested and passed" in client.get(check).content.decode()
