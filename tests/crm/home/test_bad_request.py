"""An address with a wrong place in a list: one answer at every list, that says what is wrong."""

import pytest

from crm.team.models import Role, User

# Every list that pages by a cursor and needs no row of its own.
LISTS = (
    "/people/", "/accounts/", "/products/", "/orders/", "/imports/", "/leads/", "/campaigns/", "/settings/sending/",
    "/duplicates/", "/duplicates/merged/", "/duplicates/apart/", "/segments/",
)  # fmt: skip


@pytest.fixture
def reader(client, db):
    client.force_login(User.objects.create_user("alice@example.com", name="Alice", role=Role.ADMIN))
    return client


@pytest.mark.parametrize("cursor", ["x", "WzFd", "W3RydWUsIDEsIDIsIDMsIDQsIDUsIDZd"])
@pytest.mark.parametrize("path", LISTS)
def test_wrong_place_in_a_list_is_told(reader, path, cursor):
    answer = reader.get(path, {"cursor": cursor})
    assert answer.status_code == 400, path
    assert "This page of the list does not exist." in answer.content.decode()


def test_host_that_is_not_ours_is_told_nothing(reader):
    answer = reader.get("/people/", headers={"host": "evil.example.com"})
    assert (answer.status_code, answer.content) == (400, b"Bad request\n")
