"""Log-in itself: after the password the second factor, then the session, its row, and a notice of a new device."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm.kit.network import network_of
from crm.team import notices
from crm.team.models import Door, User
from crm.team.notices import News
from crm.team.sign_ins import devices
from crm.team.sign_ins.models import FAILED, How, SignIn
from crm.team.trail.record import record

HALF_WAY, PROVED, ROW, SEEN = "half_way", "second_factor", "sign_in", "seen_at"
PATIENCE = timedelta(minutes=10)  # between password and code
REMEMBERED = timedelta(days=30)
KEPT = timedelta(days=180)
LOOK_AGAIN = 600  # seconds between two notes that a session is in use


def enter(request: HttpRequest, user: User, to: str, now: datetime) -> HttpResponse:
    """Go on after the right password: to the page `to`, or first to the page that asks for the code."""
    if user.second_factor_at is None:
        return complete(request, user, How.PASSWORD, to, now)
    if devices.is_remembered(request, user, now):
        return complete(request, user, How.REMEMBERED, to, now)
    request.session.flush()
    proof = user.get_session_auth_hash()
    request.session[HALF_WAY] = {"user": user.pk, "at": now.timestamp(), "proof": proof, "to": to}
    return redirect("team:code")


def half_way(request: HttpRequest, now: datetime) -> tuple[User, str] | None:
    """Return who gave her password here a moment ago, and where she wants to go; None when nobody did."""
    said: dict[str, Any] | None = request.session.get(HALF_WAY)
    if said is None or now.timestamp() - said["at"] > PATIENCE.total_seconds():
        return None
    user = User.objects.filter(pk=said["user"], is_active=True).exclude(second_factor_at=None).first()
    # A password that changed meanwhile makes the first half worthless.
    return (user, said["to"]) if user and user.get_session_auth_hash() == said["proof"] else None


def complete(
    request: HttpRequest, user: User, how: How, to: str, now: datetime, *, remember: bool = False
) -> HttpResponse:
    """Log the user in and send her to `to`; with `remember` the device need not give a code for 30 days."""
    request.session.pop(HALF_WAY, None)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    response = redirect(to)
    begin(request, response, user, how, now, remember=remember)
    return response


@transaction.atomic
def begin(
    request: HttpRequest, response: HttpResponse, user: User, how: How, now: datetime, *, remember: bool = False
) -> SignIn:
    """Note the log-in that was just made: its row, the trail, and a notice when the device is a new one."""
    digest = devices.marked(request, response)
    is_new = not devices.is_known(user, digest) and SignIn.objects.filter(user=user).exclude(how__in=FAILED).exists()
    row = _row(request, user, how, now)
    row.device_digest, row.session_key = digest, request.session.session_key or ""
    row.remembered_until = now + REMEMBERED if remember else None
    row.save()
    request.session[ROW], request.session[SEEN] = row.pk, int(now.timestamp())
    prove_session(request, user)
    _record(row, "signed_in", now)
    if is_new:
        _tell_of_new_device(row, now)
    return row


def prove_session(request: HttpRequest, user: User) -> None:
    """Mark this session as one whose user gave the second factor she has now."""
    if user.second_factor_at:
        request.session[PROVED] = user.second_factor_at.isoformat()


def failed(request: HttpRequest, email: str, how: How, now: datetime) -> None:
    """Note a try that failed, when the address is a user's; of others nothing is kept."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is not None:
        row = _row(request, user, how, now)
        row.ended_at = now
        row.save()
        _record(row, "sign_in_failed", now)


def _row(request: HttpRequest, user: User, how: How, now: datetime) -> SignIn:
    device, network = devices.name_of(request), network_of(request)
    return SignIn(user=user, at=now, seen_at=now, how=how, network=network, device=device)


def _record(row: SignIn, verb: str, now: datetime) -> None:
    user, what = row.user, {"device": row.device, "how": row.how}
    by = None if row.how in FAILED else user
    record("user", user.pk, verb, now=now, label=str(user), by=by, network=row.network, door=Door.PAGE, after=what)


def _tell_of_new_device(row: SignIn, now: datetime) -> None:
    with override(row.user.language):
        text = _("New log-in: %(device)s, from %(network)s. If this was not you, log it out and change your password.")
        said = text % {"device": row.device, "network": row.network}
    notices.tell([News(row.user, said, "/team/sign-ins/", "device-laptop")], by_mail=True, now=now)


def seen(request: HttpRequest, now: datetime) -> None:
    """Note now and then that a session is in use; its 30 days begin anew with it."""
    number, before = request.session.get(ROW), request.session.get(SEEN, 0)
    if number is None or now.timestamp() - before < LOOK_AGAIN:
        return
    network = network_of(request)
    SignIn.objects.filter(pk=number).update(seen_at=now, network=network, session_key=request.session.session_key)
    request.session[SEEN] = int(now.timestamp())


# --- ending ---
def open_ones(user: User) -> Any:
    """Return the log-ins of the user that last, the latest first."""
    return SignIn.objects.filter(user=user, ended_at=None).exclude(how__in=FAILED).order_by("-seen_at", "-pk")


@transaction.atomic
def end_one(row: SignIn, *, by: User, now: datetime) -> None:
    """Log one device out and forget that it is remembered. A repeat is harmless."""
    _close(Q(pk=row.pk), now)
    _record_ended(row.user, by, now, row.device)


@transaction.atomic
def end_all(user: User, *, by: User | None, now: datetime, but: HttpRequest | None = None) -> None:
    """Log the user out everywhere and remember no device; `but` is the request whose session stays."""
    stays = int(but.session.get(ROW) or 0) if but else 0
    User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)
    user.refresh_from_db(fields=["session_round"])
    _close(Q(user=user) & ~Q(pk=stays), now)
    SignIn.objects.filter(user=user).update(remembered_until=None)
    if but is not None:
        update_session_auth_hash(but, user)
        SignIn.objects.filter(pk=stays).update(session_key=but.session.session_key or "")
    _record_ended(user, by, now, "")


def _close(which: Q, now: datetime) -> None:
    rows = SignIn.objects.filter(which).exclude(how__in=FAILED)
    keys = list(rows.filter(ended_at=None).exclude(session_key="").values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    rows.filter(ended_at=None).update(ended_at=now)
    rows.update(remembered_until=None)


def _record_ended(user: User, by: User | None, now: datetime, device: str) -> None:
    after = {"device": device} if device else None
    record("user", user.pk, "devices_signed_out", now=now, label=str(user), by=by, after=after)


def left(request: HttpRequest, now: datetime) -> None:
    """Note that the user logged out here herself; called before the session ends."""
    SignIn.objects.filter(pk=int(request.session.get(ROW) or 0)).update(ended_at=now)


def forget(now: datetime) -> int:
    """Delete log-ins that ended long ago, or were not in use since, and return how many."""
    gone, _each = SignIn.objects.filter(seen_at__lt=now - KEPT).delete()
    return gone
