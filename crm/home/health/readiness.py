"""Whether this process may be given requests: database, broker, migrations, months of the ledger. Asked by /readyz."""

import functools
from collections.abc import Callable, Iterator
from datetime import datetime

from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from kombu.exceptions import OperationalError as BrokerError

from contacts.ledger.partitions import months_ahead

_BROKER_SECONDS = 2.0
LEAST_MONTHS = 1


class NotReady(Exception):
    """One thing is missing; the text says what, and what to do."""


def missing(now: datetime) -> dict[str, str]:
    """Return what is missing, by the name of the check; empty when the process may be given requests."""
    return dict(_failing(now))


def _failing(now: datetime) -> Iterator[tuple[str, str]]:
    for name, check in CHECKS.items():
        try:
            check(now)
        except NotReady as found:
            yield name, str(found)
        except DatabaseError as error:
            yield name, f"the database does not answer ({type(error).__name__}): look at DATABASE_URL and at PostgreSQL"


def _database(_now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker(_now: datetime) -> None:
    try:
        with current_app.connection_for_write(connect_timeout=_BROKER_SECONDS) as broker:
            broker.ensure_connection(max_retries=0, timeout=_BROKER_SECONDS)
            broker.default_channel.close()
    except (BrokerError, OSError) as error:
        raise NotReady(f"the broker does not answer ({type(error).__name__}): look at CELERY_BROKER_URL") from error


@functools.cache
def _known() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations or {})


def _migrations(_now: datetime) -> None:
    todo = _known() - set(MigrationRecorder(connection).applied_migrations())
    if todo:
        names = ", ".join(f"{app}.{name}" for app, name in sorted(todo)[:3])
        raise NotReady(f"{len(todo)} migrations are not applied ({names}): run `manage.py migrate`")


def _partitions(now: datetime) -> None:
    ahead = months_ahead(now)
    if ahead < LEAST_MONTHS:
        raise NotReady(f"the ledger has {ahead} months ahead: start `manage.py follow` or run `ledger partitions`")


CHECKS: dict[str, Callable[[datetime], None]] = {
    "database": _database,
    "migrations": _migrations,
    "partitions": _partitions,
    "broker": _broker,
}
