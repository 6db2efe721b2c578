"""What home says to those who may end it while demo data is there."""

from dataclasses import dataclass

from django.conf import settings

from crm.team import demo
from crm.team.models import User
from crm.team.permissions import Action, may
from crm.team.second_factor.factor import ADMINS, ALL


@dataclass(frozen=True)
class DemoNotice:
    """`without_code`: the demo's log-ins are let off the second factor that others of their role must have."""

    without_code: bool


def for_reader(user: User) -> DemoNotice | None:
    """Return what to say to `user`, None when there is nothing to say to her."""
    if not may(user, Action.SETTINGS_EDIT) or not demo.is_there():
        return None
    return DemoNotice(settings.EMBEDDED and settings.REQUIRE_SECOND_FACTOR in (ADMINS, ALL))
