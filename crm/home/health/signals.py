"""What is looked at, each with a value, a limit, and a sentence for a person: the rows of the health page and alarms.

To add one: a function that yields `Signal`s and one line in LOOKS.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns.sending.models import MailerState
from contacts.ledger.partitions import months_ahead
from contacts.ledger.standing import standings
from crm.home.health import heartbeats, pulse
from crm.team import hold

FEWEST_MAILS = 200  # below it a rate says nothing
FEWEST_COMPLAINTS = 3
LEAST_MONTHS = 2
_NEVER = 1e9  # seconds
_lazily = lazy(lambda say: say(), str)


def _said(say: Callable[[], str]) -> Any:
    """Return a sentence with numbers that is said in the language of whoever reads it."""
    return _lazily(say)  # type: ignore[no-untyped-call]  # django's lazy has no types


@dataclass(frozen=True)
class Signal:
    """One thing that is measured. It is bad from `limit` on, and good again below `calm` (a share of it)."""

    key: str
    label: Any  # lazily translated, as are the two below
    text: Any
    remedy: Any
    value: float
    limit: float
    calm: float = 0.8

    @property
    def is_bad(self) -> bool:
        """Tell whether it is at or above its limit."""
        return self.value >= self.limit

    @property
    def is_calm(self) -> bool:
        """Tell whether it is so far below the limit that an alarm may end."""
        return self.value < self.limit * self.calm


_PROCESSES = (
    (
        heartbeats.WORKER,
        _("Workers"),
        _("No worker has given a sign of life: mails and imports wait."),
        _("Start a Celery worker, or look at its log."),
    ),
    (
        heartbeats.CLOCK,
        _("Clock"),
        _("The clock of timed work is silent: what was put off is not taken up again."),
        _("Start `celery beat` once, or look at its log."),
    ),
    (
        heartbeats.FOLLOW,
        _("Computing"),
        _("Scores, segments and counters stand still."),
        _("Start `manage.py follow`, or look at its log."),
    ),
)


def _processes(now: datetime) -> Iterator[Signal]:
    beats = heartbeats.all_of_them()
    newest: dict[str, float] = {}
    for one in beats:
        age = (now - one.at).total_seconds()
        newest[one.role] = min(age, newest.get(one.role, age))
    # Of a role that never gave a sign: since when anybody did. An install that has just begun is not broken.
    waited = max(((now - one.since).total_seconds() for one in beats), default=_NEVER)
    for role, label, text, remedy in _PROCESSES:
        yield Signal(role, label, text, remedy, newest.get(role, waited), settings.HEALTH_SILENCE_SECONDS)


def _followers(now: datetime) -> Iterator[Signal]:
    found = standings(now)
    lag = max((one.lag_seconds for one in found), default=0.0)
    text = _said(lambda: gettext("Scores, segments and counters are %(seconds)d seconds behind.") % {"seconds": lag})
    remedy = _("Wait for a large import or rebuild to end; if it grows on, look at the log of `manage.py follow`.")
    yield Signal("lag", _("Delay of computing"), text, remedy, lag, settings.HEALTH_LAG_SECONDS)
    stopped = [one.name for one in found if one.stopped_at is not None]
    names = _said(lambda: gettext("Stopped by an error: %(names)s.") % {"names": ", ".join(stopped)})
    remedy = _("Read why under `manage.py ledger status`, mend it, then `manage.py ledger resume NAME`.")
    yield Signal("stopped", _("Stopped computations"), names, remedy, len(stopped), 1)


def _work(now: datetime) -> Iterator[Signal]:
    rows = pulse.work(now, timedelta(seconds=settings.HEALTH_STUCK_SECONDS))
    stuck, failed = sum(row.stuck for row in rows), sum(row.failed for row in rows)
    waits = _said(
        lambda: ngettext("%(n)d task has waited too long.", "%(n)d tasks have waited too long.", stuck) % {"n": stuck}
    )
    remedy = _("See below which; press “Look for work now”, and see that workers run.")
    yield Signal("stuck", _("Work that waits"), waits, remedy, stuck, 1)
    given_up = _said(lambda: ngettext("%(n)d task was given up.", "%(n)d tasks were given up.", failed) % {"n": failed})
    remedy = _("Read the reasons below and try again what can be tried.")
    yield Signal("failed", _("Work given up"), given_up, remedy, failed, settings.HEALTH_FAILED)


def _months(now: datetime) -> Iterator[Signal]:
    lacking = max(0, LEAST_MONTHS - months_ahead(now))
    text = _("There is hardly room for the events of the coming month.")
    yield Signal("partitions", _("Room for events"), text, _("Run `manage.py ledger partitions`."), lacking, 1)


def disks() -> dict[str, float]:
    """Return how full the disks of this machine's data are, 0 … 100, by directory."""
    places = {str(path): path for path in (Path(settings.VAR_DIR), Path(settings.JOURNAL_DIR), Path("/tmp"))}  # noqa: S108
    full = {name: shutil.disk_usage(path) for name, path in places.items() if path.exists()}
    return {name: usage.used / usage.total * 100 for name, usage in full.items()}


