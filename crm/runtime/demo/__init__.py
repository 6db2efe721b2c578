"""Demo data: a log-in per role, and what they work with. `load` is called by `manage.py run` on the first start."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from crm.team.models import Role, User

PEOPLE = [
    (Role.ADMIN, "admin@wayfare.example", "한지민"),
    (Role.MARKETER, "marketer@wayfare.example", "Emma Park"),
    (Role.SALES_REP, "sales@wayfare.example", "김도윤"),
    (Role.CUSTOMER_SUCCESS, "success@wayfare.example", "Noah Lee"),
    (Role.ANALYST, "analyst@wayfare.example", "최서연"),
]


@transaction.atomic
def load(now: datetime) -> bool:  # noqa: ARG001 - people come with a past
    """Fill an install in which nobody can log in yet; return whether it did. A repeat does nothing."""
    if User.objects.exists():
        return False
    for role, email, name in PEOPLE:
        User.objects.create_user(email, settings.DEMO_PASSWORD, name=name, role=role, language="en")
    return True
