"""The ground the other figures stand on: durable single-row commits of this machine, beside COPY of the same rows."""

import io

import psycopg

from bench.harness import Bench, interleaved, timed

SIZES = {"rows": (5_000, 50_000)}


def run(bench: Bench) -> None:
    """Commit rows one by one and by COPY, and count both."""
    rows = bench.size("rows")
    with psycopg.connect(bench.dsn(), autocommit=True) as connection:
        connection.execute("CREATE TABLE ground (id bigint PRIMARY KEY, body text)")

        def one_by_one() -> float:
            connection.execute("TRUNCATE ground")
            took = timed(
                lambda: [connection.execute("INSERT INTO ground VALUES (%s, 'x')", [number]) for number in range(rows)]
            )
            return rows / took

        def copied() -> float:
            connection.execute("TRUNCATE ground")
            data = io.StringIO("".join(f"{number}\tx\n" for number in range(rows))).getvalue()
            with connection.cursor() as cursor:
                took = timed(lambda: _copy(cursor, data))
            return rows / took

        found = interleaved(one_by_one, copied)
        left = connection.execute("SELECT count(*), max(id) FROM ground").fetchone()
        bench.check(left == (rows, rows - 1), f"{left} rows are there, not {rows}")
        connection.execute("DROP TABLE ground")
    bench.record(
        "commit", found.figure, "rows/s", reference=found.reference, ratio=found.ratio, how=f"{rows} rows, median of 3"
    )


def _copy(cursor: psycopg.Cursor, data: str) -> None:
    with cursor.copy("COPY ground FROM STDIN") as copy:
        copy.write(data)
