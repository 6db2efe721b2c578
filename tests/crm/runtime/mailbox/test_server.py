"""A mail handed to the local mailbox over SMTP is kept byte by byte and shown to those who may see it."""

import asyncio
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP
from django.test import Client

from crm.runtime.mailbox import store
from crm.runtime.mailbox.server import Keeper
from crm.runtime.mailbox.views import SIZE
from crm.team.models import Role, User

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def mailbox(settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    (tmp_path / "mailbox").mkdir()
    return tmp_path / "mailbox"


def newsletter() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "마케팅팀 <news@wayfare.example>"
    message["To"] = "김철수 <cs.kim@customer.example>"
    message["Subject"] = "(광고) 겨울 혜택을 확인하세요"
    message.set_content("안녕하세요, 김철수 님")
    message.add_alternative(
        '<p>안녕하세요 <a href="/x">링크</a><img src="cid:logo"></p><script>alert(1)</script>', "html"
    )
    message.get_payload()[1].add_related(b"\x89PNG....", "image", "png", cid="<logo>")
    return message


@contextmanager
def server() -> Iterator[int]:
    """Run the SMTP server in a thread; yield its port."""
    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(
        loop.create_server(lambda: SMTP(Keeper(), hostname="localhost", loop=loop), "127.0.0.1", 0)
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield listening.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    listening.close()
    loop.close()


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(User.objects.create_user("a@wayfare.example", "x", name="Alice", role=Role.ADMIN))
    return client


def test_mail_over_smtp_is_kept_with_its_envelope() -> None:
    with server() as port, smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.ehlo()
        assert smtp.has_extn("pipelining")
        smtp.send_message(newsletter(), "bounce@wayfare.example", ["cs.kim@customer.example"])
    [name] = store.names()
    mail = store.read(name)
    assert mail
    assert (mail.sender, mail.recipients) == ("bounce@wayfare.example", "cs.kim@customer.example")
    assert mail.subject == "(광고) 겨울 혜택을 확인하세요"
    assert "안녕하세요, 김철수 님" in str(mail.body("plain"))
    assert "X-Envelope-From" not in dict(mail.headers)


def test_commands_sent_at_once_are_answered_one_by_one() -> None:
    with server() as port, socket.create_connection(("127.0.0.1", port)) as line:
        said = line.makefile("rb")
        said.readline()
        line.sendall(b"HELO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
        assert [said.readline()[:3] for _ in range(4)] == [b"250", b"250", b"250", b"354"]
        line.sendall(b"Subject: one\r\n\r\n..dot\r\n.\r\nQUIT\r\n")
        assert [said.readline()[:3] for _ in range(2)] == [b"250", b"221"]
        said.close()
    [name] = store.names()
    assert store.read(name).body("plain") == ".dot\r\n"


@pytest.mark.django_db
def test_pages_show_a_mail_in_a_frame_that_can_run_nothing(reader: Client) -> None:
    place = store.keep(newsletter().as_bytes(), "bounce@wayfare.example", ["cs.kim@customer.example"], NOW)
    listed = reader.get("/mailbox/").content.decode()
    assert "(광고) 겨울 혜택을 확인하세요" in listed
    shown = reader.get(f"/mailbox/{place.stem}/").content.decode()
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in shown
    assert f'src="/mailbox/{place.stem}/html/"' in shown
    frame = reader.get(f"/mailbox/{place.stem}/html/")
    policy = frame.headers["Content-Security-Policy"]
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert f'src="/mailbox/{place.stem}/part/0/"' in frame.content.decode()
    picture = reader.get(f"/mailbox/{place.stem}/part/0/")
    assert (picture.headers["Content-Type"], picture.content) == ("image/png", b"\x89PNG....")
    assert "안녕하세요, 김철수 님" in reader.get(f"/mailbox/{place.stem}/?view=text").content.decode()
    assert "cs.kim@customer.example" in reader.get(f"/mailbox/{place.stem}/?view=headers").content.decode()
    assert reader.get(f"/mailbox/{place.stem}/source/").content == place.read_bytes()


@pytest.mark.django_db
def test_search_and_paging_find_every_mail_once(reader: Client) -> None:
    for number in range(SIZE + 3):
        content = f"Subject: =?utf-8?b?7Jes6rWw?= {number}\r\n\r\nx".encode()
        store.keep(content, "a@wayfare.example", [f"p{number}@customer.example"], NOW)
    first = reader.get("/mailbox/").context["page"]
    second = reader.get("/mailbox/", {"cursor": first.next_cursor}).context["page"]
    shown = [mail.name for mail in [*first.rows, *second.rows]]
    assert shown == store.names()
    assert (len(first.rows), len(second.rows), second.next_cursor, first.previous_cursor) == (SIZE, 3, "", "")
    assert reader.get("/mailbox/", {"cursor": second.previous_cursor}).context["page"].rows[0].name == shown[0]
    found = reader.get("/mailbox/", {"q": "P7@customer"}).context["page"].rows
    assert [mail.recipients for mail in found] == ["p7@customer.example"]
    assert reader.get("/mailbox/", {"q": "여군 52"}).context["counted"] == "1 mail"
    assert reader.get("/mailbox/", {"q": "nothing"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["0", "..", "12345678901234567-000000"])
def test_unknown_mail_is_not_found(reader: Client, name: str) -> None:
    assert reader.get(f"/mailbox/{name}/html/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "status"), [(Role.ANALYST, 403), (Role.MARKETER, 200), (Role.SALES_REP, 200)])
def test_mailbox_is_open_to_those_the_matrix_names(client: Client, role: Role, status: int) -> None:
    client.force_login(User.objects.create_user("b@wayfare.example", "x", name="Bob", role=role))
    assert client.get("/mailbox/").status_code == status
    client.logout()
    assert client.get("/mailbox/").status_code == 302
