"""`make bench` runs every bench, `make bench-NAME` one: `python -m bench [NAME] [--long] [--SIZE N]`."""

import argparse
import sys

from bench.harness import table
from bench.running import BENCHES, DATA, MODULES, in_own_process, run_one

SETS = {"": list(BENCHES), "data": list(DATA)}


def main() -> int:
    """Run the benches that are asked for; 1 when one of them did its work wrong."""
    given = sys.argv[1:]
    name = given.pop(0) if given and not given[0].startswith("-") else ""  # `--people 5000` alone names no bench
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("name", choices=[*SETS, *MODULES])
    parser.add_argument("--long", action="store_true")
    asked, rest = parser.parse_known_args([name, *given])
    if asked.name in SETS:
        outcomes = [in_own_process(name, asked.long, rest) for name in SETS[asked.name]]
    else:
        outcomes = [run_one(asked.name, asked.long, rest)]
    print(table([result for results, _right in outcomes for result in results]))
    return 0 if all(right for _results, right in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
