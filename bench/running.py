"""What benches there are, and running one of them. A whole run gives each a process of its own."""

import argparse
import importlib
import multiprocessing
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from types import ModuleType

from bench.harness import Bench, Result, WrongResultError, bench_cluster, keep

type Outcome = tuple[list[Result], bool]

# One line a bench: its name on the command line and its module.
BENCHES = {
    "send": "bench.send",
    "launch": "bench.launch",
    "commit": "bench.commit",
    "ledger": "bench.ledger",
    "lag": "bench.lag",
    "segments": "bench.segments",
    "duplicates": "bench.duplicates",
    "rehearsal": "bench.rehearsal",
    "pages": "bench.contacts_page",
    "api": "bench.api",
    "import": "bench.imports",
    "tracking": "bench.tracking",
    "journeys": "bench.journeys",
}
# What others look at, made at full size and kept.
DATA = {"data-pages": "bench.page_world", "data-segments": "bench.segment_world"}
MODULES = BENCHES | DATA


def in_own_process(name: str, long: bool, rest: list[str]) -> Outcome:
    """Run a bench in a process that remembers nothing of another's database; one that breaks does not stop the rest."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        done = process.submit(run_one, name, long, rest)
        if broken := done.exception():
            traceback.print_exception(broken)
            return [], False
        return done.result()


def run_one(name: str, long: bool, rest: list[str]) -> Outcome:
    """Run one bench on a fresh database; return its results and whether it did its work right."""
    module = importlib.import_module(MODULES[name])
    with bench_cluster() as running:
        bench = Bench(name, running, sizes(module, long, rest))
        return bench.results, _ran(module, bench)


def _ran(module: ModuleType, bench: Bench) -> bool:
    """Run one bench, say how long it took, keep what it found even if it ends in an error; False for a wrong result."""
    started = time.monotonic()
    try:
        module.run(bench)
    except WrongResultError as error:
        print(f"WRONG {error}", file=sys.stderr)
        return False
    finally:
        keep(bench.results)
        print(f"  {bench.name}: {time.monotonic() - started:.0f} s", flush=True)
    return True


def sizes(module: ModuleType, long: bool, given: list[str]) -> dict[str, int]:
    """Return the sizes of a bench: defaults or long ones, and what the command line sets instead."""
    parser = argparse.ArgumentParser()
    for name, (usual, full) in module.SIZES.items():
        parser.add_argument(f"--{name}", type=int, default=full if long else usual)
    return vars(parser.parse_known_args(given)[0])
