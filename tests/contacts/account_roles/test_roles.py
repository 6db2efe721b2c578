"""Roles in accounts are rows: read from words, renamed, moved, deleted; a wrong one changes nothing."""

import pytest

from contacts.account_roles import roles
from contacts.account_roles.models import AccountRole
from contacts.errors import Invalid, NameTaken
from contacts.models import Contact

pytestmark = pytest.mark.django_db


def keys():
    return list(AccountRole.objects.values_list("key", flat=True))


def test_five_roles_ship_in_both_languages():
    assert keys() == ["decision_maker", "influencer", "user", "champion", "buyer"]
    assert AccountRole.objects.get(key="buyer").name_ko == "구매 담당자"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Decision maker", ["decision_maker"]),
        ("의사 결정자, Champion", ["decision_maker", "champion"]),
        ("BUYER; buyer / 사용자", ["buyer", "user"]),
        ("  ", []),
    ],
)
def test_words_are_read_by_key_and_both_names(text, found):
    assert roles.read(text, roles.by_word()) == found


def test_unknown_word_is_named():
    with pytest.raises(roles.UnknownRole, match="wizard"):
        roles.read("buyer, wizard", roles.by_word())


def test_own_roles_get_a_key_of_their_own_and_keep_it():
    one, two = roles.add("Board member", "이사회"), roles.add("감사", "")
    assert (one.key, two.key) == ("board_member", "role")
    assert roles.rename(one, "Director", "").key == "board_member"
    roles.move_up(two)
    assert keys() == ["decision_maker", "influencer", "user", "champion", "buyer", "role", "board_member"]
    roles.move_up(AccountRole.objects.get(key="decision_maker"))
    assert keys()[0] == "decision_maker"


@pytest.mark.parametrize("name", ["", "a" * 61, "buyer, user", "a\nb", "BUYER"])
def test_wrong_name_changes_nothing(name):
    with pytest.raises((Invalid, NameTaken)):
        roles.add(name, "")
    with pytest.raises((Invalid, NameTaken)):
        roles.rename(AccountRole.objects.get(key="user"), name, "")
    assert set(AccountRole.objects.values_list("name", flat=True)) == {
        "Decision maker", "Influencer", "User", "Champion", "Buyer",
    }  # fmt: skip


def test_deleting_takes_the_role_from_everyone_and_from_nobody_else_theirs(person, monkeypatch):
    monkeypatch.setattr(roles, "RANGE", 1)
    both = person(name="a", account_roles=("buyer", "user"))
    one, other = person(name="b", account_roles=("buyer",)), person(name="c", account_roles=("user",))
    assert roles.used() == {"buyer": 2, "user": 2}
    roles.delete(AccountRole.objects.get(key="buyer"))
    held = dict(Contact.objects.values_list("pk", "account_roles"))
    assert held == {both.pk: ["user"], one.pk: [], other.pk: ["user"]}
    assert "buyer" not in keys()


def test_profile_with_an_unknown_role_is_refused(person):
    with pytest.raises(Invalid, match="wizard"):
        person(name="a", account_roles=("wizard",))
    assert Contact.objects.count() == 0


def test_pages_add_once_rename_and_delete(team, as_, person):
    client = as_(team.mina)
    person(name="a", account_roles=("user",))
    token = "0f0e0d0c-0000-4000-8000-000000000001"
    for _ in range(2):
        assert (
            client.post("/settings/roles/", {"name": "Gatekeeper", "name_ko": "문지기", "token": token}).status_code
            == 302
        )
    role = AccountRole.objects.get(key="gatekeeper")
    assert client.post("/settings/roles/", {"name": "Buyer"}).status_code == 400
    assert client.post(f"/settings/roles/{role.pk}/", {"name": "Guard"}).status_code == 302
    assert client.post(f"/settings/roles/{role.pk}/", {"name": ""}).status_code == 400
    assert client.post(f"/settings/roles/{role.pk}/up/").status_code == 302
    assert keys()[-2:] == ["gatekeeper", "buyer"]
    page = client.get("/settings/roles/").content.decode()
    assert "Guard" in page
    assert '/people/?role=user">1</a>' in page
    assert client.post(f"/settings/roles/{role.pk}/delete/").status_code == 302
    assert "gatekeeper" not in keys()
