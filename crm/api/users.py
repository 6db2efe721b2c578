"""The team, and whom the token works as."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.api.fields import Body
from crm.api.route import Asked, Door, Listing
from crm.kit.paging import keyset_page
from crm.team.api_tokens import TokenScope
from crm.team.models import Role, User

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
