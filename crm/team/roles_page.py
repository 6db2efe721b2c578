"""The page that says what each role includes: the permission matrix itself, in words."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from crm.team.models import Role, User
from crm.team.permissions import Scope, scope
from crm.team.role_words import HEADINGS


@dataclass(frozen=True)
class Line:
    """One action, and how far each role goes with it, in the order of Role."""

    label: Any
    cells: tuple[Scope, ...]


def table() -> list[tuple[Any, list[Line]]]:
    """Return headings with their lines, read from the matrix that every page asks."""
    roles = [User(role=role) for role in Role]
    return [
        (heading, [Line(label, tuple(scope(user, action) for user in roles)) for action, label in actions])
        for heading, actions in HEADINGS
    ]


@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """Show the roles; everybody may know what hers includes."""
    users = dict(User.objects.filter(is_active=True).order_by().values_list("role").annotate(n=Count("pk")))
    heads = [(role, users.get(role, 0)) for role in Role]
    return render(request, "team/roles.html", {"heads": heads, "table": table(), "own": request.user})
