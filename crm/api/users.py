"""The team, its roles, and whom the token works as. Users are changed in the set-up, by a person."""

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.api.fields import Body
from crm.api.route import Asked, Door, Listing
from crm.kit.paging import keyset_page
from crm.team.api_tokens import TokenScope
from crm.team.models import Role, User
from crm.team.permissions import Action, scope

DOOR = Door("Team", TokenScope.USERS_READ, TokenScope.USERS_READ)


class UserShown(Body):
    """A colleague."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.CharField()
    role = serializers.ChoiceField(Role.values)
    title = serializers.CharField(allow_blank=True)


def _shown(row: User) -> dict[str, Any]:
    return {"id": row.pk, "name": row.name, "email": row.email, "role": row.role, "title": row.title}


@DOOR.get("users", None, _("List colleagues"), gives=UserShown, pages=True)
def list_users(asked: Asked) -> Listing:
    """Return those who may log in, by name."""
    rows = User.objects.filter(is_active=True)
    return Listing.of(keyset_page(rows, ("name", "id"), cursor=asked.cursor, size=asked.size), _shown)


@DOOR.get("me", None, _("Read whom this token works as"), gives=UserShown)
def read_me(asked: Asked) -> dict[str, Any]:
    """Return the token's user."""
    return _shown(asked.user)


class AllowedShown(Body):
    action = serializers.CharField()
    reach = serializers.CharField(help_text=_("own: one’s own people, and people nobody owns; all: everybody."))


class RoleShown(Body):
    """A role, and what it includes."""

    key = serializers.ChoiceField(Role.values)
    name = serializers.CharField()
    users = serializers.IntegerField(help_text=_("How many have it."))
    allowed = AllowedShown(many=True)


class RolesShown(Body):
    roles = RoleShown(many=True)


@DOOR.get("roles", None, _("List roles with what they include"), gives=RolesShown)
def list_roles(asked: Asked) -> dict[str, Any]:  # noqa: ARG001 - everybody may know
    """Return the permission matrix by role."""
    users = dict(User.objects.filter(is_active=True).order_by().values_list("role").annotate(n=Count("pk")))
    return {"roles": [_role(role, users.get(role.value, 0)) for role in Role]}


def _role(role: Role, users: int) -> dict[str, Any]:
    reach = {action: scope(User(role=role), action).value for action in Action}
    allowed = [{"action": action.value, "reach": how} for action, how in reach.items() if how != "none"]
    return {"key": role.value, "name": str(role.label), "users": users, "allowed": allowed}
