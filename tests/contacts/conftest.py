"""Colleagues and people for the tests of contacts: Alice (admin), Mina (marketer), Rob and Rita (reps), Cleo, Ana."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from contacts.people import profile
from contacts.people.profile import Profile
from crm.team.models import Role, User

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def team(db):
    roles = {
        "alice": Role.ADMIN,
        "mina": Role.MARKETER,
        "rob": Role.SALES_REP,
        "rita": Role.SALES_REP,
        "cleo": Role.CUSTOMER_SUCCESS,
        "ana": Role.ANALYST,
    }
    return SimpleNamespace(
        **{
            key: User.objects.create_user(f"{key}@team.example", "pw-pw-pw-pw", name=key.title(), role=role)
            for key, role in roles.items()
        }
    )


@pytest.fixture
def person(team):
    """Make a contact: person(name="김철수", owner=team.rob)."""

    def make(owner=None, **fields):
        return profile.create(Profile(**fields), owner=owner, by=team.alice, now=NOW)

    return make


@pytest.fixture
def crowd(person, team):
    """Four people: one of Rob, one of Rita, one of nobody, one anonymous visitor by phone."""
    return SimpleNamespace(
        kim=person(team.rob, name="김철수", email="cs.kim@hanbit.example.com", phone="010-1234-5678", company="㈜한빛"),
        lee=person(
            team.rita, name="이영희", email="yh.lee@nuri.example.com", city="부산", language="ko", source="form"
        ),
        park=person(name="Emma Park", email="emma@park.example.com", company="Park_100% Ltd."),
        caller=person(name="apple", phone="02-312-3456"),
    )


@pytest.fixture
def as_(client):
    """Log a colleague in: as_(team.rob).get(...)."""

    def log_in(user):
        client.force_login(user)
        return client

    return log_in
