"""A real SMTP server in a thread: keeps every mail it takes, and answers as a test tells it to.

It offers PIPELINING like Postfix does, which aiosmtpd does not.
"""

import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

OK = "250 2.0.0 Ok"


@dataclass
class Taken:
    """One mail that was taken over."""

    sender: str
    recipient: str
    data: bytes

    @property
    def message_id(self) -> str:
        found = re.search(rb"^Message-ID: (\S+)\r$", self.data, re.MULTILINE)
        return found[1].decode() if found else ""


@dataclass
class SmtpServer:
    """`on_rcpt` and `on_body` may return another answer for a recipient; "" closes the connection without one."""

    pipelining: bool = True
    on_rcpt: Callable[[str], str] = lambda recipient: OK
    on_body: Callable[[str, bytes], str] = lambda recipient, data: OK
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "SmtpServer":
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._listener.close()
        for connection in list(self._open):
            connection.close()

    def mailer(self, **options: object) -> dict[str, object]:
        """Return what settings.MAILERS needs to send here."""
        return {
            "BACKEND": "campaigns.mailers.smtp.PipeliningBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": self.port, "timeout": 10, **options},
        }

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as lines:
                self._talk(connection, lines)
        except (OSError, ValueError):
            pass
        finally:
            with self._lock:
                self._open.discard(connection)

    def _talk(self, connection, lines) -> None:  # noqa: C901 - one branch a command
        def say(text: str) -> None:
            connection.sendall(text.encode() + b"\r\n")

        sender = recipient = ""
        say("220 test ESMTP")
        for raw in lines:
            command = raw.decode().strip()
            verb = command.upper()
            if verb.startswith("EHLO"):
                say("250-test\r\n250-PIPELINING\r\n250 8BITMIME" if self.pipelining else "250 test")
            elif verb.startswith("MAIL FROM"):
                sender, recipient = command[11:-1], ""
                say(OK)
            elif verb.startswith("RCPT TO"):
                answer = self.on_rcpt(command[9:-1])
                if not answer:
                    return
                recipient = command[9:-1] if answer.startswith("2") else ""
                say(answer)
            elif verb == "DATA":
                if not recipient:
                    say("554 5.5.1 no valid recipients")
                    continue
                say("354 go on")
                answer = self._body(lines, sender, recipient)
                if not answer:
                    return
                say(answer)
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say(OK)

    def _body(self, lines, sender: str, recipient: str) -> str:
        body = []
        for raw in lines:
            if raw == b".\r\n":
                break
            body.append(raw[1:] if raw.startswith(b".") else raw)
        else:
            return ""
        data = b"".join(body)
        answer = self.on_body(recipient, data)
        if answer.startswith("2") or not answer:
            with self._lock:
                self.taken.append(Taken(sender, recipient, data))
        return answer
