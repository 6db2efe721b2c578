"""One SMTP connection with pipelining (RFC 2920): commands in groups, replies in order. Used by mailers.smtp."""

import base64
import contextlib
import socket
import ssl
from dataclasses import dataclass
from typing import NamedTuple

from campaigns.mailers.protocol import MailerError

CRLF = b"\r\n"
END = b".\r\n"
_LONGEST_REPLY = 64_000


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


class Session:
    """An open, greeted and logged-in connection."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._buffer = b""
        try:
            self._socket: socket.socket = self._connected()
            self.features = self._greeted()
            self._log_in()
        except (OSError, ConnectionLost) as error:
            raise MailerError(f"{server.host}:{server.port}: {error or type(error).__name__}") from error

    def _connected(self) -> socket.socket:
        plain = socket.create_connection((self._server.host, self._server.port), timeout=self._server.timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._server.security == "tls":
            return ssl.create_default_context().wrap_socket(plain, server_hostname=self._server.host)
        return plain

    def _greeted(self) -> dict[str, str]:
        self._expect(self.read(), 220)
        features = self._ehlo()
        if self._server.security != "starttls":
            return features
        if "STARTTLS" not in features:
            raise MailerError(f"{self._server.host} offers no STARTTLS", permanent=True)
        self._expect(self.ask(b"STARTTLS"), 220)
        self._buffer = b""  # nothing said before encryption may count after it (CVE-2011-0411)
        self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=self._server.host)
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
        secret = f"\0{self._server.username}\0{self._server.password}".encode()
        if "LOGIN" in self.features.get("AUTH", "").split() and "PLAIN" not in self.features["AUTH"].split():
            self.ask(b"AUTH LOGIN")
            self.ask(base64.b64encode(self._server.username.encode()))
            reply = self.ask(base64.b64encode(self._server.password.encode()))
        else:
            reply = self.ask(b"AUTH PLAIN " + base64.b64encode(secret))
        self._expect(reply, 235)

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
        first = self._line()
        if first[3:4] != b"-":
            return Reply(int(first[:3]) if first[:3].isdigit() else 0, first[4:].decode("utf-8", "replace"))
        lines = [first[4:].decode("utf-8", "replace")]
        while True:
            line = self._line()
            lines.append(line[4:].decode("utf-8", "replace"))
            if line[3:4] != b"-":
                return Reply(int(line[:3]) if line[:3].isdigit() else 0, "\n".join(lines))

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _LONGEST_REPLY:
                raise ConnectionLost("the server's reply has no end")
            try:
                got = self._socket.recv(16_384)
            except OSError as error:
                raise ConnectionLost(str(error)) from error
            if not got:
                raise ConnectionLost("the server closed the connection")
            self._buffer += got
        line, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
        return line.rstrip(b"\r")

    def close(self, *, politely: bool = True) -> None:
        """End the connection. A repeat is harmless."""
        with contextlib.suppress(ConnectionLost, OSError):
            if politely:
                self._socket.settimeout(2)
                self.ask(b"QUIT")
        self._socket.close()
