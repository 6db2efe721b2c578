"""Bodies over a real server: too much is refused by its length or when counted; chunks that fit are read."""

import json
import socket

import pytest

from contacts.people.models import Contact
from crm.api.bodies import BULK, USUAL
from crm.team import api_tokens
from crm.team.api_tokens import TokenScope
from crm.team.models import Role, User
from tests.contacts.conftest import NOW
from tests.crm.runtime.test_drain import answers
from tests.processes import free_port, python, soon

pytestmark = pytest.mark.django_db(transaction=True)
FIFTY = 50 * 1024 * 1024


@pytest.fixture
def send(tmp_path):
    """Send bytes below the head of a POST to a path of a real server, and return the status and the answer."""
    mina = User.objects.create_user("mina@example.com", "pw", name="Mina", role=Role.MARKETER)
    secret = api_tokens.create(mina, "test", TokenScope.values, days=None, now=NOW).secret
    port, log = free_port(), tmp_path / "web.log"
    place = ["--interface", "asgi", "--no-ws", "--host", "127.0.0.1", "--port", str(port)]

    def ask(path, framing, body=b""):
        lines = [f"POST /api/v1/{path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", framing]
        head = "\r\n".join([*lines, f"Authorization: Bearer {secret}", "", ""])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            line.sendall(head.encode() + body)
            return _answer(line)

    with python("-m", "granian", *place, "crm.asgi:application", log=log, JOURNAL_DIR=str(tmp_path / "journal")):
        assert soon(lambda: answers(port, "/healthz") == 200, 60), log.read_text()[-2000:]
        yield ask


def _answer(line):
    """Return status, Content-Type and values of what comes on a connection."""
    with line.makefile("rb") as lines:
        status = int(lines.readline().split()[1])
        headers = {}
        while (head := lines.readline().strip()) != b"":
            name, _, value = head.partition(b":")
            headers[name.lower()] = value.strip().decode()
        return status, headers[b"content-type"], json.loads(lines.read(int(headers[b"content-length"])))


CHUNKED = "Transfer-Encoding: chunked"


def chunks(*parts):
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


def test_body_is_bounded_before_it_is_kept(send):
    """Of 50 MB nothing is sent where the length says so, and one byte more than may be where none does."""
    for path, most in (("contacts", USUAL), ("contacts/upsert", BULK)):
        by_length = send(path, f"Content-Length: {FIFTY}")
        counted = send(path, CHUNKED, b"%x\r\n" % FIFTY + b"x" * (most + 1))
        for status, kind, problem in (by_length, counted):
            assert (status, kind, problem["status"]) == (413, "application/problem+json", 413)
            assert str(most) in problem["detail"]
    assert not Contact.objects.exists()
    status, _kind, made = send("contacts", CHUNKED, chunks(b'{"name": "', "김철수".encode(), b'"}'))
    assert (status, made["name"]) == (201, "김철수")
    assert Contact.objects.get().name == "김철수"
    padded = b'{"contacts": [{"email": "a@example.com"}]' + b" " * (BULK - 42) + b"}"
    status, _kind, done = send("contacts/upsert", CHUNKED, chunks(padded[:USUAL], padded[USUAL:]))
    assert (len(padded), status, done["created"]) == (BULK, 200, 1)
    assert send("contacts", CHUNKED, chunks(b'{"nick'))[0] == 400
