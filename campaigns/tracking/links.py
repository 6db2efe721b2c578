"""Where links lead: the targets of a dispatch's links, kept in memory so that they work while PostgreSQL is away."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils.encoding import iri_to_uri

from campaigns.sending.models import Link
from campaigns.tracking.answers import NOTHING, Answer, redirect
from campaigns.tracking.hits import SUBJECT
from campaigns.tracking.tokens import HONEYPOT
from contacts.ledger.dictionary import subject_ids

_MOST_LINKS = 200_000  # kept in memory at once, some 40 MB at most
_LONGEST_TARGET = 8_000  # letters; longer ones are refused by browsers and proxies
_PATIENCE = 1.0  # seconds before a link that was not found is looked for again


@dataclass(frozen=True, slots=True)
class Targets:
    """What the links of one dispatch answer by number (HONEYPOT as well), and the dispatch's number in the ledger."""

    subject_id: int
    answers: dict[int, Answer]
    links: int  # how many the mail has
    read_at: float  # monotonic seconds


def safe_location(url: str) -> bytes | None:
    """Return `url` as the value of a Location header, None when it is no web address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    location = iri_to_uri(url)
    if len(location) > _LONGEST_TARGET or not location.isascii() or not location.isprintable() or " " in location:
        return None
    return location.encode("ascii")


def read_targets(dispatch_id: int) -> Targets:
    """Read the links of one dispatch from the database, outside of any transaction of the caller's thread."""
    rows = Link.objects.filter(dispatch=dispatch_id).values_list("number", "url")
    found = {number: redirect(location) for number, url in rows if (location := safe_location(url))}
    subject = (SUBJECT, str(dispatch_id))
    return Targets(subject_ids([subject])[subject], {**found, HONEYPOT: NOTHING}, len(found), time.monotonic())


def _read_in_thread(dispatch_id: int) -> Targets:
    close_old_connections()
    try:
        return read_targets(dispatch_id)
    finally:
        close_old_connections()


class LinkTable:
    """Targets by dispatch, the least used forgotten first. Outlives any outage of PostgreSQL."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, Targets] = OrderedDict()
        self._links = 0
        self._loading: dict[int, asyncio.Task[Targets]] = {}

    def known(self, dispatch_id: int) -> Targets | None:
        """Return what is remembered, without asking the database."""
        targets = self._known.get(dispatch_id)
        if targets is not None:
            self._known.move_to_end(dispatch_id)
        return targets

    async def load(self, dispatch_id: int) -> Targets:
        """Read a dispatch anew, once for all who wait, and remember it. Raises django.db.Error while it cannot."""
        task = self._loading.get(dispatch_id)
        if task is None:
            task = self._loading[dispatch_id] = asyncio.create_task(self._load(dispatch_id))
            task.add_done_callback(lambda _: self._loading.pop(dispatch_id, None))
        return await asyncio.shield(task)

    async def _load(self, dispatch_id: int) -> Targets:
        targets = await sync_to_async(_read_in_thread, thread_sensitive=False)(dispatch_id)
        self._remember(dispatch_id, targets)
        return targets

    async def fresh(self, dispatch_id: int) -> Targets:
        """Return the links, read anew unless that was done a moment ago. Raises django.db.Error."""
        targets = self.known(dispatch_id)
        if targets is None or time.monotonic() - targets.read_at > _PATIENCE:
            return await self.load(dispatch_id)
        return targets

    def _remember(self, dispatch_id: int, targets: Targets) -> None:
        old = self._known.pop(dispatch_id, None)
        self._links += len(targets.answers) - (len(old.answers) if old else 0)
        self._known[dispatch_id] = targets
        while self._links > _MOST_LINKS and len(self._known) > 1:
            _, forgotten = self._known.popitem(last=False)
            self._links -= len(forgotten.answers)
