"""What the API answers when it refuses: RFC 9457 problem details, for every error there is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from campaigns.campaign.errors import CampaignError, LaunchRefused, StaleCampaign
from campaigns.templating.errors import TemplateError
from contacts.consent.record import WrongClaim
from contacts.errors import AddressTaken, ContactsError, Invalid, NameTaken, StaleEdit, TooMany
from contacts.everybody import TooSlow
from contacts.identity.merge import WrongMerge
from contacts.imports.errors import ImportProblem
from contacts.ledger.errors import LedgerError
from contacts.people.filters import BadFilter
from contacts.segments.errors import BadRule
from contacts.segments.uses import InUse
from crm.kit.text import ForbiddenCharacter
from journeys.errors import BadGraph, JourneyError, PublishRefused

MEDIA_TYPE = "application/problem+json"
DOCS = "/api/docs/#error-"
# The kinds of refusals, with their status: what `type` ends in, and a section of the docs page.
STATUS = {
    "invalid": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "conflict": 409,
    "stale": 409,
    "key-in-use": 409,
    "too-large": 413,
    "unsupported-type": 415,
    "refused": 422,
    "key-reused": 422,
    "too-many-requests": 429,
    "fault": 500,
}


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong: `path` leads to it, such as contacts.3.email, empty for the whole."""

    path: str
    message: str


@dataclass(eq=False)
class Refusal(Exception):
    """A request is refused; nothing was changed. `kind` is a key of STATUS, `more` further members of the problem."""

    kind: str
    detail: str
    errors: tuple[Wrong, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.detail

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS[self.kind]

    def body(self) -> dict[str, Any]:
        """Return the problem as JSON values."""
        errors = [{"path": wrong.path, "message": wrong.message} for wrong in self.errors]
        found = {"type": DOCS + self.kind, "title": title(self.kind), "status": self.status, "detail": self.detail}
        return {**found, "errors": errors, **self.more}


def title(kind: str) -> str:
    """Return a kind of refusal in words."""
    return {
        "invalid": _("The request is not right"),
        "unauthenticated": _("Who asks is not known"),
        "forbidden": _("This is not allowed"),
        "not-found": _("There is no such thing"),
        "method-not-allowed": _("This cannot be done here"),
        "conflict": _("This conflicts with what is there"),
        "stale": _("Somebody else was quicker"),
        "key-in-use": _("The first request with this key is still running"),
        "too-large": _("The request is too large"),
        "unsupported-type": _("The body is no JSON"),
        "refused": _("This cannot be done as things stand"),
        "key-reused": _("The key belongs to another request"),
        "too-many-requests": _("Too many requests"),
        "fault": _("Something went wrong on our side"),
    }[kind]


def invalid(path: str, message: str) -> Refusal:
    """Return a refusal for one wrong value."""
    return Refusal("invalid", message, (Wrong(path, message),))


def stale(current: Mapping[str, Any]) -> Refusal:
    """Return the refusal of a change to a row that somebody else saved since; `current` is as it stands."""
    text = _("Somebody saved this in the meantime. Nothing was overwritten: look at `current`, then decide.")
    return Refusal("stale", text, more={"current": current})


def answer(refusal: Refusal) -> Response:
    """Return the response of a refusal."""
    return Response(refusal.body(), refusal.status, content_type=MEDIA_TYPE, headers=dict(refusal.headers))


def handler(error: Exception, _context: Mapping[str, Any]) -> Response | None:
    """Return the problem for an error that a request ended in; None for a fault of ours (DRF's hook)."""
    refusal = refusal_of(error)
    return answer(refusal) if refusal else None


def refusal_of(error: Exception) -> Refusal | None:
    """Return the refusal that an error means, None for one that is a fault of ours."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, exceptions.APIException | Http404 | PermissionDenied | BadRequest):
        return _of_frame(error)
    return _of_domain(error)


def _of_frame(error: Exception) -> Refusal:
    if isinstance(error, exceptions.ValidationError):
        errors = tuple(_flat(error.detail, ""))
        return Refusal("invalid", _said(errors), errors)
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return Refusal("unauthenticated", str(error.detail), headers={"WWW-Authenticate": "Bearer"})
    if isinstance(error, exceptions.PermissionDenied | PermissionDenied):
        return Refusal("forbidden", str(error) or _("You may not do this."))
    if isinstance(error, Http404 | exceptions.NotFound):
        return Refusal("not-found", _("There is nothing at this address that you may see."))
    if isinstance(error, exceptions.MethodNotAllowed):
        return Refusal("method-not-allowed", _("This address does not take this method."))
    return Refusal("invalid", str(error))


def _flat(detail: Any, path: str) -> Iterator[Wrong]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = str(name) != "non_field_errors"
            yield from _flat(inner, ".".join(filter(None, [path, str(name) if own else ""])))
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _flat(inner, f"{path}.{place}".lstrip(".") if nested else path)
    else:
        yield Wrong(path, str(detail))


def _said(errors: tuple[Wrong, ...]) -> str:
    first = errors[0] if errors else Wrong("", _("Something is wrong."))
    return f"{first.path}: {first.message}" if first.path else first.message


# What errors of the domain mean, the first that fits.
_MEANING: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((AddressTaken, NameTaken, InUse, WrongMerge), "conflict"),
    ((StaleEdit, StaleCampaign), "stale"),
    ((LaunchRefused, PublishRefused, TooMany, TooSlow, TemplateError, ImportProblem), "refused"),
    ((Invalid, BadRule, BadFilter, BadGraph, ForbiddenCharacter, WrongClaim, LedgerError), "invalid"),
    ((CampaignError, JourneyError), "conflict"),
    ((ContactsError,), "refused"),
)


def _of_domain(error: Exception) -> Refusal | None:
    for meant, kind in _MEANING:
        if isinstance(error, meant):
            return Refusal(kind, str(error), _errors(error))
    return None


def _errors(error: Exception) -> tuple[Wrong, ...]:
    if isinstance(error, Invalid):
        return tuple(Wrong(name, text) for name, text in error.errors.items())
    if isinstance(error, BadRule):
        return tuple(Wrong(_place(problem.path), problem.message) for problem in error.problems)
    if isinstance(error, BadGraph | PublishRefused):
        return tuple(Wrong(_drawn(one.at, one.field), one.message) for one in error.problems)
    if isinstance(error, TemplateError):
        return (Wrong(".".join(filter(None, ["draft", error.part])), str(error)),)
    if isinstance(error, LaunchRefused):
        return tuple(Wrong(one.code, one.message) for one in error.problems)
    return ()


def _drawn(*path: str) -> str:
    return ".".join(["drawing", *filter(None, path)])


def _place(path: tuple[str | int, ...]) -> str:
    return ".".join(["definition", *map(str, path)])
