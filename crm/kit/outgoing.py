"""The one door by which the product calls addresses that users typed: webhooks, connectors, feeds.

The name is resolved once, every address it has is checked, and the connection goes to a checked one (a name that
changes its mind in between reaches nothing else). No redirect is followed, no proxy asked; time and size are limited;
what the other side answers, beyond its status, is read and thrown away.
"""

import contextlib
import http
import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from crm.kit.recipients import NotListed, may_call

SECONDS = 10.0  # for a call in all, once the name is resolved
LONGEST_BODY = 64 * 1024  # bytes sent
_LONGEST_ANSWER = 64 * 1024  # bytes read before the connection is cut
_LONGEST_URL = 2_000
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}\.?)+", re.IGNORECASE)
_PORTS = frozenset({80, 443})
_FIRST_FREE_PORT = 1_024
# Addresses of version 6 that are another way to write one of version 4.
_WRAPPED = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class CallFailed(Exception):
    """The call did not reach its end; the text, for the reader, says why. `permanent`: trying again is of no use."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


@dataclass(frozen=True)
class Target:
    """An address that may be called, as far as can be told without asking for its name."""

    host: str
    port: int
    path: str
    secure: bool


def read_url(url: str) -> Target:
    """Return where a URL leads. Raises CallFailed (permanent) for what may not be called at all."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise CallFailed(_("This is no web address."), permanent=True) from error
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not url.isascii() or not url.isprintable() or len(url) > _LONGEST_URL:
        raise CallFailed(_("This is no web address. Write it like https://example.com/hook."), permanent=True)
    if parts.username is not None or not (_HOST.fullmatch(host) or ":" in host) or " " in url:
        raise CallFailed(_("A web address with a user name, or with a strange host, is not called."), permanent=True)
    if port not in _PORTS and port < _FIRST_FREE_PORT:
        raise CallFailed(_("Port %(port)d is not called.") % {"port": port}, permanent=True)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port, path, parts.scheme == "https")


def check(url: str) -> Target:
    """Return where a URL leads, if it may be called now. Raises CallFailed, permanent unless its name is not known."""
    target = read_url(url)
    if not may_call(target.host):
        raise CallFailed(str(NotListed(target.host)), permanent=True)
    _address(target)
    return target


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float = SECONDS) -> int:
    """Post `body` and return the status of the answer (2xx or else). Raises CallFailed."""
    if len(body) > LONGEST_BODY:
        raise CallFailed(_("The call is longer than %(most)d bytes.") % {"most": LONGEST_BODY}, permanent=True)
    target = read_url(url)
    if not may_call(target.host):
        raise CallFailed(str(NotListed(target.host)), permanent=True)
    connection = _Pinned(target, _address(target), seconds)
    try:
        with _cut_after(connection, seconds):
            connection.request("POST", target.path, body, dict(headers))
            with contextlib.closing(connection.getresponse()) as answer:
                answer.read(_LONGEST_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise CallFailed(_("No answer: %(error)s") % {"error": type(error).__name__}) from error
    finally:
        connection.close()
    if 300 <= answer.status < 400:
        raise CallFailed(_("The address redirects to another, which is not followed."), permanent=True)
    return int(answer.status)


@dataclass(frozen=True)
class Fetched:
    """What an address answered: its status, and with 200 how many bytes were written and under which tag."""

    status: int
    size: int = 0
    tag: str = ""


def fetch(url: str, headers: Mapping[str, str], out: IO[bytes], *, most: int, seconds: float = 300.0) -> Fetched:
    """Read what stands at `url` into `out`, piece by piece, at most `most` bytes. Raises CallFailed.

    Nothing is written unless the status is 200; a redirect is not followed.
    """
    target = read_url(url)
    connection = _Pinned(target, _address(target), SECONDS)
    try:
        with _cut_after(connection, seconds):
            connection.request("GET", target.path, headers={"Accept-Encoding": "identity", **headers})
            with contextlib.closing(connection.getresponse()) as answer:
                if 300 <= answer.status < 400 and answer.status != http.HTTPStatus.NOT_MODIFIED:
                    raise CallFailed(_("The address redirects to another, which is not followed."), permanent=True)
                size = _write(answer, out, most) if answer.status == http.HTTPStatus.OK else 0
                return Fetched(int(answer.status), size, (answer.getheader("ETag") or "")[:200])
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise CallFailed(_("No answer: %(error)s") % {"error": type(error).__name__}) from error
    finally:
        connection.close()


def _write(answer: http.client.HTTPResponse, out: IO[bytes], most: int) -> int:
    size = 0
    while block := answer.read(_LONGEST_ANSWER):
        size += len(block)
        if size > most:
            raise CallFailed(_("The file is larger than %(most)d MB.") % {"most": most // 2**20}, permanent=True)
        out.write(block)
    if answer.length:
        raise CallFailed(_("The answer was cut off."))
    return size


def _address(target: Target) -> str:
    """Return the address to connect to. Raises CallFailed unless every address of the name may be called."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CallFailed(_("The host %(host)s is not known.") % {"host": target.host}) from error
    addresses = [ipaddress.ip_address(str(place[4][0]).partition("%")[0]) for place in found]
    for address in addresses:
        if not _may_be_called(address, secure=target.secure):
            raise CallFailed(_("%(host)s leads into a private network.") % {"host": target.host}, permanent=True)
    return str(addresses[0])


def _may_be_called(address: Address, *, secure: bool) -> bool:
    """Tell whether it is a public address reached securely, or in a network that this install allows."""
    plain = getattr(address, "ipv4_mapped", None) or address
    if any(plain in ipaddress.ip_network(allowed) for allowed in settings.OUTGOING_NETWORKS):
        return True
    wrapped = any(plain in network for network in _WRAPPED if plain.version == network.version)
    return secure and plain.is_global and not plain.is_multicast and not wrapped


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whose certificate must be that of the name."""

    def __init__(self, target: Target, address: str, seconds: float) -> None:
        super().__init__(target.host, target.port, timeout=seconds)
        self._address = address
        self._secure = target.secure
        self.wire: socket.socket | None = None  # `sock` is taken away once the answer begins

    def connect(self) -> None:
        """Connect to the checked address, never to what the name means by now."""
        self.sock = self.wire = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            self.sock = self.wire = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.wire.do_handshake()


@contextlib.contextmanager
def _cut_after(connection: _Pinned, seconds: float) -> Iterator[None]:
    """Cut the connection when the time is over: a server that sends a byte now and then keeps no worker."""
    timer = threading.Timer(seconds, _cut, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(connection: _Pinned) -> None:
    if connection.wire is not None:
        with contextlib.suppress(OSError):
            connection.wire.shutdown(socket.SHUT_RDWR)
