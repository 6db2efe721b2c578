"""The same journey that has run, for the pages."""

from tests.contacts.conftest import as_, team  # noqa: F401
from tests.journeys.engine.conftest import _without_stage_rules, tiny  # noqa: F401
from tests.journeys.results.conftest import now, world  # noqa: F401
