"""Log-in by e-mail, with the Django admin's permissions answered by the one matrix."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model

from crm.team.models import Role, User
from crm.team.permissions import ADMIN_DOORS, may


class RoleBackend(ModelBackend):
    """Checks passwords as Django does; permissions come from the role, never from groups or single grants."""

    def has_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Answer "app.verb_model", as the admin asks; an admin may all, others what ADMIN_DOORS opens to them."""
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return False
        if user_obj.role == Role.ADMIN:
            return True
        app, _dot, codename = perm.partition(".")
        verb, _line, model = codename.partition("_")
        door = ADMIN_DOORS.get(f"{app}.{model}")
        return door is not None and may(user_obj, door.view if verb == "view" else door.edit)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Tell whether any model of the app is open to the user in the admin."""
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return False
        doors = [door for label, door in ADMIN_DOORS.items() if label.startswith(f"{app_label}.")]
        return user_obj.role == Role.ADMIN or any(may(user_obj, door.view) for door in doors)

    def get_all_permissions(self, _user: User | AnonymousUser, _obj: Model | None = None) -> set[str]:
        """Return nothing: no single grants exist here; ask has_perm."""
        return set()
