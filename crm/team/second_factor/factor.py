"""The second factor's verbs: set it up, prove it, take it away, give it back. Called by log-in and its own pages."""

import base64
import secrets
from datetime import datetime
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_otp.oath import hotp

from crm.team import notices
from crm.team.company import company
from crm.team.models import Role, User
from crm.team.notices import News
from crm.team.second_factor.models import RecoveryCode, SecondFactor
from crm.team.trail.record import record

PERIOD, DIGITS, DRIFT = 30, 6, 1  # seconds, digits, and how many periods a phone's clock may be off
CODES, CODE_BYTES = 10, 7
ADMINS, ALL = "admins", "all"


class WrongCode(Exception):
    """The code is wrong, old, or was used before; nothing was changed."""


def new_key() -> str:
    """Return a fresh key: 20 random bytes in base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def address(key: str, user: User) -> str:
    """Return what the QR code says: an otpauth address with the company's and the user's name."""
    issuer = quote(f"Wayfare ({company().name})")
    return f"otpauth://totp/{issuer}:{quote(user.email)}?secret={key}&issuer={issuer}"


def is_required(user: User) -> bool:
    """Tell whether the user must have a second factor; none of the demo's log-ins must, whose password all know."""
    if settings.EMBEDDED and user.email.endswith(settings.DEMO_DOMAIN):
        return False
    wanted = settings.REQUIRE_SECOND_FACTOR
    return wanted == ALL or (wanted == ADMINS and user.role == Role.ADMIN)


def lacking() -> QuerySet[User]:
    """Return the colleagues who may log in, must have a second factor (see `is_required`), and have none."""
    users = User.objects.filter(is_active=True, second_factor_at=None)
    if settings.EMBEDDED:
        users = users.exclude(email__endswith=settings.DEMO_DOMAIN)
    if settings.REQUIRE_SECOND_FACTOR == ALL:
        return users
    return users.filter(role=Role.ADMIN) if settings.REQUIRE_SECOND_FACTOR == ADMINS else users.none()


def _step_of(key: str, code: str, after: int, now: datetime) -> int | None:
    """Return the period whose code this is: the last, this or the next one, later than `after`; else None."""
    current = int(now.timestamp()) // PERIOD
    raw = base64.b32decode(key)
    steps = range(max(after + 1, current - DRIFT), current + DRIFT + 1)
    given = "".join(code.split())
    return next((step for step in steps if constant_time_compare(f"{hotp(raw, step, DIGITS):0{DIGITS}}", given)), None)


@transaction.atomic
def set_up(user: User, key: str, code: str, *, now: datetime) -> list[str]:
    """Keep `key` as the user's second factor and return her recovery codes. Raises WrongCode."""
    step = _step_of(key, code, 0, now)
    if step is None:
        raise WrongCode
    SecondFactor.objects.update_or_create(user=user, defaults={"key": key, "since": now, "last_step": step})
    User.objects.filter(pk=user.pk).update(second_factor_at=now)
    user.second_factor_at = now
    record("user", user.pk, "second_factor_on", now=now, label=str(user), by=user)
    return _codes(user)


def prove(user: User, code: str, *, now: datetime) -> None:
    """Take a code of the authenticator; each works once, also of two tries in the same moment. Raises WrongCode."""
    held = SecondFactor.objects.filter(user=user).first()
    step = _step_of(held.key, code, held.last_step, now) if held else None
    if step is None or not SecondFactor.objects.filter(user=user, last_step__lt=step).update(last_step=step):
        raise WrongCode


def recover(user: User, code: str) -> None:
    """Take a recovery code, which is gone then. Raises WrongCode."""
    gone, _each = RecoveryCode.objects.filter(user=user, digest=_digest(user, code)).delete()
    if not gone:
        raise WrongCode


@transaction.atomic
def fresh_codes(user: User, *, now: datetime) -> list[str]:
    """Replace all recovery codes and return the new ones, for the only time."""
    record("user", user.pk, "recovery_codes_made", now=now, label=str(user), by=user)
    return _codes(user)


@transaction.atomic
def take_away(user: User, *, by: User | None, now: datetime) -> bool:
    """Remove the second factor and its codes; False when there was none. `by` is None for who owns the server.

    When somebody else did, she is told.
    """
    had, _each = SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(second_factor_at=None)
    user.second_factor_at = None
    if not had:
        return False
    own = by is not None and by.pk == user.pk
    record("user", user.pk, "second_factor_off" if own else "second_factor_reset", now=now, label=str(user), by=by)
    if not own:
        with override(user.language):
            text = _(
                "%(name)s reset your second factor. Set up a new one; if you did not ask for this, tell your admin."
            )
            notices.tell(
                [News(user, text % {"name": by.name if by else _("The system")}, "/team/second-factor/", "shield-off")],
                by_mail=True,
                now=now,
            )
    return True


def _codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    raw = [base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()[:10] for _ in range(CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, digest=_digest(user, code)) for code in raw])
    return [f"{code[:5]}-{code[5:]}" for code in raw]


def _digest(user: User, code: str) -> str:
    plain = code.replace("-", "").replace(" ", "").upper()
    return salted_hmac(f"recovery code:{user.pk}", plain, algorithm="sha256").hexdigest()
