"""Who is told of whom: owners of theirs, roles of all whom they may see; one notice for many people."""

import pytest

from contacts.people.models import Contact
from crm.team.models import Notice, Role, User


@pytest.fixture
def team(db):
    roles = {"rob": Role.SALES_REP, "rita": Role.SALES_REP, "mina": Role.MARKETER}
    return {
        name: User.objects.create_user(f"{name}@team.example", name=name.title(), role=role, language="en")
        for name, role in roles.items()
    }


@pytest.fixture
def people(team):
    owners = {"Ann": team["rob"], "Bob": team["rob"], "Cid": team["rita"], "Dan": None}
    return [Contact.objects.create(name=name, owner=owner) for name, owner in owners.items()]


def told():
    return {notice.user.name: notice.text for notice in Notice.objects.all()}


def test_owners_are_told_of_theirs_and_the_role_of_those_without(outlets, people):
    settings = {"whom": "owner", "role": "marketer", "message": "Call them", "by_mail": True}
    assert outlets("notify", settings, people) == ["next"] * 4
    assert told() == {
        "Rob": "Call them (Ann and 1 more)", "Rita": "Call them (Cid)", "Mina": "Call them (Dan)",
    }  # fmt: skip
    assert set(Notice.objects.values_list("state", flat=True)) == {"ready"}
    assert Notice.objects.get(user__name="Rita").url.endswith(f"/{people[2].pk}/")


def test_a_rep_is_told_of_nobody_she_may_not_see(outlets, people):
    outlets("notify", {"whom": "role", "role": "sales_rep", "message": "Look"}, people[:3])
    assert told() == {"Rob": "Look (Ann and 1 more)", "Rita": "Look (Cid)"}
    assert set(Notice.objects.values_list("state", flat=True)) == {"done"}


def test_colleague_who_left_is_told_nothing(outlets, people, team):
    settings = {"whom": "user", "user": team["mina"].pk, "message": "Look"}
    outlets("notify", settings, people)
    assert told() == {"Mina": "Look (Ann and 3 more)"}


def test_whom_is_asked_for(db):
    from journeys.steps.notify import NOTIFY

    assert set(NOTIFY.read({"whom": "user", "message": "x"}).errors) == {"user"}
    assert set(NOTIFY.read({"whom": "role", "message": "x"}).errors) == {"role"}
