"""Writes batches of hits into the ledger over one asynchronous connection. Called by the recorder alone.

One prepared statement a batch, its own transaction, durable when it returns. The batch's name goes into event_key in
the same statement: a batch whose commit was in doubt can be written again and is counted once.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import psycopg
from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections
from django.db import connection as django_connection

from campaigns.tracking.hits import CLICKED, OPENED
from campaigns.tracking.links import LinkTable
from campaigns.tracking.spool import Batch
from campaigns.tracking.wire import Wire
from contacts.ledger.append import INSERT
from contacts.ledger.dictionary import kind_ids

SOURCE = "tracking"  # of the batches' names in event_key
CONNECT_SECONDS = 3
# Measured against BEGIN, COPY, COMMIT: the same at 300 hits a batch, twice as fast at 16, for one round trip is enough.
# Each row's JSON is cast by itself: a cast of the whole array costs twice as much (42 against 21 µs for 30 hits).
_WRITE = f"""
WITH batch AS (
    INSERT INTO event_key (source, key, recorded_at) VALUES ('{SOURCE}', $1, clock_timestamp())
    ON CONFLICT (source, key) DO NOTHING RETURNING recorded_at
)
{INSERT}
SELECT contact_id, kind_id, subject_id, least(occurred_at, batch.recorded_at), batch.recorded_at, NULL::numeric,
       properties::jsonb, NULL::bigint, 0
FROM batch, unnest($2::bigint[], $3::smallint[], $4::bigint[], $5::timestamptz[], string_to_array($6, E'\\n'))
            AS hit(contact_id, kind_id, subject_id, occurred_at, properties)
"""  # noqa: S608 - constants alone


class Away(Exception):
    """PostgreSQL cannot be reached, or did not answer in time; whether the batch was written may be unknown."""


class Unwritable(Exception):
    """PostgreSQL refuses this batch; others may be fine."""


_NOT_LIBPQ = {"cursor_factory", "context", "prepare_threshold", "autocommit", "row_factory"}


def _read_kinds() -> tuple[dict[str, int], dict[str, Any]]:
    close_old_connections()
    try:
        params = django_connection.get_connection_params()
        return kind_ids([OPENED, CLICKED]), {name: params[name] for name in params.keys() - _NOT_LIBPQ}
    finally:
        close_old_connections()


class Store:
    """One connection to the ledger. `open` before use; after Away it is of no use any more."""

    def __init__(self, links: LinkTable, *, patience: float) -> None:
        self._links = links
        self._patience = patience
        self._kinds: dict[str, str] = {}
        self._wire: Wire | None = None

    async def open(self) -> None:
        """Connect, and look up the kinds of hits. Raises Away."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                kinds, params = await sync_to_async(_read_kinds, thread_sensitive=False)()
                self._kinds = {key: str(number) for key, number in kinds.items()}
                connection = await psycopg.AsyncConnection.connect(
                    **params, connect_timeout=CONNECT_SECONDS, autocommit=True
                )
                self._wire = await _prepared(connection)
        except (psycopg.Error, DatabaseError, InterfaceError, TimeoutError) as error:
            raise Away(str(error)) from error

    async def write(self, batch: Batch) -> None:
        """Commit a batch durably, unless one of its name is there. Raises Away, Unwritable."""
        if self._wire is None:
            raise Away("not connected")
        try:
            await self._wire.run(await self._params(batch), patience=self._patience)
        except (psycopg.OperationalError, OperationalError, InterfaceError) as error:
            self.close()
            raise Away(str(error)) from error
        except (psycopg.Error, DatabaseError) as error:
            raise Unwritable(str(error)) from error

    async def _params(self, batch: Batch) -> list[bytes]:
        kind, dispatch, contact, at, properties = zip(*batch.hits, strict=True)
        subjects = {}
        for dispatch_id in set(dispatch):
            targets = self._links.known(dispatch_id) or await self._links.load(dispatch_id)
            subjects[dispatch_id] = str(targets.subject_id)
        return [
            batch.name.encode(),
            _array(map(str, contact)),
            _array(map(self._kinds.__getitem__, kind)),
            _array(map(subjects.__getitem__, dispatch)),
            _array(at),
            "\n".join(properties).encode(),  # JSON has no line break of its own, and is not escaped a second time
        ]

    def close(self) -> None:
        """Give up the connection at once; a repeat does nothing."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None


async def _prepared(connection: psycopg.AsyncConnection[Any]) -> Wire:
    try:
        await connection.execute("SET synchronous_commit = on")
        wire = Wire(connection)
        await wire.prepare(_WRITE)
    except BaseException:  # cancelled as well: a connection left behind would stay open on the server
        connection.pgconn.finish()
        raise
    return wire


def _array(items: Iterable[str]) -> bytes:
    return ("{" + ",".join(items) + "}").encode()
