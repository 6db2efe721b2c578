"""Sending through the real path: launch, freeze, two workers, Liquid, caps, outcomes in the ledger, counters folded.

Reference: prebuilt bytes of the same mail over PIPELINING by one blocking socket to the same sink.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.broker import broker
from bench.harness import ROOT, VAR, Bench, interleaved
from bench.sink import Sink, sink

SIZES = {"mails": (50_000, 1_000_000), "reference": (20_000, 50_000), "workers": (2, 2)}
WORKER_MEMORY = 250  # MB
_PEOPLE = """
INSERT INTO contacts_contact (email, email_key, name, phone, title, company, language, time_zone, country,
    region, city, postcode, street, source, attributes, version, created_at, updated_at)
SELECT 'p' || n || '@' || (ARRAY['naver.com', 'gmail.com', 'example.com', 'kakao.com'])[1 + n %% 4],
    md5(n::text), '김철수' || n, '', '', '한빛상사 ' || n %% 1000, 'ko', '', 'KR', '', '서울', '', '', 'bench',
    '{}', 1, now(), now()
FROM generate_series(1, %s) AS n
"""
_CONSENT = """
WITH entry AS (
    INSERT INTO contacts_consententry (contact_id, purpose, channel, decision, at, recorded_at, source, basis, wording,
        wording_version, ip_prefix)
    SELECT id, purpose, 'email', 'granted', now(), now(), 'bench', '', '', '', ''
    FROM contacts_contact, unnest(ARRAY['marketing', 'tracking']) AS purpose RETURNING id, contact_id, purpose)
