"""Find anything: people, things, actions and pages, each only as far as the reader may see."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from campaigns.campaign.models import Campaign
from campaigns.templating.models import MailTemplate
from contacts.commerce.models import Order, Product
from contacts.lists.models import FixedList, Tag
from contacts.people.address import email_key
from contacts.people.models import Account, Contact
from crm.home.search.finding import find
from crm.team.models import Role, TrailEntry, User
from journeys.journey.models import Journey

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


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


@pytest.fixture
def things(alice) -> None:
    """One of each kind, all named alike."""
    Account.objects.create(name="가을상사", name_key="가을상사")
    FixedList.objects.create(name="가을 명단")
    Tag.objects.create(name="가을")
    Campaign.objects.create(name="가을 소식")
    MailTemplate.objects.create(name="가을 메일")
    Journey.objects.create(name="가을 여정", draft={})
    Product.objects.create(key="FALL", name="가을 노트")
    for number, owner in enumerate(("김서연", "김서준")):
        person = Contact.objects.get(name=owner)
        Order.objects.create(key=f"A-100{number}", contact=person, placed_at=NOW, total=5, currency="KRW")


def _found(user: User, text: str) -> dict[str, list[str]]:
    """Return what is found but for the guide, in which a word may stand anywhere."""
    return {str(group.label): [hit.label for hit in group.hits] for group in find(user, text) if group.label != "Help"}


def test_people_campaigns_and_pages(alice, bob):
    assert _found(alice, "김") == {"People": ["김서연", "김서준"], "Campaigns": ["김장철 소식"]}
    assert _found(bob, "김") == {"People": ["김서준"], "Campaigns": ["김장철 소식"]}
    assert _found(alice, "users") == {"People": ["Users Anonymous"], "Pages": ["Users"]}
    assert _found(bob, "USERS") == {"People": ["Users Anonymous"]}


def test_initial_consonants_find_people(alice):
    assert _found(alice, "ㄱㅅㅈ")["People"] == ["김서준"]


EVERYTHING = {
    "Accounts": ["가을상사"],
    "Lists": ["가을 명단"],
    "Tags": ["가을"],
    "Campaigns": ["가을 소식"],
    "Mail templates": ["가을 메일"],
    "Journeys": ["가을 여정"],
    "Products": ["가을 노트"],
}


@pytest.mark.parametrize("text", ["가을", "ㄱㅇ"])
def test_things_are_found_by_name_and_by_initial_consonants(alice, things, text):
    assert _found(alice, text) == EVERYTHING


def test_things_are_found_by_permission(bob, things):
    open_to_reps = {"Accounts", "Lists", "Tags", "Campaigns", "Products"}
    assert set(_found(bob, "가을")) == open_to_reps


def test_orders_are_found_by_number_as_far_as_their_people_are(alice, bob, things):
    assert sorted(_found(alice, "a-100")["Orders"]) == ["A-1000", "A-1001"]
    assert _found(bob, "A-100") == {"Orders": ["A-1001"]}
    assert "Orders" not in _found(alice, "A-")


def test_actions_are_offered_by_permission_and_only_where_they_change_something(alice, bob):
    User.objects.filter(pk=bob.pk).update(theme="dark")
    bob.refresh_from_db()
    of_bob, of_alice = _found(bob, "")["Actions"], _found(alice, "")["Actions"]
    assert "New campaign" in of_alice
    assert "New campaign" not in of_bob
    assert "Add a person" in of_bob
    assert "Switch to dark" in of_alice
    assert "Switch to dark" not in of_bob
    assert _found(bob, "log o")["Actions"] == ["Log out"]


def test_korean_reader_finds_actions_and_pages_by_both_languages_and_initials(alice):
    with translation.override("ko"):
        for text in ("캠페인", "campaign", "ㅋㅍㅇ"):
            found = {str(group.label): [hit.label for hit in group.hits] for group in find(alice, text)}
            assert "캠페인" in found["페이지"], text
            assert any("캠페인" in label for label in found["작업"]), text


def test_last_changed_things_come_first_as_far_as_they_are_visible(alice, bob):
    kim, jun = Contact.objects.get(name="김서연"), Contact.objects.get(name="김서준")
    campaign = Campaign.objects.get()
    rows = [
        ("contact", kim.pk, ""),
        ("campaign", campaign.pk, "김장철 소식"),
        ("contact", jun.pk, ""),
        ("user", 1, "x"),
    ]
    for user in (alice, bob):
        for kind, number, label in rows:
            TrailEntry.objects.create(
                at=NOW, by=user, door="page", kind=kind, object_id=number, label=label, verb="changed"
            )
    assert [hit.label for hit in find(bob, "")[0].hits] == ["김서준", "김장철 소식"]
    assert [hit.label for hit in find(alice, "")[0].hits][-3:] == ["김서준", "김장철 소식", "김서연"]


@pytest.mark.parametrize("text", ["가을", "", "ㄱㅇ", "A-1000"])
def test_search_costs_at_most_fifteen_queries(client, alice, things, text):
    client.force_login(alice)
    client.get("/search/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/search/", {"q": text})
    assert len(asked) <= 15


def test_theme_is_switched_and_the_page_stays(client, alice):
    client.force_login(alice)
    page = client.get("/search/", {"q": "dark"}, headers={"X-Search": "1", "Referer": "http://testserver/people/"})
    assert 'name="next" value="http://testserver/people/"' in page.content.decode()
    answer = client.post("/team/preferences/", {"theme": "dark", "next": "http://testserver/people/"})
    assert answer.url == "http://testserver/people/"
    alice.refresh_from_db()
    assert alice.theme == "dark"


@pytest.mark.parametrize("text", ["%", "_", "\x00", "'", "a" * 5000, "ㅋ", "\\", "ㄳㄳ", "(?!", "[", "가ㄱ%"])
def test_odd_text_finds_nothing_and_breaks_nothing(client, alice, text):
    client.force_login(alice)
    answer = client.get("/search/", {"q": text})
    assert answer.status_code == 200
    assert 'data-count="0"' in answer.content.decode() or text == "\x00"


def _help(user: User, text: str) -> list[tuple[str, str]]:
    groups = [group for group in find(user, text) if str(group.label) in ("Help", "도움말")]
    return [(hit.label, hit.url) for group in groups for hit in group.hits]


def test_topics_of_the_guide_are_found_in_the_readers_language_and_open_at_their_place(client, alice, bob):
    assert _help(alice, "protect your own")[0] == ("Protect your own log-in", "/help/admin/#protect-your-own-log-in")
    assert _help(alice, "p") == []
    assert len(_help(alice, "people")) == 4
    with translation.override("ko"):
        (label, url) = _help(alice, "내 로그인부터")[0]
    assert (label, url) == ("내 로그인부터 지키기", "/help/admin/#내-로그인부터-지키기")
    client.force_login(alice)
    assert 'id="protect-your-own-log-in"' in client.get("/help/admin/").content.decode()


def test_help_and_exports_are_found_by_name(alice, bob):
    assert "Help" in _found(bob, "hel")["Actions"]
    assert _found(alice, "exports")["Pages"] == ["Exports"]
    assert "Pages" not in _found(bob, "exports")
