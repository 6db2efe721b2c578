"""Verbs on API tokens: made, shown once, checked at each request, revoked. Called by page, admin and API."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.kit.text import ForbiddenCharacter, clean_line
from crm.team.models import ApiToken, User
from crm.team.permissions import Action, may

BEGINS = "wf_"
MOST = 50  # living tokens of one user
_USED_EVERY = timedelta(minutes=1)
_PREFIX = len(BEGINS) + 8


class TokenScope(TextChoices):
    """What a token is for. Whatever it says, a token never does more than its user's role."""

    CONTACTS_READ = "contacts:read", gettext_lazy("Look at people and accounts, their timeline and scores")
    CONTACTS_WRITE = "contacts:write", gettext_lazy("Add and change people, accounts, notes and consent")
    CONTACTS_DELETE = "contacts:delete", gettext_lazy("Erase people")
    CONTACTS_EXPORT = "contacts:export", gettext_lazy("Take people out as files, with all that is held of one")
    IMPORTS_READ = "imports:read", gettext_lazy("Look at imports and their refused rows")
    IMPORTS_WRITE = "imports:write", gettext_lazy("Import files, undo imports")
    LISTS_READ = "lists:read", gettext_lazy("Look at lists and tags")
    LISTS_WRITE = "lists:write", gettext_lazy("Change lists and tags and who is on them")
    SEGMENTS_READ = "segments:read", gettext_lazy("Look at segments and who is in them")
    SEGMENTS_WRITE = "segments:write", gettext_lazy("Make and change segments")
    ATTRIBUTES_READ = "attributes:read", gettext_lazy("Look at attributes, stages and their keys")
    ATTRIBUTES_WRITE = "attributes:write", gettext_lazy("Define attributes")
    SCORES_READ = "scores:read", gettext_lazy("Look at what earns points")
    SCORES_WRITE = "scores:write", gettext_lazy("Change what earns points, how they fade, and thresholds")
    COMMERCE_READ = "commerce:read", gettext_lazy("Look at products and orders")
    COMMERCE_WRITE = "commerce:write", gettext_lazy("Write products, orders and refunds")
    EVENTS_WRITE = "events:write", gettext_lazy("Report what people do: events, identify, track")
    CAMPAIGNS_READ = "campaigns:read", gettext_lazy("Look at templates, campaigns and their results")
    CAMPAIGNS_WRITE = "campaigns:write", gettext_lazy("Write templates; make, change, launch and pause campaigns")
    JOURNEYS_READ = "journeys:read", gettext_lazy("Look at journeys and their results")
    JOURNEYS_WRITE = "journeys:write", gettext_lazy("Draw and publish journeys, start them for people")
    WEBHOOKS_READ = "webhooks:read", gettext_lazy("Look at webhooks and their deliveries")
    WEBHOOKS_WRITE = "webhooks:write", gettext_lazy("Set up webhooks, test and repeat them")
    USERS_READ = "users:read", gettext_lazy("Look at the team")
    TRAIL_READ = "trail:read", gettext_lazy("Look at who changed what")


class BadToken(Exception):
    """No such token, or it is revoked, at its end, or its user may not log in any more."""


class WrongToken(Exception):
    """A token cannot be made like this; `errors` says why, by field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


@dataclass(frozen=True)
class Made:
    """A new token and its `secret`, which is told now and never again."""

    token: ApiToken
    secret: str


def create(user: User, name: str, scopes: Collection[str], *, days: int | None, now: datetime) -> Made:
    """Make a token that ends after `days` (None: never) and return it with its secret. Raises WrongToken."""
    clean, errors = _name(name), {}
    if not 0 < len(clean) <= 80:
        errors["name"] = _("A name has 1 to %(limit)d characters.") % {"limit": 80}
    if not scopes or set(scopes) - set(TokenScope.values):
        errors["scopes"] = _("Choose what the token may do.")
    if days is not None and not 0 < days <= 3650:
        errors["days"] = _("Choose a time from the list.")
    if living(user, now).count() >= MOST:
        errors["name"] = _("You have %(most)d tokens. Revoke one that is not used any more.") % {"most": MOST}
    if errors:
        raise WrongToken(errors)
    secret = BEGINS + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=clean,
        prefix=secret[:_PREFIX],
        digest=_digest(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=now + timedelta(days=days) if days else None,
    )
    return Made(token, secret)


def _name(typed: str) -> str:
    try:
        return clean_line(typed)
    except ForbiddenCharacter:
        return ""


def _digest(secret: str) -> str:
    """A token has 256 random bits: a plain hash cannot be turned back, and finds its row by an index."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def living(user: User, now: datetime) -> QuerySet[ApiToken]:
    """Return the tokens of `user` that work now."""
    return ApiToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), user=user, revoked_at=None)


def shown_to(user: User) -> QuerySet[ApiToken]:
    """Return the tokens `user` may see and revoke: her own, an admin everybody's."""
    rows = ApiToken.objects.select_related("user")
    return rows if may(user, Action.USER_EDIT) else rows.filter(user=user)


def found(secret: str, now: datetime) -> ApiToken:
    """Return the living token of this secret with its user, and note that it was used. Raises BadToken."""
    token = ApiToken.objects.select_related("user").filter(digest=_digest(secret)).first()
    if token is None or token.revoked_at or not token.user.is_active:
        raise BadToken
    if token.expires_at is not None and token.expires_at <= now:
        raise BadToken
    if token.last_used_at is None or token.last_used_at < now - _USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def revoke(token: ApiToken, *, now: datetime) -> bool:
    """End a token at once and return whether it worked until now. A repeat is harmless."""
    return bool(ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now))
