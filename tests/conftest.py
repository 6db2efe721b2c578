"""The tests' PostgreSQL: one embedded cluster in var/test for all xdist workers, unless DATABASE_URL names another.

WAYFARE_KEEP_TEST_DB=1 leaves the cluster running for the next run; WAYFARE_TEST_VAR=name gives a run its own directory.
"""

import contextlib
import os

import pytest
from django.conf import settings

from crm.runtime.postgres import RELAXED, PostgresError, cluster

_running = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start or join the cluster in the controlling process; workers find it running."""
    if hasattr(config, "workerinput") or not settings.EMBEDDED or config.option.collectonly:
        return
    keep = os.environ.get("WAYFARE_KEEP_TEST_DB") == "1"
    try:
        _running.enter_context(cluster(settings.VAR_DIR, settings=RELAXED, keep=keep))
    except PostgresError as error:
        pytest.exit(f"{error} Another test run may be going on: set WAYFARE_TEST_VAR=test2 to run beside it.", 3)


def pytest_unconfigure() -> None:
    """Stop the cluster when the last test is done."""
    _running.close()
