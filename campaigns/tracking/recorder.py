"""Keeps hits: in groups into the ledger, or on disk while PostgreSQL is away. Called by the tracking app.

A group is whatever waited while the last commit ran; there is no fixed delay. `keep` returns when the hit is durable.
"""

import asyncio
import logging
import math
import time
from pathlib import Path

from campaigns.tracking.hits import Hit
from campaigns.tracking.links import LinkTable
from campaigns.tracking.spool import Batch, Spool, Waiting
from campaigns.tracking.store import Away, Store, Unwritable

logger = logging.getLogger(__name__)

MOST_WAITING = 20_000  # hits in memory; more are turned away
LARGEST_BATCH = 1_000


class Overloaded(Exception):
    """MOST_WAITING hits wait already; this one is not kept."""


class Recorder:
    """The hits of one process. Belongs to the event loop in which it is started."""

    def __init__(
        self, links: LinkTable, directory: Path, *, patience: float = 2.0, pause: float = 0.5, again: float = 30.0
    ) -> None:
        """Take the spool's directory and, in seconds, three times.

        `patience`: what one commit may take before its batch goes to disk; `pause`: between attempts to reach
        PostgreSQL; `again`: until a batch that PostgreSQL refused is tried once more.
        """
        self._links = links
        self._spool = Spool(directory)
        self._spool_free = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._patience, self._pause, self._again = patience, pause, again
        self._waiting: list[tuple[Hit, asyncio.Future[None]]] = []
        self._awake = asyncio.Event()
        self._store: Store | None = None
        self._replay_at = 0.0  # monotonic seconds; infinity when nothing is known to lie on disk
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    @property
    def away(self) -> bool:
        """Tell whether PostgreSQL could not be reached of late."""
        return self._store is None

    async def start(self) -> None:
        """Connect and begin to write; what former processes left on disk is replayed meanwhile."""
        await self._connect()
        self._tasks = (asyncio.create_task(self._write_on()), asyncio.create_task(self._look_after()))

    def keep(self, hit: Hit) -> asyncio.Future[None]:
        """Take a hit; the future that is returned ends when it is durable. Raises Overloaded."""
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded
        if not self._waiting:
            self._awake.set()
        durable = self._loop.create_future()
        self._waiting.append((hit, durable))
        return durable

    async def stop(self) -> None:
        """Write what waits, then give up connection and file."""
        if self._waiting:
            await asyncio.wait([durable for _, durable in self._waiting])
        for task in self._tasks:
            while not task.done():  # a thread that fails just then turns a cancellation into its own error
                task.cancel()
                await asyncio.wait([task], timeout=0.1)
        if self._store is not None:
            self._store.close()
        self._spool.close()

    # --- writing ----------------------------------------------------------------------------------------------------
    async def _write_on(self) -> None:
        while True:
            await self._awake.wait()
            self._awake.clear()
            while self._waiting:
                group, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
                await self._write(Batch.of([hit for hit, _ in group]))
                for _, durable in group:
                    if not durable.done():  # a reader who went away cancelled his
                        durable.set_result(None)
                await asyncio.sleep(0)  # the answers leave before the next group is made up, and readers come back

    async def _write(self, batch: Batch) -> None:
        store = self._store
        try:
            if store is not None:
                await store.write(batch)
                return
        except Away as error:
            logger.warning("PostgreSQL is away, hits go to disk: %s", error)
            self._store = None
        except Unwritable as error:
            logger.error("PostgreSQL refused batch %s, it stays on disk: %s", batch.name, error)
        except Exception:  # the outermost loop of this worker: readers must be answered whatever happens
            logger.exception("batch %s could not be written, it stays on disk", batch.name)
        await self._to_disk(batch)

    async def _to_disk(self, batch: Batch) -> None:
        self._replay_at = min(self._replay_at, 0.0 if self._store is None else time.monotonic() + self._again)
        try:
            async with self._spool_free:
                await asyncio.to_thread(self._spool.append, batch)
        except OSError:
            logger.exception("%d hits are lost: neither PostgreSQL nor the disk takes them", len(batch.hits))

    # --- coming back ------------------------------------------------------------------------------------------------
    async def _look_after(self) -> None:
        while True:
            if self._store is None and await self._connect():
                logger.info("PostgreSQL is back")
            if self._store is not None and time.monotonic() >= self._replay_at:
                await self._replay()
            await asyncio.sleep(self._pause)

    async def _connect(self) -> bool:
        store = Store(self._links, patience=self._patience)
        try:
            await store.open()
        except Away:
            return False
        self._store = store
        return True

    async def _replay(self) -> None:
        self._replay_at = math.inf
        async with self._spool_free:
            self._spool.close()
        store = Store(self._links, patience=self._patience)
        try:
            await store.open()
            for waiting in self._spool.waiting():
                await self._replay_file(store, waiting)
        except Away:
            self._replay_at = 0.0
        finally:
            store.close()

    async def _replay_file(self, store: Store, waiting: Waiting) -> None:
        complete = True
        for batch in waiting.batches():
            try:
                await store.write(batch)
            except Unwritable as error:
                logger.error("PostgreSQL still refuses batch %s of %s: %s", batch.name, waiting.path, error)
                complete = False
        if complete:
            waiting.done()
        else:
            self._replay_at = min(self._replay_at, time.monotonic() + self._again)
