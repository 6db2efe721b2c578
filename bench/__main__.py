"""`make bench` runs every bench, `make bench-NAME` one: `python -m bench [NAME] [--long] [--SIZE N]`."""

import argparse
import importlib
import sys
import time
from types import ModuleType

from bench.harness import Bench, Result, WrongResultError, bench_cluster, fresh_database, keep, table

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


def sizes(module: ModuleType, long: bool, given: list[str]) -> dict[str, int]:
    """Return the sizes of a bench: defaults or long ones, and what the command line sets instead."""
    parser = argparse.ArgumentParser()
    for name, (usual, full) in module.SIZES.items():
        parser.add_argument(f"--{name}", type=int, default=full if long else usual)
    return vars(parser.parse_known_args(given)[0])


def main() -> int:
    """Run the benches that are asked for; 1 when one of them did its work wrong."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("name", nargs="?", choices=BENCHES)
    parser.add_argument("--long", action="store_true")
    asked, rest = parser.parse_known_args()
    results: list[Result] = []
    right = True
    with bench_cluster() as running:
        for index, name in enumerate([asked.name] if asked.name else BENCHES):
            if index:
                fresh_database(running)
            module = importlib.import_module(BENCHES[name])
            bench = Bench(name, running, sizes(module, asked.long, rest))
            right = _ran(module, bench) and right
            results += bench.results
    print(table(results))
    return 0 if right else 1


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


if __name__ == "__main__":
    sys.exit(main())
