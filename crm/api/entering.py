"""Who asks: a token in the Authorization header, or the session of a signed-in reader (then with CSRF's proof)."""

import base64
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from crm.kit import clock
from crm.team import api_tokens
from crm.team.models import ApiToken, User
from crm.team.trail.middleware import say_token


class Token(BaseAuthentication):
    """`Authorization: Bearer wf_…`, or the token as the user's name of Basic, as libraries of track do."""

    def authenticate(self, request: Any) -> tuple[User, ApiToken] | None:
        """Return the user and the token, None without such a header. Raises AuthenticationFailed."""
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() == "basic":
            secret = _user_of(secret)
        elif scheme.lower() != "bearer":
            raise AuthenticationFailed(_("Send the token as: Authorization: Bearer wf_…"))
        try:
            token = api_tokens.found(secret.strip(), clock.now())
        except api_tokens.BadToken as error:
            raise AuthenticationFailed(_("This token does not exist, was revoked, or has ended.")) from error
        say_token(request, token)
        return token.user, token

    def authenticate_header(self, request: Any) -> str:  # noqa: ARG002 - DRF's signature
        """Say how to log in, so that a guest is answered 401."""
        return "Bearer"


def _user_of(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except ValueError:
        return ""


def asker_of(user: User, token: ApiToken | None) -> str:
    """Return by what name requests of one program are counted and remembered."""
    return f"token:{token.pk}" if token else f"user:{user.pk}"
