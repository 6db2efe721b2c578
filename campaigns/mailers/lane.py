"""One connection of our SMTP mailer: body N and envelope N+1 in one write, the answers read in their order."""

from collections.abc import Iterator

from campaigns.mailers.protocol import Journal, Ready, Told
from campaigns.mailers.replies import Outcome, classify
from campaigns.mailers.session import END, ConnectionLost, Reply, Session

_OK, _GO_ON, _SERVICE_CLOSING = 250, 354, 421


class Lane:
    """One connection and the two mails it deals with: `body` has left, `next` has its envelope asked for."""

    def __init__(self, session: Session, journal: Journal) -> None:
        self.session = session
        self._journal = journal
        self.body: Ready | None = None
        self.next: Ready | None = None
        self._answers: list[Reply] = []
        self._cleared: Ready | None = None

    def offer(self, mail: Ready | None) -> None:
        """Send the body that was cleared, if any, and the envelope of `mail`, if any, in one write."""
        out = b""
        if self._cleared is not None:
            self._journal.intend(self._cleared)
            self.body, self._cleared = self._cleared, None
            out = self.body.data if self.body.data.endswith(b"\r\n") else self.body.data + b"\r\n"
            out += END
        self.next = mail
        if mail is not None and self.session.pipelining:
            out += _envelope(mail)
        if out:
            self.session.write(out)
        if mail is not None and not self.session.pipelining:
            self._ask_in_turn(mail)

    def _ask_in_turn(self, mail: Ready) -> None:
        """Without PIPELINING every command waits for its answer, the body's first of all."""
        if self.body is not None:
            self._answers.append(self.session.read())
        self._answers += [self.session.ask(command) for command in _commands(mail)]

    def _answer(self) -> Reply:
        return self._answers.pop(0) if self._answers else self.session.read()

    def settle(self) -> Iterator[Told]:
        """Read the answers that are due: to the body that left, then to the envelope of the next."""
        if self.body is not None:
            reply = self._answer()
            mail, self.body = self.body, None
            yield self._told(mail, reply)
            self._closing(reply)
        if self.next is not None:
            refused = self._envelope_refused()
            mail, self.next = self.next, None
            if refused is None:
                self._cleared = mail
            else:
                self._closing(refused, mail)
                yield self._told(mail, refused)

    def _envelope_refused(self) -> Reply | None:
        """Return the first answer that refuses the envelope, None when the body may go."""
        answers = (self._answer(), self._answer(), self._answer())
        if answers[0].code == answers[1].code == _OK and answers[2].code == _GO_ON:
            return None
        refused = next((answer for answer in answers[:2] if answer.code // 100 != 2), None)
        if refused is None:
            return None if answers[2].code == _GO_ON else answers[2]
        if answers[2].code == _GO_ON:  # the server waits for a body all the same: an empty one, for nobody
            self.session.write(END)
            self.session.read()
        elif answers[0].code // 100 == 2:
            self.session.ask(b"RSET")
        return refused

    def _closing(self, reply: Reply, unsent: Ready | None = None) -> None:
        """On 421 the server hangs up: nothing more goes here. A mail whose envelope it refused has not left."""
        if reply.code == _SERVICE_CLOSING:
            self.next = unsent or self.next
            raise ConnectionLost(f"421 {reply.text}")

    def _told(self, mail: Ready, reply: Reply) -> Told:
        outcome = classify(reply.code, "", reply.text)
        told = Told(mail, outcome.kind, reply.code, "" if outcome == Outcome.SENT else reply.text)
        self._journal.told(told)
        return told

    @property
    def busy(self) -> bool:
        """Tell whether answers are due or a body is cleared to go."""
        return self.body is not None or self.next is not None or self._cleared is not None

    def lost(self) -> tuple[Ready | None, list[Ready]]:
        """Return the mail nobody knows of, and those that have certainly not left."""
        self.session.close(politely=False)
        return self.body, [mail for mail in (self._cleared, self.next) if mail is not None]


def _commands(mail: Ready) -> tuple[bytes, bytes, bytes]:
    return (f"MAIL FROM:<{mail.sender}>".encode(), f"RCPT TO:<{mail.recipient}>".encode(), b"DATA")


def _envelope(mail: Ready) -> bytes:
    return f"MAIL FROM:<{mail.sender}>\r\nRCPT TO:<{mail.recipient}>\r\nDATA\r\n".encode()