def _disk(_now: datetime) -> Iterator[Signal]:
    fullest = max(disks().values(), default=0.0)
    text = _said(lambda: gettext("A disk is %(share)d%% full.") % {"share": fullest})
    remedy = _("Make room, or give it more: a full disk stops sending.")
    yield Signal("disk", _("Disk"), text, remedy, fullest, settings.HEALTH_DISK_PERCENT, calm=0.98)


def _mails(now: datetime) -> Iterator[Signal]:
    found = pulse.mails(now)
    counts = found.sent >= FEWEST_MAILS
    bounced = found.bounce_rate * 100 if counts else 0.0
    came_back = _said(lambda: gettext("%(share)s%% of the mails of a day came back.") % {"share": f"{bounced:.2f}"})
    remedy = _("Look where the newest addresses come from, and stop mailing them.")
    yield Signal("bounces", _("Mails that came back"), came_back, remedy, bounced, settings.HEALTH_BOUNCE_PERCENT)
    reported = found.complaint_rate * 100 if counts and found.complained >= FEWEST_COMPLAINTS else 0.0
    text = _said(
        lambda: gettext("%(share)s%% of the mails of a day were reported as spam.") % {"share": f"{reported:.2f}"}
    )
    remedy = _("Stop the campaign they come from: above 0.3 % mailbox providers shut a sender out.")
    yield Signal("complaints", _("Reports as spam"), text, remedy, reported, settings.HEALTH_COMPLAINT_PERCENT)


def _mailers(now: datetime) -> Iterator[Signal]:
    closed = list(MailerState.objects.filter(open_until__gt=now))
    why = "; ".join(one.reason for one in closed)
    text = _said(lambda: gettext("The mail server does not take mails: %(reason)s") % {"reason": why})
    remedy = _("It is tried again by itself. If the log-in is refused, correct SMTP_URL or the provider’s keys.")
    yield Signal("mailer", _("Mail server"), text, remedy, len(closed), 1)


def _restored(_now: datetime) -> Iterator[Signal]:
    text = _("This database was restored or moved: nothing is sent until an admin lets it go.")
    remedy = _("Look at what waits and press the button on the page “Restored”.")
    yield Signal("restored", _("Sending held"), text, remedy, float(hold.is_held()), 1)


LOOKS: tuple[Callable[[datetime], Iterator[Signal]], ...] = (
    _processes, _followers, _work, _months, _disk, _mails, _mailers, _restored,
)  # fmt: skip


def signals(now: datetime) -> list[Signal]:
    """Return everything that is looked at, as of `now`."""
    return [signal for look in LOOKS for signal in look(now)]
