"""A small team: one person of each role."""

import pytest

from crm.team.models import Role, User

PASSWORD = "harbour-lantern-42"
NAMES = {
    Role.ADMIN: "Alice Han",
    Role.MARKETER: "Emma Park",
    Role.SALES_REP: "김도윤",
    Role.CUSTOMER_SUCCESS: "Noah Lee",
    Role.ANALYST: "최서연",
}


@pytest.fixture
def team(db) -> dict[Role, User]:
    return {
        role: User.objects.create_user(f"{role}@example.com", PASSWORD, name=name, role=role)
        for role, name in NAMES.items()
    }


@pytest.fixture
def alice(team) -> User:
    return team[Role.ADMIN]
