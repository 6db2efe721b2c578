"""Find anything: people, campaigns and pages, each only as far as the reader may see."""

import pytest

from campaigns.campaign.models import Campaign
from contacts.people.address import email_key
from contacts.people.models import Contact
from crm.home import search
from crm.team.models import Role, User


@pytest.fixture
def bob(db) -> User:
    return User.objects.create_user("bob@example.com", name="Bob", role=Role.SALES_REP)


@pytest.fixture
def alice(bob) -> User:
    alice = User.objects.create_user("alice@example.com", name="Alice", role=Role.ADMIN)
    for n, (name, owner) in enumerate([("김서연", alice), ("김서준", bob), ("Users Anonymous", None)]):
        address = f"p{n}@example.com"
        Contact.objects.create(name=name, email=address, email_key=email_key(address), owner=owner)
    Campaign.objects.create(name="김장철 소식")
    return alice


def _found(user: User, text: str) -> dict[str, list[str]]:
    return {str(group.label): [hit.label for hit in group.hits] for group in search.find(user, text)}


def test_people_campaigns_and_pages(alice, bob):
    assert _found(alice, "김") == {"People": ["김서연", "김서준"], "Campaigns": ["김장철 소식"]}
    assert _found(bob, "김") == {"People": ["김서준"], "Campaigns": ["김장철 소식"]}
    assert _found(alice, "users") == {"People": ["Users Anonymous"], "Pages": ["Users"]}
    assert _found(bob, "USERS") == {"People": ["Users Anonymous"]}


def test_initial_consonants_find_people(alice):
    assert _found(alice, "ㄱㅅㅈ")["People"] == ["김서준"]


@pytest.mark.parametrize("text", ["%", "_", "\x00", "'", "a" * 5000, "ㅋ", "\\"])
def test_odd_text_finds_nothing_and_breaks_nothing(client, alice, text):
    client.force_login(alice)
    answer = client.get("/search/", {"q": text})
    assert answer.status_code == 200
    assert 'data-count="0"' in answer.content.decode() or text == "\x00"
