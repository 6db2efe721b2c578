"""Log-in: what is said, what is counted, where it leads."""

import pytest
from django.urls import reverse

from crm.team.models import Role, User
from crm.team.throttle import LOGIN_ADDRESS
from tests.team.conftest import PASSWORD

LOGIN = "/team/login/"


def _try(client, email, password=PASSWORD, **extra):
    return client.post(LOGIN, {"username": email, "password": password, **extra})


def test_log_in_by_address_in_any_case_leads_home(client, team):
    answer = _try(client, "ADMIN@example.com")
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.session["_auth_user_id"] == str(team[Role.ADMIN].pk)


def test_log_in_leads_back_but_never_elsewhere(client, team):
    assert _try(client, "admin@example.com", next="/team/profile/").url == "/team/profile/"
    client.logout()
    assert _try(client, "admin@example.com", next="https://evil.example/").url == "/"


@pytest.mark.parametrize(("email", "password"), [("nobody@example.com", PASSWORD), ("admin@example.com", "wrong")])
def test_refusal_says_the_same_for_unknown_wrong_and_locked_out(client, team, email, password):
    User.objects.filter(role=Role.ANALYST).update(is_active=False)
    expected = "This address and password do not belong together. Check both, or reset the password."
    for tried in ((email, password), ("analyst@example.com", PASSWORD)):
        answer = _try(client, *tried)
        assert answer.context["form"].non_field_errors() == [expected]
    assert "_auth_user_id" not in client.session


def test_ninth_try_is_refused_even_with_the_right_password(client, team):
    for _ in range(LOGIN_ADDRESS.tries):
        _try(client, "admin@example.com", "wrong")
    answer = _try(client, "admin@example.com")
    assert answer.context["form"].non_field_errors() == ["Too many tries. Wait 15 minutes, then try again."]
    assert "_auth_user_id" not in client.session
    assert _try(client, "marketer@example.com").status_code == 302


def test_success_clears_the_count(client, team):
    for _ in range(3):
        for _ in range(LOGIN_ADDRESS.tries - 1):
            _try(client, "admin@example.com", "wrong")
        assert _try(client, "admin@example.com").status_code == 302
        client.logout()


def test_log_out_is_a_post(client, alice):
    client.force_login(alice)
    assert client.get(reverse("team:logout")).status_code == 405
    assert "_auth_user_id" in client.session
    answer = client.post(reverse("team:logout"))
    assert (answer.status_code, answer.url) == (302, LOGIN)
    assert "_auth_user_id" not in client.session


def test_header_of_a_client_does_not_change_its_network(client, team, settings):
    settings.BEHIND_PROXY = False
    for number in range(61):
        client.post(
            LOGIN,
            {"username": f"guess{number}@example.com", "password": "x"},
            headers={"X-Forwarded-For": f"198.51.{number}.1"},
        )
    answer = _try(client, "admin@example.com")
    assert answer.context["form"].non_field_errors() == ["Too many tries. Wait 15 minutes, then try again."]
