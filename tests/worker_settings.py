"""Settings of worker processes that tests start: the tests' own, on the test database, with the product's mailer."""

import os

from tests.settings import *  # noqa: F403

DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]  # noqa: F405
