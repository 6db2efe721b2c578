"""Importing a CSV of orders through the real path, beside COPY of the finished orders and lines into their tables.

The path: read, check, stage, dry run, then ranges with people, products, orders, lines and events. Both start
from empty tables with their indexes.
"""

import io
from typing import TYPE_CHECKING

import psycopg
from django.core.files.base import ContentFile

from bench.harness import Bench, interleaved, timed
from bench.import_work import checked_and_run, empty

if TYPE_CHECKING:
    from crm.team.models import User

EMPTIED = (
    "contacts_contact, contacts_product, contacts_order, contacts_orderline, contacts_orderrefund, "
    "contacts_importjob, contacts_importrefusal, contacts_importrange, event, event_key"
)
TABLES = {
    "contacts_product": "id, key, name, brand, category, price, picture, url, version",
    "contacts_order": "id, key, contact_id, placed_at, status, total, refunded, currency",
    "contacts_orderline": "order_id, product_id, quantity, unit_price",
}


def run(bench: Bench, user: "User") -> None:
    """Import the file and copy its finished rows, in turns."""
    data = _file(bench.size("orders"))
    _through(bench, user, data)
    finished = _finished(bench)
    found = interleaved(
        lambda: _through(bench, user, data), lambda: _copied(bench, finished), rounds=bench.size("rounds")
    )
    bench.record(
        "import orders",
        found.figure,
        "rows/s",
        reference=found.reference,
        ratio=found.ratio,
        at_least=0.02,
        how=f"{bench.size('orders')} rows of orders of two lines each, from upload to the last row, with people, "
        "products and events; reference: COPY of the finished orders and lines with their indexes",
    )


def _file(rows: int) -> bytes:
    """Return orders of two lines each: a person has two of them, a product stands in 200 lines, a tenth is refunded."""
    lines = ["주문번호,구매자 이메일,구매자명,주문일,상품코드,상품명,수량,판매가,주문상태,환불금액"]
    for n in range(rows):
        order = n // 2
        back = "1000" if order % 10 == 0 else ""
        who, product = f"p{order // 2}@example.com", n % max(1, rows // 200)
        lines.append(f"O-{order},{who},김철수,2026-05-01 10:00,P{product},컵,2,12000,결제완료,{back}")
    return "\n".join(lines).encode()


def _through(bench: Bench, user: "User", data: bytes) -> float:
    """Return the rows a second of the product, from upload to the last row."""
    empty(bench, EMPTIED)
    took = timed(lambda: _import(user, data))
    rows = bench.size("orders")
    with psycopg.connect(bench.dsn(), autocommit=True) as connection:
        counted = connection.execute("""
            SELECT (SELECT count(*) FROM contacts_order), (SELECT count(*) FROM contacts_orderline),
                   (SELECT sum(total - refunded)::bigint FROM contacts_order), (SELECT count(*) FROM contacts_contact),
                   (SELECT count(*) FROM event), (SELECT count(*) FROM contacts_importrefusal)
        """).fetchone()
    orders, people, refunds = -(-rows // 2), -(-rows // 4), -(-rows // 20)
    wanted = (orders, rows, rows * 24_000 - refunds * 1_000, people, orders + people + refunds, 0)
    bench.check(counted == wanted, f"found {counted} of orders, lines, money, people, events, refused; wanted {wanted}")
    return rows / took


def _import(user: "User", data: bytes) -> None:
    from contacts.imports import jobs
    from contacts.imports.models import Kind
    from contacts.imports.plan import Plan
    from contacts.imports.records.fields import guess
    from crm.kit import clock

    job = jobs.upload(user, ContentFile(data), "orders.csv", now=clock.now(), kind=Kind.ORDERS)
    checked_and_run(job, Plan(tuple(guess(job.kind, job.header))))


def _finished(bench: Bench) -> dict[str, bytes]:
    found = {}
    with psycopg.connect(bench.dsn(), autocommit=True) as connection, connection.cursor() as cursor:
        for table, columns in TABLES.items():
            out, taken = io.BytesIO(), columns.replace("contact_id", "NULL::bigint")
            with cursor.copy(f"COPY (SELECT {taken} FROM {table} ORDER BY id) TO STDOUT") as copy:
                for block in copy:
                    out.write(block)
            found[table] = out.getvalue()
    return found


def _copied(bench: Bench, finished: dict[str, bytes]) -> float:
    """Return the rows a second of COPY of the finished rows."""
    empty(bench, EMPTIED)
    with psycopg.connect(bench.dsn(), autocommit=True) as connection, connection.cursor() as cursor:
        took = timed(lambda: _copy(cursor, finished))
    return bench.size("orders") / took


def _copy(cursor: psycopg.Cursor, finished: dict[str, bytes]) -> None:
    for table, columns in TABLES.items():
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            copy.write(finished[table])
