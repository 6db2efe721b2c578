"""Idempotency-Key: a POST that is repeated is done once, and its repeat gets the first answer.

Effects and answer are one transaction: after a crash there are either both or none. A refusal changed nothing, so it
is not kept, and the request may be mended and sent again with its key.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from crm.api.models import Answer
from crm.api.problems import Refusal, invalid

KEPT = timedelta(hours=24)
LONGEST = 200
# Held while the first request runs: a second one at the same moment is told so instead of waiting.
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 2))"


@dataclass(frozen=True)
class Given:
    """A status and the JSON text of a body; `again`: it was given before."""

    status: int
    text: str
    again: bool = False


@dataclass(frozen=True)
class Request:
    """What tells one request from another: who asks, with which key, for what."""

    asker: str
    key: str
    path: str
    body: bytes

    @property
    def fingerprint(self) -> str:
        """A hash of path and body."""
        return hashlib.sha256(self.path.encode() + b"\n" + self.body).hexdigest()


def check_key(key: str) -> None:
    """Refuse a key that cannot be kept."""
    if not 0 < len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        raise invalid("Idempotency-Key", _("A key has 1 to %(most)d plain characters.") % {"most": LONGEST})


def once(request: Request, do: Callable[[], tuple[int, Any]], encode: Callable[[Any], str], now: datetime) -> Given:
    """Do it unless it was done before with this key, and return what is answered. Raises Refusal, and what `do` does.

    `do` returns a status and a body; both are kept for KEPT.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [f"api:{request.asker}:{request.key}"])
            if not cursor.fetchone()[0]:
                raise Refusal("key-in-use", _("Wait until it is answered, then send it again."))
        before = Answer.objects.filter(asker=request.asker, key=request.key).first()
        if before and before.at > now - KEPT:
            return _repeated(before, request)
        if before:
            before.delete()
        status, body = do()
        given = Given(status, encode(body))
        Answer.objects.create(
            asker=request.asker, key=request.key, request=request.fingerprint, status=status, body=given.text, at=now
        )
        return given


def _repeated(before: Answer, request: Request) -> Given:
    if before.request != request.fingerprint:
        text = _("This Idempotency-Key was sent with another request. Use a new key for a new request.")
        raise Refusal("key-reused", text)
    return Given(before.status, before.body, again=True)


def forget(now: datetime) -> int:
    """Delete answers that are too old to be repeated; return how many."""
    return Answer.objects.filter(at__lte=now - KEPT).delete()[0]


def read(given: Given) -> Any:
    """Return the body of an answer as values."""
    return json.loads(given.text)
