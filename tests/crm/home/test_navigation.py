"""The navigation: every entry leads somewhere, each role sees what the matrix grants, nobody sees a dead end."""

import pytest

from crm.home.navigation import NAVIGATION, entries_for
from crm.team.models import Role, User
from crm.team.permissions import may

ENTRIES = [entry for group in NAVIGATION for entry in group.entries]


@pytest.fixture
def people(db) -> dict[Role, User]:
    return {role: User.objects.create_user(f"{role}@example.com", name=str(role), role=role) for role in Role}


def test_entries_are_of_their_own_and_lead_to_pages():
    assert len({entry.url for entry in ENTRIES}) == len(ENTRIES)


def test_phone_bar_has_room_for_all(people):
    for user in people.values():
        shown = [entry for group in entries_for(user) for entry in group.entries if entry.phone]
        assert 1 <= len(shown) <= 4


@pytest.mark.parametrize("role", list(Role))
def test_role_sees_exactly_what_it_may_open_and_each_opens(client, people, role):
    user = people[role]
    seen = {entry.url for group in entries_for(user) for entry in group.entries}
    assert seen == {entry.url for entry in ENTRIES if entry.action is None or may(user, entry.action)}
    client.force_login(user)
    html = client.get("/").content.decode()
    for entry in ENTRIES:
        assert (f'href="{entry.url}"' in html) == (entry.url in seen and not entry.demo)  # no demo is here
        status = client.get(entry.url).status_code
        assert (status == 200) == (entry.url in seen), f"{role} {entry.url}: {status}"


def test_one_entry_is_current(client, people):
    client.force_login(people[Role.ADMIN])
    for entry in ENTRIES:
        if entry.demo:
            continue
        html = client.get(entry.url).content.decode()
        side = html[html.index('id="navigation"') :].partition("</nav>")[0]
        assert side.count('aria-current="page"') == 1, entry.url
        assert f'href="{entry.url}" aria-current="page"' in side


def test_groups_without_entries_are_not_drawn(people):
    assert all(group.entries for user in people.values() for group in entries_for(user))
