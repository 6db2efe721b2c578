"""The first admin: made once, by whoever comes first, and never again."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from crm.team import first_admin
from crm.team.company import company
from crm.team.models import Role, User

GIVEN = {"name": "한지민", "company": "온노트", "email": "Jimin@Wayfare.example", "password": "correct horse battery"}


@pytest.mark.django_db
def test_empty_install_leads_to_the_page_and_the_admin_is_logged_in(client: Client) -> None:
    assert client.get("/team/login/").headers["Location"] == "/team/first-admin/"
    assert client.get("/team/first-admin/").status_code == 200
    answer = client.post("/team/first-admin/", GIVEN)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    user = User.objects.get()
    assert (user.email, user.name, user.role) == ("jimin@wayfare.example", "한지민", Role.ADMIN)
    assert company().name == "온노트"
    assert user.check_password(GIVEN["password"])
    assert client.get("/").status_code == 200


@pytest.mark.django_db
def test_page_is_gone_once_there_is_a_user(client: Client) -> None:
    User.objects.create_user("a@wayfare.example", "x", name="Alice")
    for answer in (client.get("/team/first-admin/"), client.post("/team/first-admin/", GIVEN)):
        assert answer.headers["Location"] == "/team/login/"
    assert User.objects.count() == 1
    assert client.get("/team/login/").status_code == 200


@pytest.mark.django_db
def test_server_in_production_never_shows_the_page(client: Client, settings) -> None:
    settings.EMBEDDED = False
    assert client.post("/team/first-admin/", GIVEN).headers["Location"] == "/team/login/"
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong", [{"email": "jimin"}, {"name": ""}, {"company": " "}, {"password": "short"}, {"password": "1234567890"}]
)
def test_wrong_entry_is_told_and_makes_nobody(client: Client, wrong: dict[str, str]) -> None:
    answer = client.post("/team/first-admin/", GIVEN | wrong)
    assert list(answer.context["form"].errors) == list(wrong)
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_admin() -> None:
    both = Barrier(2)

    def become(number: int) -> bool:
        both.wait()
        try:
            first_admin.create(f"Person {number}", "OnNote", f"p{number}@wayfare.example", "correct horse", "ko")
        except first_admin.NotFirstError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(become, range(2))) == [False, True]
    assert User.objects.count() == 1