INSERT INTO contacts_consentstate (contact_id, purpose, channel, decision, since, entry_id)
SELECT contact_id, purpose, 'email', 'granted', now(), id FROM entry
"""
_MEMBERS = """
INSERT INTO contacts_listmember (fixed_list_id, contact_id, at) SELECT %s, id, now() FROM contacts_contact
"""


def filler(size: int) -> str:
    """Return some paragraphs of plain HTML."""
    line = "<p>Wayfare keeps in touch with every customer at the right moment, in the right place, with care.</p>"
    return line * (size // len(line))


def html(conditional: bool) -> str:
    """Return an HTML mail of about 6.6 KB when sent: three variables, five links."""
    links = "".join(f'<p><a href="https://shop.example.com/page/{n}?from=mail">Offer {n}</a></p>' for n in range(1, 5))
    slot = "{% if contact.city == '서울' %}In your town{% else %}Near you{% endif %}" if conditional else ""
    return (
        "<!doctype html><html><body><h1>Hello {{ contact.name | default: 'friend' }}</h1>"
        f"<p>For {{{{ contact.company | default: 'you' }}}} in {{{{ contact.city | default: 'town' }}}}. {slot}</p>"
        f'{filler(3_600)}{links}<p><a href="https://shop.example.com/all">All offers</a></p></body></html>'
    )


def run(bench: Bench) -> None:
    """Send with plain variables, then with one conditional slot."""
    from crm.kit.clock import now

    mails = bench.size("mails")
    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        database.execute(_PEOPLE, [mails])
        database.execute(_CONSENT)
    people = _chosen(now())
    kinds = [(_campaign(people, conditional=slot), slot, least) for slot, least in ((False, 0.65), (True, 0.40))]
    prepared = [(campaign, _sample(campaign), slot, least) for campaign, slot, least in kinds]
    with broker(), sink() as target, _processes(bench, target) as workers:
        for campaign, sample, conditional, least in prepared:
            found = interleaved(
                lambda campaign=campaign: _send(bench, campaign, target),
                lambda sample=sample: _reference(sample, bench.size("reference"), target),
            )
            name = "send conditional" if conditional else "send"
            how = f"{mails} mails of {len(sample)} B, {len(workers)} workers, launch to folded counters, median of 3"
            bench.record(
                name,
                found.figure,
                "mails/s",
                reference=found.reference,
                ratio=found.ratio,
                at_least=least,
                how=how,
            )
        memory = max(_memory(worker.pid) for worker in workers)
        bench.record("send memory", memory, "MB", at_most=WORKER_MEMORY, how="most resident memory of a worker")


def _chosen(now: Any) -> dict[str, Any]:
    """Make the list of all, the sender and the cap; return what every campaign needs."""
    from django.db import connection

    from campaigns.senders.models import Sender
    from campaigns.sending.models import FrequencyCap
    from contacts.lists.models import FixedList

    everybody = FixedList.objects.create(name="Everybody")
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, [everybody.pk])
        cursor.execute("VACUUM ANALYZE")
    sender = Sender.objects.create(
        name="웨이페어",
        email="hello@wayfare.example",
        organisation="Wayfare",
        postal_address="Seoul",
        phone="02-123-4567",
        verified_at=now,
    )
    FrequencyCap.objects.create(sends=100, days=7)
    return {"list": everybody.pk, "sender": sender.pk}


def _campaign(people: dict[str, Any], *, conditional: bool) -> Any:
    """Return a function that makes a new campaign each time."""
    from campaigns.campaign import edit
    from campaigns.templating import versions
    from campaigns.templating.models import MailKind
    from crm.kit.clock import now

    one = {
        "subject": "{{ contact.name | default: '고객' }}님, 가을 소식",
        "preheader": "",
        "kind": "html",
        "source": html(conditional),
    }
    content = {"default": "ko", "languages": {"ko": one}}
    template = versions.create("Bench", MailKind.ADVERTISING, content, by=None, now=now())
    versions.make_version(template, by=None, now=now())

    def make() -> Any:
        fields = edit.CampaignFields(
            name="Bench", sender_id=people["sender"], template_id=template.pk, include_lists=(people["list"],)
        )
        return edit.create(fields, by=None)

    return make


def _sample(make: Any) -> bytes:
    """Return one mail as it is sent, for the reference."""
    from campaigns.campaign import launch
    from campaigns.rendering.whole import whole
    from campaigns.sending import dispatches
    from campaigns.sending.models import Message
    from crm.kit.clock import now

    dispatch = launch.launch(make().pk, by=None, now=now())
    dispatches.cancel(dispatch.pk, now())  # before anything is claimed
    message = Message.objects.create(dispatch=dispatch, contact_id=_somebody(), ordinal=1)
    return whole(message.pk, now())


def _somebody() -> int:
    from contacts.people.models import Contact

    return int(Contact.objects.order_by("pk").values_list("pk", flat=True)[0])


@contextmanager
def _processes(bench: Bench, target: Sink) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run the workers and the follow process, as production does."""
    environment = {
        **os.environ,
        "WAYFARE_VAR": str(VAR),
        "SMTP_URL": target.url,
        "JOURNAL_DIR": str(VAR / "journal"),
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "LOG_LEVEL": "WARNING",
    }
    with (VAR / "workers.log").open("wb") as log:
        started = [
            subprocess.Popen([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, stderr=log)
            for command in [["follow"], *[["send"]] * bench.size("workers")]
        ]
    try:
        _wait_for(bench, started[1:])
        bench.check(all(process.poll() is None for process in started), (VAR / "workers.log").read_text()[-800:])
        yield started[1:]
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(30)


def _wait_for(bench: Bench, workers: list[subprocess.Popen[bytes]]) -> None:
    """Wait until followers lead their shards and each worker has opened its journal: a start is no part of sending."""
    names = [f"*-{worker.pid}-*.journal" for worker in workers]
    deadline = time.monotonic() + 60
    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        while time.monotonic() < deadline:
            led = database.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7237")
            if (led.fetchone() or (0,))[0] and all(any((VAR / "journal").glob(name)) for name in names):
                return
            time.sleep(0.1)
    bench.check(False, (VAR / "workers.log").read_text()[-800:])


def _send(bench: Bench, make: Any, target: Sink) -> float:
    """Launch, wait for the last folded outcome, check the counts, return mails per second."""
    from campaigns.campaign import freeze, launch
    from campaigns.sending.models import DispatchState
    from crm.kit.clock import now

    campaign, before = make(), target.taken()
    started = time.perf_counter()
    dispatch = launch.launch(campaign.pk, by=None, now=now())
    freeze.freeze(dispatch.pk, now)
    frozen = time.perf_counter() - started
    while _folded(dispatch.pk) < bench.size("mails"):
        time.sleep(0.02)
        bench.check(time.perf_counter() - started < 150, f"only {_folded(dispatch.pk)} folded")
    took = time.perf_counter() - started
    deadline = time.perf_counter() + 5
    while dispatch.state != DispatchState.FINISHED and time.perf_counter() < deadline:
        time.sleep(0.02)
        dispatch.refresh_from_db()
    _check(bench, dispatch, target.taken() - before)
    print(f"  frozen after {frozen:.2f} s, {bench.size('mails') / took:,.0f} mails/s", flush=True)
    return bench.size("mails") / took


def _folded(dispatch_id: int) -> int:
    from campaigns.sending import queries

    return queries.numbers(dispatch_id).get("mail.sent", 0)


def _check(bench: Bench, dispatch: Any, taken: int) -> None:
    from django.db import connection

    wanted = bench.size("mails")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT properties ->> 'message') FROM event WHERE subject_id = "
            "(SELECT id FROM ledger_subject WHERE type = 'dispatch' AND key = %s)",
            [str(dispatch.pk)],
        )
        found = cursor.fetchone()
    bench.check(taken == wanted, f"the sink took {taken} mails, not {wanted}")
    bench.check(found == (wanted, wanted), f"the ledger holds (events, messages) {found}, not {wanted} of each")
    bench.check(dispatch.state == "finished", f"the dispatch is {dispatch.state}")


def _reference(data: bytes, mails: int, target: Sink) -> float:
    """Send prebuilt bytes over one blocking socket: body N and envelope N + 1 in one write. Return mails per second."""
    envelope = b"MAIL FROM:<hello@wayfare.example>\r\nRCPT TO:<p1@naver.com>\r\nDATA\r\n"
    with socket.create_connection(("127.0.0.1", target.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        replies = _Replies(connection)
        replies.read(1)
        connection.sendall(b"EHLO bench\r\n")
        replies.read(1)
        started = time.perf_counter()
        connection.sendall(envelope)
        for number in range(mails):
            replies.read(3)
            connection.sendall(data + b".\r\n" + (envelope if number < mails - 1 else b""))
            replies.read(1)
        return mails / (time.perf_counter() - started)


class _Replies:
    """Reads whole replies."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = b""

    def read(self, count: int) -> None:
        """Read this many replies, of several lines or one."""
        while count:
            while b"\n" not in self._buffer:
                self._buffer += self._connection.recv(16_384)
            line, _, self._buffer = self._buffer.partition(b"\n")
            count -= line[3:4] != b"-"


def _memory(pid: int) -> float:
    """Return the most resident memory of a process, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0
