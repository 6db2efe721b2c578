"""Mail providers that take many mails in one call: one text with places, and each person's values and headers.

Only providers that put in values as they are, and headers for each recipient (RFC 8058 asks for them), are in SYNTAX.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives

from campaigns.mailers.django_backend import DjangoMailer, as_django, by_status, told_by_api
from campaigns.mailers.protocol import UNCERTAIN, Journal, Ready, Told
from campaigns.mailers.skeleton import LINES, NOWHERE, TAGS, Skeleton, shape, shared

LARGEST_BATCH = 100  # mails; all of one call are in doubt when it breaks off
_MAILS_AT_FAULT = (400, 413, 422)  # nothing was taken, and one mail alone may be the reason


@dataclass(frozen=True)
class Syntax:
    """How a provider marks the place of a value. `sign` begins and ends what it reads, so no fixed text may hold it."""

    html: str
    text: str
    reserved: str
    signs: str


# By Anymail's name of the provider. KEY stands for the name of a value.
SYNTAX = {
    "Mailgun": Syntax("%recipient.KEY%", "%recipient.KEY%", "%recipient", "%"),
    "SparkPost": Syntax("{{{KEY}}}", "{{{KEY}}}", "{{", "{}"),
    "Test": Syntax("[[KEY]]", "[[KEY]]", "[[", "[]"),  # Anymail's back-end for tests
}

type _Pair = tuple[Ready, EmailMultiAlternatives]


class BatchMailer(DjangoMailer):
    """Hands mails to a provider in batches; what cannot go in one goes mail by mail."""

    width = LARGEST_BATCH

    def __init__(self, alias: str, syntax: Syntax) -> None:
        super().__init__(alias)
        self._syntax = syntax

    def hand_over(self, mails: Iterable[Ready], journal: Journal) -> Iterator[Told]:
        """See protocol.Mailer."""
        coming = iter(mails)
        while taken := list(islice(coming, LARGEST_BATCH)):
            for batch in _alike([(mail, as_django(mail)) for mail in taken]):
                yield from self._batch(batch, journal)

    def _batch(self, batch: Sequence[_Pair], journal: Journal) -> Iterator[Told]:
        mails = [mail for mail, _ in batch]
        together = merged([message for _, message in batch], self._syntax) if len(batch) > 1 else None
        told = self._send_together(mails, together, journal) if together is not None else None
        yield from told if told is not None else super().hand_over(mails, journal)

    def _send_together(
        self, mails: Sequence[Ready], message: EmailMultiAlternatives, journal: Journal
    ) -> list[Told] | None:
        """Return what became of each mail; None when the provider took none, so that each may be tried alone."""
        for mail in mails:
            journal.intend(mail)
        told = self._told_together(mails, message)
        for one in told or ():
            journal.told(one)
        return told

    def _told_together(self, mails: Sequence[Ready], message: EmailMultiAlternatives) -> list[Told] | None:
        sent: int | None = 0
        try:
            self._backend.open()
            sent = self._backend.send_messages([message])
        except AnymailRecipientsRefused:
            pass  # all of them: the status says why
        except AnymailAPIError as error:
            if error.status_code in _MAILS_AT_FAULT:
                return None
            return [told_by_api(mail, error) for mail in mails]
        except AnymailError:
            return None
        except OSError as error:
            return [Told(mail, UNCERTAIN, 0, str(error)) for mail in mails]
        known = getattr(message, "anymail_status").recipients  # noqa: B009 - Anymail adds it
        return [
            by_status(mail, {known[mail.recipient].status} if mail.recipient in known else None, sent) for mail in mails
        ]


def _alike(pairs: Sequence[_Pair]) -> list[list[_Pair]]:
    """Return the mails in groups that can share one text, none of them with one address twice."""
    groups: dict[tuple[Any, ...], list[_Pair]] = {}
    turns: dict[str, int] = {}
    for mail, message in pairs:
        turn = turns[mail.recipient] = turns.get(mail.recipient, 0) + 1
        page = _html(message)
        key = (
            turn,
            shape(page, TAGS),
            shape(str(message.body), LINES),
            page[:200],
            tuple(message.extra_headers),
            mail.sender,
        )
        groups.setdefault(key, []).append((mail, message))
    return list(groups.values())


def _html(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0][0]) if message.alternatives else ""


def merged(messages: Sequence[EmailMultiAlternatives], syntax: Syntax) -> EmailMultiAlternatives | None:
    """Return one message for all, with Anymail's data for each address; None where a text would be misread."""
    parts = {
        "s": (shared([str(message.subject) for message in messages], NOWHERE), syntax.text),
        "t": (shared([str(message.body) for message in messages], LINES), syntax.text),
        "h": (shared([_html(message) for message in messages], TAGS), syntax.html),
    }
    if not all(_is_safe(skeleton, syntax) for skeleton, _ in parts.values()):
        return None
    written = {
        name: skeleton.written(lambda number, name=name, place=place: place.replace("KEY", f"{name}{number}"))  # type: ignore[misc]
        for name, (skeleton, place) in parts.items()
    }
    first, addresses = messages[0], [message.to[0] for message in messages]
    headers = [{name: str(text) for name, text in message.extra_headers.items()} for message in messages]
    common = {name: text for name, text in headers[0].items() if all(one[name] == text for one in headers)}
    whole = EmailMultiAlternatives(
        written["s"], written["t"], first.from_email, addresses, reply_to=first.reply_to, headers=common
    )
    if first.alternatives:
        whole.attach_alternative(written["h"], "text/html")
    whole.merge_data = dict(zip(addresses, _values(parts, len(messages)), strict=True))  # type: ignore[attr-defined]
    whole.merge_metadata = {to: message.metadata for to, message in zip(addresses, messages, strict=True)}  # type: ignore[attr-defined]
    whole.merge_headers = {  # type: ignore[attr-defined]
        to: {name: text for name, text in one.items() if name not in common}
        for to, one in zip(addresses, headers, strict=True)
    }
    return whole


def _is_safe(skeleton: Skeleton, syntax: Syntax) -> bool:
    """Tell whether no fixed text holds what the provider reads, nor touches a place with one of its signs."""
    texts = skeleton.fixed
    touching = [text[-1:] for text in texts[:-1]] + [text[:1] for text in texts[1:]]
    return not any(syntax.reserved in text for text in texts) and not any(
        sign and sign in syntax.signs for sign in touching
    )


def _values(parts: Mapping[str, tuple[Skeleton, str]], count: int) -> list[dict[str, str]]:
    return [
        {
            f"{name}{number}": value
            for name, (skeleton, _) in parts.items()
            for number, value in enumerate(skeleton.values[place])
        }
        for place in range(count)
    ]
