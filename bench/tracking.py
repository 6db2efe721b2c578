"""Tracked pictures and links, each hit durable when answered, beside the least an ASGI app can answer; one web process.

Both are asked the same by wrk, over as many connections. Then each of a number of hits is asked once and sought by
identity.
"""

import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg

from bench import wrk
from bench.harness import ROOT, VAR, Bench, interleaved

SIZES = {"seconds": (4, 20), "connections": (64, 64), "hits": (20_000, 200_000)}


def run(bench: Bench) -> None:
    """Measure the rate at many connections, the latency at one, and count."""
    generator = wrk.program(VAR / "wrk")
    bench.check(generator is not None, "wrk cannot be had: install it (Debian: apt-get install wrk)")
    hits, many, seconds = bench.size("hits"), bench.size("connections"), bench.size("seconds")
    paths = _paths(hits)
    script = wrk.script(paths, VAR / "hits.lua")
    with _server("bench.hello:app") as hello, _server("crm.asgi:application") as ours:
        loads: list[wrk.Load] = []

        def figure() -> float:
            loads.append(wrk.load(generator, ours, connections=many, seconds=seconds, script=script))
            return loads[-1].rate

        def reference() -> float:
            return wrk.load(generator, hello, connections=many, seconds=seconds, script=script).rate

        rounds = interleaved(figure, reference)
        alone = wrk.load(generator, ours, connections=1, seconds=seconds, script=script)
        _check_each_once(bench, ours, paths, many)
    how = f"wrk, {many} connections, pictures and links in turn, 1 granian process, median of 3"
    bench.record(
        "tracking", rounds.figure, "hits/s", reference=rounds.reference, ratio=rounds.ratio, at_least=0.45, how=how
    )
    bench.record("tracking p99", statistics.median(one.p99 for one in loads), "ms", at_most=15, how=how)
    bench.record("tracking p50 alone", alone.p50, "ms", at_most=1, how="wrk, 1 connection")


def _paths(hits: int) -> list[str]:
    from campaigns.models import Dispatch, Link, MailTemplate, Sender, TemplateVersion
    from campaigns.tracking.tokens import mail_token

    who = {"email": "bench@example.com", "organisation": "Bench", "postal_address": "Seoul", "phone": "02-000-0000"}
    sender = Sender.objects.create(name="Bench", **who)
    version = TemplateVersion.objects.create(template=MailTemplate.objects.create(name="Bench"), number=1)
    dispatch = Dispatch.objects.create(sender=sender, template_version=version)
    url = "https://shop.example.com/"
    Link.objects.bulk_create(Link(dispatch=dispatch, number=n, url=f"{url}{n}") for n in range(1, 6))
    tokens = [mail_token(dispatch.pk, number, number) for number in range(1, hits + 1)]
    return [f"/t/o/{token}.gif" if n % 2 else f"/t/c/{token}/{n % 5 + 1}" for n, token in enumerate(tokens)]


@contextlib.contextmanager
def _server(app: str) -> Iterator[str]:
    """Serve an app as `make run` does, on a free port; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--port", str(port), app]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")


def _check_each_once(bench: Bench, address: str, paths: list[str], connections: int) -> None:
    """Ask every path once and find exactly those hits in the ledger."""
    since = "SELECT coalesce(max(id), 0) FROM event"
    found = (
        "SELECT count(*), count(DISTINCT properties ->> 'message'), sum((properties ->> 'message')::bigint) "
        "FROM event WHERE id > %s"
    )
    with psycopg.connect(bench.dsn(), autocommit=True) as connection:
        before = connection.execute(since).fetchone()[0]
        answers = asyncio.run(_ask_all(int(address.rpartition(":")[2]), paths, connections))
        told = connection.execute(found, [before]).fetchone()
    n = len(paths)
    bench.check(answers == {b"200": n // 2, b"302": n - n // 2}, f"answers: {answers}")
    bench.check(told == (n, n, n * (n + 1) // 2), f"{n} hits were answered, the ledger holds {told}")


async def _ask_all(port: int, paths: list[str], connections: int) -> dict[bytes, int]:
    """Return how often each status was answered."""
    answers: dict[bytes, int] = {}
    left = iter(paths)

    async def ask() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for path in left:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            size = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(size)
            answers[head[9:12]] = answers.get(head[9:12], 0) + 1
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(ask() for _ in range(connections)))
    return answers
