"""The SMTP server of the local mailbox: takes every mail on a loopback port and delivers none."""

import asyncio
import signal

from aiosmtpd.smtp import SMTP, Envelope, Session

from crm.kit.clock import now
from crm.runtime.mailbox import store

LARGEST = 50 * 2**20  # bytes of one mail


class Keeper:
    """Keeps what it is given."""

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Say that commands may be sent without waiting for each answer."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        store.keep(content, envelope.mail_from or "", list(envelope.rcpt_tos), now())
        return "250 kept"


async def serve(port: int) -> None:
    """Take mails on the loopback port until SIGTERM or SIGINT."""
    store.folder().mkdir(parents=True, exist_ok=True)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    keeper = Keeper()
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="localhost", data_size_limit=LARGEST, enable_SMTPUTF8=True, loop=loop),
        "127.0.0.1",
        port,
    )
    async with server:
        await ended.wait()
