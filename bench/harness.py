"""What every bench uses: a real cluster with full durability, interleaved rounds, checks, one table of results.

A bench is a module with `SIZES` (name -> (default, long)) and `run(bench: Bench)`, and one line in bench/__main__.py.
"""

import contextlib
import gc
import json
import operator
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from bench.statements import SERVER, unwatched
from crm.runtime.postgres import Cluster, cluster

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var" / "bench"


class WrongResultError(Exception):
    """The work that was timed did not do what it should have: its speed means nothing."""


@dataclass(frozen=True)
class Result:
    """One line of the table. `figure` and `reference` are in `unit`; `ratio` is figure / reference unless noted."""

    name: str
    figure: float
    unit: str
    reference: float | None
    ratio: float | None
    target: str
    ok: bool
    how: str


@dataclass(frozen=True)
class Rounds:
    """Medians over interleaved rounds, and the median of the rounds' ratios (figure / reference)."""

    figure: float
    reference: float
    ratio: float


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds the call took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def interleaved(figure: Callable[[], float], reference: Callable[[], float], *, rounds: int = 3) -> Rounds:
    """Run reference and figure in turns and return medians; each callable returns its measure (a rate or seconds)."""
    pairs = []
    for _ in range(rounds):
        ground = reference()
        pairs.append((figure(), ground))
    return Rounds(
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` (0..1) of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Bench:
    """What one bench gets: its sizes, the running cluster, and where results go."""

    name: str
    cluster: Cluster
    sizes: Mapping[str, int]
    results: list[Result] = field(default_factory=list)

    def size(self, name: str) -> int:
        """Return a size: the default, the long one, or what the command line says."""
        return self.sizes[name]

    def dsn(self) -> str:
        """Return a libpq connection string to the migrated database."""
        return self.cluster.dsn()

    def check(self, right: bool, wrong: str) -> None:
        """Stop the bench when its own result is wrong."""
        if not right:
            raise WrongResultError(f"{self.name}: {wrong}")

    def record(
        self,
        name: str,
        figure: float,
        unit: str,
        *,
        how: str,
        reference: float | None = None,
        ratio: float | None = None,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> Result:
        """Keep and return one line. The target is for the ratio where there is one, else for the figure."""
        held = figure if ratio is None else ratio
        bounds = [("≥", at_least, operator.ge), ("≤", at_most, operator.le)]
        stated = [(sign, bound, test) for sign, bound, test in bounds if bound is not None]
        result = Result(
            name=name,
            figure=figure,
            unit=unit,
            reference=reference,
            ratio=ratio,
            target=" ".join(f"{sign} {bound:g}" for sign, bound, _ in stated) or "–",
            ok=all(test(held, bound) for _, bound, test in stated),
            how=how,
        )
        self.results.append(result)
        return result


def fresh_database(running: Cluster, name: str = "wayfare") -> None:
    """Drop and make the database anew, and apply every migration with the product's own settings."""
    from django.core.management import call_command
    from django.db import connection

    connection.close()
    connection.close_pool()
    with psycopg.connect(running.dsn("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    running.create_database(name)
    call_command("migrate", verbosity=0)


def as_served() -> None:
    """Keep the garbage collector from all that is loaded by now, as crm/asgi.py does when a web process begins."""
    gc.collect()
    gc.freeze()


@contextlib.contextmanager
def bench_cluster() -> Iterator[Cluster]:
    """Run Django on a cluster in var/bench with production durability and a fresh, migrated database."""
    os.environ.pop("DATABASE_URL", None)  # a bench never touches anybody's data
    os.environ["WAYFARE_VAR"] = str(VAR)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ["REQUIRE_SECOND_FACTOR"] = "nobody"  # readers of pages are logged in without a code
    with cluster(VAR, settings=SERVER) as running:
        unwatched(running.dsn("postgres"))
        import django

        django.setup()
        fresh_database(running)
        yield running


def table(results: list[Result]) -> str:
    """Return the results as one table."""
    head = ("bench", "figure", "reference", "ratio", "target", "verdict")
    rows = [
        (
            result.name,
            f"{result.figure:,.4g} {result.unit}" if result.figure < 100 else f"{result.figure:,.0f} {result.unit}",
            "–" if result.reference is None else f"{result.reference:,.4g}",
            "–" if result.ratio is None else f"{result.ratio:.2f}",
            result.target,
            "ok" if result.ok else "MISSED",
        )
        for result in results
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *rows]
    )


def keep(results: list[Result], path: Path = VAR / "results.json") -> None:
    """Write the results as a list of objects; a line of an earlier run stays until its name is measured again."""
    new = {result.name for result in results}
    old = json.loads(path.read_text()) if path.exists() else []
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [row for row in old if row["name"] not in new] + [asdict(result) for result in results]
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
