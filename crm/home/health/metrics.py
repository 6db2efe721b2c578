"""Numbers for Prometheus: request times of this process, and what the database knows of the whole install."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from contacts.ledger.partitions import months_ahead
from contacts.ledger.standing import standings
from crm.home.health import heartbeats, pulse

OF_PROCESS = CollectorRegistry()
REQUESTS = Histogram(
    "wayfare_request_seconds",
    "Time to answer a request, by route; of this process.",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
    registry=OF_PROCESS,
)


def exposition(now: datetime) -> tuple[bytes, str]:
    """Return all numbers as Prometheus reads them, and the content type.

    While the database is away `wayfare_database_up` is 0 and only the numbers of this process follow.
    """
    registry = CollectorRegistry()
    registry.register(_OfInstall(now))
    return generate_latest(registry) + generate_latest(OF_PROCESS), CONTENT_TYPE_LATEST


class _OfInstall:
    """Asks the database once for each scrape."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Yield the families."""
        up = GaugeMetricFamily("wayfare_database_up", "Whether the database answered.")
        try:
            found = [*_work(self._now), *_followers(self._now), *_mails(self._now), *_process(self._now)]
        except DatabaseError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from found


def _family(name: str, text: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label] if label else [])
    for key, value in values.items():
        family.add_metric([key] if label else [], value)
    return family


def _work(now: datetime) -> Iterator[Metric]:
    rows = pulse.work(now, timedelta(seconds=settings.HEALTH_STUCK_SECONDS))
    for name, text in (
        ("due", "Work that is due now, by kind."),
        ("stuck", "Work that has been due for longer than HEALTH_STUCK_SECONDS, by kind."),
        ("running", "Work that a worker holds, by kind."),
        ("failed", "Work that was set aside for a person, by kind."),
    ):
        yield _family(f"wayfare_work_{name}", text, "kind", {row.kind: getattr(row, name) for row in rows})
    people, sends = pulse.waiting(now)
    yield _family("wayfare_journey_people_due", "People of journeys who are due for a step.", "", {"": people})
    yield _family("wayfare_open_sends", "Sends that are being prepared or sent.", "", {"": sends})


def _followers(now: datetime) -> Iterator[Metric]:
    found = standings(now)
    lag = {one.name: one.lag_seconds for one in found}
    yield _family("wayfare_follower_lag_seconds", "Age of the oldest event not read yet.", "follower", lag)
    stopped = {one.name: float(not one.is_running) for one in found}
    yield _family("wayfare_follower_stopped", "Whether it stopped by an error.", "follower", stopped)
    ahead = months_ahead(now)
    yield _family("wayfare_partitions_ahead", "Months after this one that the ledger has room for.", "", {"": ahead})


def _mails(now: datetime) -> Iterator[Metric]:
    total = CounterMetricFamily("wayfare_mails", "Mails by outcome, of all time.", labels=["outcome"])
    for key, count in pulse.outcomes().items():
        total.add_metric([key.removeprefix("mail.")], count)
    yield total
    lately = pulse.mails(now)
    yield _family("wayfare_mails_sent_last_day", "Mails sent in 24 hours.", "", {"": lately.sent})
    yield _family("wayfare_bounce_rate", "Hard bounces per mail sent, 24 hours.", "", {"": lately.bounce_rate})
    yield _family("wayfare_complaint_rate", "Complaints per mail sent, 24 hours.", "", {"": lately.complaint_rate})


def _process(now: datetime) -> Iterator[Metric]:
    ages = {one.name: (now - one.at).total_seconds() for one in heartbeats.all_of_them()}
    yield _family("wayfare_heartbeat_age_seconds", "Time since a process gave a sign of life.", "process", ages)
