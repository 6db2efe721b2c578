"""The circuit breaker of each mailer and the pace of each recipient domain, in the database, for all workers."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.conf import settings

from campaigns.sending.models import DomainPace, MailerState
from crm.kit.work import backoff

_LONGEST = 900.0  # seconds that a breaker stays open at most
_BEFORE_SLOWING = 3  # deferrals of one domain in one slice, with nothing taken


def closed_aliases(now: datetime) -> list[str]:
    """Return the mailers that must not be used at `now`."""
    return list(MailerState.objects.filter(open_until__gt=now).values_list("alias", flat=True))


def failed(alias: str, reason: str, now: datetime) -> datetime:
    """Open the breaker, longer each time, and return until when."""
    state, _ = MailerState.objects.get_or_create(alias=alias)
    failures = state.failures + 1
    until = now + backoff(failures, base=min(5.0, settings.RETRY_SECONDS), longest=_LONGEST)
    MailerState.objects.filter(alias=alias).update(failures=failures, open_until=until, reason=reason[:300])
    return until


def worked(alias: str) -> None:
    """Close the breaker: a mail got through."""
    MailerState.objects.filter(alias=alias, failures__gt=0).update(failures=0, open_until=None, reason="")


def paced_domains(alias: str) -> dict[str, datetime]:
    """Return the domains that put us off, with the time from which on something may go there."""
    return dict(DomainPace.objects.filter(mailer=alias).values_list("domain", "until"))


def note(alias: str, deferred: Mapping[str, int], taken: Collection[str], reason: str, now: datetime) -> None:
    """Slow down for domains that put us off (domain → how often) and took nothing."""
    for domain, often in deferred.items():
        if often >= _BEFORE_SLOWING and domain not in taken:
            _slow_down(alias, domain, reason, now)


def forget(alias: str, domains: Collection[str]) -> None:
    """Go at full pace again to domains that took a mail. Harmless to repeat."""
    if domains:
        DomainPace.objects.filter(mailer=alias, domain__in=list(domains)).delete()


def _slow_down(alias: str, domain: str, reason: str, now: datetime) -> None:
    row, _ = DomainPace.objects.get_or_create(mailer=alias, domain=domain, defaults={"until": now})
    pause: timedelta = backoff(row.failures + 1, base=settings.RETRY_SECONDS, longest=_LONGEST)
    DomainPace.objects.filter(pk=row.pk).update(failures=row.failures + 1, until=now + pause, reason=reason[:300])
