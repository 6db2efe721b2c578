"""Making the calls that are due: several at a time, never many to one receiver, one alone to a receiver that fails."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from contacts.hooks import subscribing
from contacts.hooks.gathering import gather
from contacts.hooks.models import Hook, HookDelivery, HookState
from contacts.hooks.payload import bodies
from crm.kit.outgoing import CallFailed, post
from crm.kit.signing import headers
from crm.kit.work import LostLease
from crm.team import hold, notices
from crm.team.models import User
from crm.team.notices import News
from crm.team.permissions import Action, may

AT_ONCE = 8
OF_ONE = 4  # calls to one receiver at the same time
LEASE = 120.0  # seconds: longer than any call with its name's resolution
PAUSES = tuple(timedelta(seconds=s) for s in (5, 60, 300, 1_800, 7_200, 14_400, 28_800, 34_800))  # some 24 hours in all
OFF_AFTER = timedelta(days=3)
_REST, _LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)
_GONE = 410


@dataclass(frozen=True)
class Answer:
    """How a call ended: the status, or why there is none; and how long it took."""

    status: int | None
    failure: str
    permanent: bool
    milliseconds: int

    @property
    def is_good(self) -> bool:
        """Tell whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


def deliver_due(clock: Callable[[], datetime], *, until: Callable[[], bool] = lambda: False) -> int:
    """Gather what waits, make the calls that are due and return how many there were."""
    made = 0
    if hold.is_held():
        return made
    gather(clock())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while not until() and (claimed := _claim(clock())):
            _call(pool, claimed, clock)
            made += len(claimed)
            gather(clock())
    return made


def _claim(now: datetime) -> list[HookDelivery]:
    """Lease some deliveries of several receivers; trials go first, also to one that is paused."""
    claimed: list[HookDelivery] = HookDelivery.claim(now, limit=AT_ONCE, only=Q(test=True), seconds=LEASE)
    due = HookDelivery.objects.filter(HookDelivery.due(now))
    ready = Hook.objects.filter(Q(rest_until=None) | Q(rest_until__lte=now), state=HookState.ACTIVE)
    ready = ready.filter(pk__in=due.values("hook_id")).order_by("rest_until", "pk")
    for hook in ready:
        room = min(AT_ONCE - len(claimed), 1 if hook.failures else OF_ONE)
        if room > 0:
            claimed += HookDelivery.claim(now, limit=room, only=Q(hook_id=hook.pk, test=False), seconds=LEASE)
    hooks = Hook.objects.select_related("owner").in_bulk({delivery.hook_id for delivery in claimed})
    for delivery in claimed:
        delivery.hook = hooks[delivery.hook_id]
    return claimed


def _call(pool: ThreadPoolExecutor, claimed: list[HookDelivery], clock: Callable[[], datetime]) -> None:
    now = clock()
    said = bodies(claimed, now)
    jobs = {d.pk: pool.submit(_post, d, body, now) for d in claimed if (body := said[d.pk]) is not None}
    for delivery in claimed:
        answer = jobs[delivery.pk].result() if delivery.pk in jobs else None
        _keep(delivery, answer, clock())


def _post(delivery: HookDelivery, body: bytes, now: datetime) -> Answer:
    """Call the receiver. Runs beside others: no database here."""
    began = time.monotonic()
    status, failure, permanent = None, "", False
    try:
        status = post(delivery.hook.url, body, headers(delivery.hook.keys(now), delivery.number, body, now))
        failure = "" if 200 <= status < 300 else f"HTTP {status}"
    except CallFailed as error:
        failure, permanent = str(error), error.permanent
    return Answer(status, failure, permanent, round((time.monotonic() - began) * 1000))


def _keep(delivery: HookDelivery, answer: Answer | None, now: datetime) -> None:
    """Write down what became of a call, on the delivery and on the webhook; does nothing when the lease was lost."""
    try:
        if answer is None:
            delivery.finish(events=0)
            return
        tried = {"tried_at": now, "status": answer.status, "duration_ms": answer.milliseconds}
        if answer.is_good:
            delivery.finish(**tried)
        elif delivery.test or answer.permanent or answer.status == _GONE or (due := _next(delivery, now)) is None:
            delivery.fail(answer.failure, **tried)
        else:
            delivery.retry(due, answer.failure, **tried)
    except LostLease:
        return
    if not delivery.test:
        _remember(delivery.hook, answer, now)


def _next(delivery: HookDelivery, now: datetime) -> datetime | None:
    """Return when to try again; None when it was tried for long enough."""
    return now + PAUSES[delivery.attempts - 1] if delivery.attempts <= len(PAUSES) else None


def _remember(hook: Hook, answer: Answer, now: datetime) -> None:
    """Let a receiver that fails rest, and switch it off after days, or when it says that it is gone."""
    mine = Hook.objects.filter(pk=hook.pk, url=hook.url)
    if answer.is_good:
        mine.exclude(failures=0).update(failing_since=None, failures=0, rest_until=None)
        return
    hook.refresh_from_db(fields=["failing_since", "failures"])
    rest = min(_LONGEST_REST, _REST * 2 ** min(hook.failures, 10))
    since = hook.failing_since or now
    mine.update(failing_since=since, failures=F("failures") + 1, rest_until=now + rest)
    if (answer.status == _GONE or now - since >= OFF_AFTER) and subscribing.switch_off(hook, answer.failure):
        _tell(hook, answer.failure, now)


def _tell(hook: Hook, reason: str, now: datetime) -> None:
    """Tell those who may change it: its owner if she may, and the admins."""
    people = [user for user in User.objects.filter(is_active=True) if may(user, Action.WEBHOOK_EDIT)]
    notices.tell([_news(user, hook, reason) for user in people], by_mail=True, now=now)


def _news(user: User, hook: Hook, reason: str) -> News:
    with translation.override(user.language):
        text = _(
            "The webhook “%(name)s” is switched off: its address fails (%(why)s). What happens now is not told to it."
        )
        said = text % {"name": hook.name, "why": reason}
    return News(user, said, reverse("contacts:webhook", args=[hook.pk]), "webhook")
