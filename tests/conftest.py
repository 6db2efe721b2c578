"""The tests' PostgreSQL: an embedded cluster below var/test for each xdist worker, unless DATABASE_URL names another.

WAYFARE_KEEP_TEST_DB=1 leaves the cluster running for the next run; WAYFARE_TEST_VAR=name gives a run its own directory.
"""

import contextlib
import importlib
import os

import hypothesis
import pytest
from django.conf import settings

from crm.runtime.messages import compile_stale
from crm.runtime.postgres import RELAXED, PostgresError, cluster

_running = contextlib.ExitStack()
hypothesis.settings.register_profile("wayfare", deadline=None)  # a slow machine is no fault of what is tested
hypothesis.settings.load_profile("wayfare")


def pytest_configure(config: pytest.Config) -> None:
    """Start or join the clusters in the controlling process; workers find them running."""
    if hasattr(config, "workerinput") or not settings.EMBEDDED or config.option.collectonly:
        return
    compile_stale(settings.BASE_DIR / "locale")
    keep = os.environ.get("WAYFARE_KEEP_TEST_DB") == "1"
    workers = config.option.numprocesses or 0
    homes = [settings.VAR_DIR / f"gw{number}" for number in range(workers)] or [settings.VAR_DIR]
    try:
        for home in homes:
            _running.enter_context(cluster(home, settings=RELAXED, keep=keep))
    except PostgresError as error:
        pytest.exit(f"{error} Another test run may be going on: set WAYFARE_TEST_VAR=test2 to run beside it.", 3)


def pytest_unconfigure() -> None:
    """Stop the cluster when the last test is done."""
    _running.close()


WITHOUT_MODEL = {
    "contact_touch_base",
    "event_base",
    "event_key",
    "follower_behind",
    "hit_verdict",
    "ledger_dropped",
    "score_entry_base",
    "subject_erased",
}
KEPT = {"ledger_kind", "ledger_subject"}  # dictionaries: processes remember their numbers


# Their rows are gone after the flush that ends a test which commits.
DATA_MIGRATIONS = (
    "contacts.migrations.0002_stage_presets",
    "contacts.migrations.0005_default_scores",
    "contacts.migrations.0012_role_presets",
    "contacts.migrations.0021_preset_stage_rules",
)


def _as_migrated() -> None:
    """Bring back what the data migrations made, unless it is there."""
    from django.apps import apps

    if not apps.get_model("contacts", "StageModel").objects.exists():
        for name in DATA_MIGRATIONS:
            importlib.import_module(name).load(apps, None)


@pytest.fixture(autouse=True)
def _around_commits(request: pytest.FixtureRequest):
    """Let a test that commits begin with a migrated database, and empty the ledger after it: a flush does neither."""
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (marker is not None and marker.kwargs.get("transaction"))
    if not commits:
        yield
        return
    request.getfixturevalue("transactional_db")
    _as_migrated()
    yield
    from django.apps import apps
    from django.db import connection

    unmanaged = {model._meta.db_table for model in apps.get_models() if not model._meta.managed}
    tables = sorted((unmanaged | WITHOUT_MODEL) - KEPT)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)}")
        cursor.execute("UPDATE ledger_lane SET tx = 0, event_id = 0, moved_at = NULL")
