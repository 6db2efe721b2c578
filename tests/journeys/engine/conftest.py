"""Tiny kinds of steps and triggers, known for the time of a test alone."""

from datetime import UTC, datetime

import pytest

from journeys.engine.running import Runner
from journeys.steps.kind import STEP_KINDS
from journeys.triggers.kind import TRIGGER_KINDS
from tests.journeys.living import STEPS, TRIGGERS, born, empty_memory

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def tiny(monkeypatch):
    """Register the tiny kinds until the test ends."""
    monkeypatch.setattr(STEP_KINDS, "_entries", STEP_KINDS._entries | {kind.key: kind for kind in STEPS})
    monkeypatch.setattr(TRIGGER_KINDS, "_entries", TRIGGER_KINDS._entries | {kind.key: kind for kind in TRIGGERS})
    Runner.ways.clear()
    empty_memory()
    yield
    empty_memory()


@pytest.fixture
def ann(db, now):
    return born("Ann", now)


@pytest.fixture
def bob(db, now):
    return born("Bob", now)


@pytest.fixture(autouse=True)
def _without_stage_rules(monkeypatch):
    """Keep the segments behind the rules of stages out of these tests."""
    monkeypatch.setattr("contacts.stages.following.is_incomplete", lambda _model: False)
