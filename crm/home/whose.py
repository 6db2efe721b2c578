"""Whose people a number is about: the key under which an answer may be kept for more than one reader."""

from crm.team.models import User
from crm.team.permissions import Action, Scope, scope


def whose(user: User) -> str:
    """Return a key for the set of people `user` may see: one for all who see everybody, one for each other user."""
    return "all" if scope(user, Action.CONTACT_VIEW) is Scope.ALL else f"own-{user.pk}"
