"""One SMTP connection with pipelining (RFC 2920): commands in groups, replies in order. Used by mailers.smtp."""

import base64
import contextlib
import socket
import ssl
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, NoReturn

from django.utils.translation import gettext as _

from campaigns.mailers.protocol import MailerError

CRLF = b"\r\n"
END = b".\r\n"
_LONGEST_REPLY = 64_000
_LONGEST_WORDS = 100  # letters of a server that are repeated to people


class ConnectionLost(Exception):
    """The connection ended or timed out; what was answered before stands."""


@dataclass(frozen=True)
class Server:
    """Where and how to connect. Times in seconds; `security` is "", "starttls" or "tls"."""

    host: str
    port: int
    username: str = ""
    password: str = ""
    security: str = ""
    timeout: float = 30.0
    helo: str = "localhost"


class Reply(NamedTuple):
    """An answer of the server: its code and all its lines in one."""

    code: int
    text: str


@lru_cache(maxsize=256)
def _reply(line: bytes) -> Reply:
    """Return one line as a reply; a server says the same to most envelopes."""
    line = line.rstrip(b"\r")
    return Reply(int(line[:3]) if line[:3].isdigit() else 0, line[4:].decode("utf-8", "replace"))


class Session:
    """An open, greeted and logged-in connection."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lines: deque[bytes] = deque()  # whole lines that were received and not read yet
        self._rest = b""  # the beginning of the next one
        try:
            self._socket: socket.socket = self._connected()
        except OSError as error:
            self._unusable(error)
        try:
            self.features = self._greeted()
            self._log_in()
        except MailerError:
            self._socket.close()
            raise
        except (OSError, ConnectionLost) as error:
            self._socket.close()
            self._unusable(error)

    def _unusable(self, error: Exception) -> NoReturn:
        """Raise MailerError; a certificate that is not trusted stays so until a person acts."""
        where = f"{self._server.host}:{self._server.port}"
        if isinstance(error, ssl.SSLCertVerificationError):
            message = _(
                "The mail server %(where)s could not prove who it is (%(why)s). Correct its name or its certificate, "
                "or name the certificate's authority in SSL_CERT_FILE; then go on sending."
            )
            raise MailerError(message % {"where": where, "why": error.verify_message}, permanent=True) from error
        raise MailerError(f"{where}: {error or type(error).__name__}") from error

    def _connected(self) -> socket.socket:
        plain = socket.create_connection((self._server.host, self._server.port), timeout=self._server.timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._encrypted(plain) if self._server.security == "tls" else plain

    def _encrypted(self, plain: socket.socket) -> socket.socket:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=self._server.host)

    def _greeted(self) -> dict[str, str]:
        self._expect(self.read(), 220)
        features = self._ehlo()
        if self._server.security != "starttls":
            return features
        if "STARTTLS" not in features:
            message = _(
                "The mail server %(host)s offers no encryption (STARTTLS). "
                "Use smtps:// in SMTP_URL where it encrypts from the start; then go on sending."
            )
            raise MailerError(message % {"host": self._server.host}, permanent=True)
        self._expect(self.ask(b"STARTTLS"), 220)
        self._lines.clear()
        self._rest = b""  # nothing said before encryption may count after it (CVE-2011-0411)
        self._socket = self._encrypted(self._socket)
        return self._ehlo()

    def _ehlo(self) -> dict[str, str]:
        reply = self.ask(f"EHLO {self._server.helo}".encode())
        if reply.code != 250:
            self._expect(self.ask(f"HELO {self._server.helo}".encode()), 250)
            return {}
        words = [line.partition(" ") for line in reply.text.split("\n")[1:]]
        return {name.upper(): rest for name, _, rest in words}

    def _log_in(self) -> None:
        if not self._server.username:
            return
        offered = self.features.get("AUTH", "").upper().split()
        if "PLAIN" in offered:
            secret = f"\0{self._server.username}\0{self._server.password}".encode()
            reply = self.ask(b"AUTH PLAIN " + base64.b64encode(secret))
        elif "LOGIN" in offered:
            reply = self._log_in_by_turns()
        else:
            message = _(
                "The mail server %(host)s offers no log-in by password. "
                "Take name and password out of SMTP_URL, or encrypt by smtp+starttls://; then go on sending."
            )
            raise MailerError(message % {"host": self._server.host}, permanent=True)
        if reply.code // 100 == 5:
            message = _(
                "The mail server %(host)s refused the log-in: %(words)s. "
                "Correct name and password in SMTP_URL; then go on sending."
            )
            words = f"{reply.code} {reply.text}".strip()[:_LONGEST_WORDS]
            raise MailerError(message % {"host": self._server.host, "words": words}, permanent=True)
        self._expect(reply, 235)

    def _log_in_by_turns(self) -> Reply:
        """Log in by AUTH LOGIN, which asks for the name, then for the password."""
        reply = self.ask(b"AUTH LOGIN")
        for answer in (self._server.username, self._server.password):
            if reply.code != 334:
                break
            reply = self.ask(base64.b64encode(answer.encode()))
        return reply

    def _expect(self, reply: Reply, code: int) -> None:
        if reply.code != code:
            raise MailerError(
                f"{self._server.host}: {reply.code} {reply.text}".strip(), permanent=reply.code // 100 == 5
            )

    @property
    def pipelining(self) -> bool:
        """Tell whether commands may be sent in groups."""
        return "PIPELINING" in self.features

    def ask(self, command: bytes) -> Reply:
        """Send one command and return its reply. Raises ConnectionLost."""
        self.write(command + CRLF)
        return self.read()

    def write(self, data: bytes) -> None:
        """Send bytes. Raises ConnectionLost."""
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise ConnectionLost(str(error)) from error

    def read(self) -> Reply:
        """Return the next reply. Raises ConnectionLost."""
        lines = self._lines
        if not lines:
            self._receive()
        line = lines.popleft()
        if line[3:4] != b"-":
            return _reply(line)
        texts = []
        while line[3:4] == b"-":
            texts.append(_reply(line).text)
            if not lines:
                self._receive()
            line = lines.popleft()
        code, text = _reply(line)
        return Reply(code, "\n".join([*texts, text]))

    def _receive(self) -> None:
        """Wait for at least one whole line."""
        while not self._lines:
            if len(self._rest) > _LONGEST_REPLY:
                raise ConnectionLost("the server's reply has no end")
            try:
                got = self._socket.recv(16_384)
            except OSError as error:
                raise ConnectionLost(str(error)) from error
            if not got:
                raise ConnectionLost("the server closed the connection")
            *whole, self._rest = (self._rest + got).split(b"\n")
            self._lines.extend(whole)

    def close(self, *, politely: bool = True) -> None:
        """End the connection. A repeat is harmless."""
        with contextlib.suppress(ConnectionLost, OSError):
            if politely:
                self._socket.settimeout(2)
                self.ask(b"QUIT")
        self._socket.close()
