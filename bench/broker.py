"""The broker of a bench: what launches and imports wake workers through, so that they need not wait for it in vain."""

import contextlib
import subprocess
import time
from collections.abc import Iterator

from bench.harness import VAR, WrongResultError

_PATIENCE = 60.0  # seconds


@contextlib.contextmanager
def broker() -> Iterator[None]:
    """Run the embedded broker for a block."""
    from crm.runtime import valkey

    with (VAR / "valkey.log").open("wb") as log:
        process = subprocess.Popen(valkey.command(VAR), stdout=log)
    deadline = time.monotonic() + _PATIENCE
    try:
        while not valkey.answers(VAR):
            if time.monotonic() > deadline:
                raise WrongResultError(f"the broker does not answer within {_PATIENCE:.0f} s")
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(30)
