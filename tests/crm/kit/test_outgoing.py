"""The door out: where it leads, where it never leads, and how long it stays open."""

import socket

import pytest

from crm.kit import outgoing
from crm.kit.outgoing import CallFailed, post, read_url
from tests.journeys.calls.server import Receiver

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.9", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "2001:0:1::1", "ff02::1",
]  # fmt: skip


def resolving(monkeypatch, *addresses):
    found = [(None, None, None, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: found)


@pytest.fixture
def unreachable(monkeypatch):
    def connect(address, _timeout):
        raise AssertionError(f"connected to {address}")

    monkeypatch.setattr(socket, "create_connection", connect)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_never_connected_to(monkeypatch, unreachable, address):
    resolving(monkeypatch, "93.184.216.34", address)
    with pytest.raises(CallFailed, match="private network") as failed:
        post("https://inside.example/", b"{}", {})
    assert failed.value.permanent


def test_a_public_address_is_reached_by_https_alone_and_as_it_was_checked(monkeypatch):
    resolving(monkeypatch, "93.184.216.34")
    seen = []

    def connect(address, _timeout):
        seen.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(CallFailed, match="No answer") as failed:
        post("https://outside.example/", b"{}", {})
    assert not failed.value.permanent
    assert seen == [("93.184.216.34", 443)]
    with pytest.raises(CallFailed, match="private network"):
        post("http://outside.example/", b"{}", {})
    assert len(seen) == 1


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/", "https://", "https://user:pw@a.example/", "https://a.example:22/", "https://a.example:99999/",
        "https://a b.example/", "https://a.example/\r\nX: y", "javascript:alert(1)", "https://[::1", "//a.example/",
        "https://ä.example/", "https://a_b.example/", "https://a.example/" + "x" * 2_000,
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url):
    with pytest.raises(CallFailed) as failed:
        read_url(url)
    assert failed.value.permanent


def test_an_allowed_network_is_reached_and_the_answer_thrown_away(settings):
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    with Receiver(200) as receiver:
        assert post(receiver.url, b'{"a":1}', {"X-Own": "1"}) == 200
    ((path, headers, body),) = receiver.got
    assert (path, headers["X-Own"], body) == ("/hook?x=1", "1", b'{"a":1}')


def test_no_redirect_is_followed(settings):
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    with (
        Receiver(200) as inner,
        Receiver(302, headers={"Location": inner.url}) as receiver,
        pytest.raises(CallFailed, match="redirects") as failed,
    ):
        post(receiver.url, b"{}", {})
    assert failed.value.permanent
    assert inner.got == []


def test_a_server_that_drips_is_cut_off(settings):
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    with Receiver("drip") as receiver, pytest.raises(CallFailed, match="No answer"):
        post(receiver.url, b"{}", {}, seconds=0.3)


def test_a_body_too_long_is_never_sent(unreachable):
    with pytest.raises(CallFailed, match="longer"):
        post("https://a.example/", b"x" * (outgoing.LONGEST_BODY + 1), {})
