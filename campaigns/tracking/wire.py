"""One prepared statement on one connection, driven through libpq by the event loop. Used by store.py.

psycopg's asynchronous cursor costs 80 µs of Python a call; at a thousand batches a second that was a fifth of the
process. This costs 15 µs and can be abandoned at once, whatever the server does.
"""

import asyncio
from typing import Any

import psycopg
from psycopg import pq
from psycopg.errors import error_from_result
from psycopg.pq.abc import PGresult

_NAME = b"wire"


class Wire:
    """Runs its statement, one run at a time. After an OperationalError it is of no use any more."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Take over an idle connection in autocommit mode, for the running event loop."""
        self._connection = connection  # kept, for it closes with its last reference
        self._pq = connection.pgconn
        self._pq.nonblocking = 1
        self._socket = self._pq.socket
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._read)
        self._answer: asyncio.Future[PGresult] | None = None
        self._results: list[PGresult] = []
        self._open = True

    async def prepare(self, sql: str) -> None:
        """Prepare the statement, with $1, $2 … as its parameters. Raises psycopg.Error."""
        self._check_open()
        self._pq.send_prepare(_NAME, sql.encode())
        await self._result()

    async def run(self, params: list[bytes], *, patience: float) -> None:
        """Run the statement with parameters in text form. Raises psycopg.Error.

        Without an answer after `patience` seconds the connection is given up, whatever becomes of the statement.
        """
        self._check_open()
        late = self._loop.call_later(patience, self._late)
        try:
            self._pq.send_query_prepared(_NAME, params)
            await self._result()
        finally:
            late.cancel()

    def close(self) -> None:
        """Close the connection at once, without waiting for the server; a repeat does nothing."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._pq.finish()

    def _check_open(self) -> None:
        if not self._open:
            raise psycopg.OperationalError("the connection is closed")

    async def _result(self) -> PGresult:
        self._answer = self._loop.create_future()
        self._write()
        result = await self._answer
        if result.status != pq.ExecStatus.FATAL_ERROR:
            return result
        if self._pq.status != pq.ConnStatus.OK:
            self.close()
            raise psycopg.OperationalError(result.get_error_message())
        raise error_from_result(result)

    def _write(self) -> None:
        try:
            if self._pq.flush():  # the socket takes no more for now
                self._loop.add_writer(self._socket, self._write)
            else:
                self._loop.remove_writer(self._socket)
        except psycopg.OperationalError as error:
            self._break(error)

    def _read(self) -> None:
        try:
            self._pq.consume_input()
            while not self._pq.is_busy():
                result = self._pq.get_result()
                if result is None:
                    self._settle()
                    return
                self._results.append(result)
        except psycopg.OperationalError as error:
            self._break(error)

    def _late(self) -> None:
        self._read()  # after a long wait for the processor the answer may lie here unread
        if self._answer is not None and not self._answer.done():
            self._break(psycopg.OperationalError("no answer in time"))

    def _settle(self) -> None:
        results, self._results = self._results, []
        if results and self._answer is not None and not self._answer.done():
            self._answer.set_result(results[0])

    def _break(self, error: psycopg.OperationalError) -> None:
        self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
