"""The people and kinds of the engine's tests."""

from tests.journeys.engine.conftest import _without_stage_rules, ann, bob, now, tiny

__all__ = ["_without_stage_rules", "ann", "bob", "now", "tiny"]
