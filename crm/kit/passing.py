"""Faults of the database that pass by themselves: whoever meets one gives way, and tries the same again."""

import psycopg.errors
from django.db import DatabaseError

_PASSING = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.AdminShutdown,
    psycopg.errors.CrashShutdown,
    psycopg.errors.CannotConnectNow,
)


def is_passing(error: DatabaseError) -> bool:
    """Tell whether the same statement may succeed a moment later: a deadlock, a lock, a server that goes or comes."""
    return isinstance(error.__cause__, _PASSING)
