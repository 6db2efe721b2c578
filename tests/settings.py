"""Settings of the tests: the product's own, with its data under var/test and waits short enough to be seen."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / os.environ.get("WAYFARE_TEST_VAR", "test")
if os.environ.get("WAYFARE_VAR", str(HOME)) == str(HOME):
    # Each xdist worker has its own: a long transaction of one would hold the followers of another back.
    os.environ["WAYFARE_VAR"] = str(HOME / os.environ.get("PYTEST_XDIST_WORKER", ""))
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "0123456789" * 5)
os.environ.setdefault("SWEEP_SECONDS", "2")
os.environ.setdefault("LEASE_SECONDS", "2")
os.environ.setdefault("RETRY_SECONDS", "1")
os.environ.setdefault("REQUIRE_SECOND_FACTOR", "nobody")

from crm.settings import *  # noqa: E402, F403

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
