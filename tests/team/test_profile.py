"""Profile and preferences: what a person may change about herself, and that it counts at once."""

import pytest
from django.test import Client

from crm.team.models import Role, User

GOOD = {
    "name": "한지민",
    "title": "팀장",
    "phone": "010-1234-5678",
    "language": "ko",
    "time_zone": "Europe/Berlin",
    "theme": "dark",
}


@pytest.fixture
def signed_in(client, alice) -> Client:
    client.force_login(alice)
    return client


def _kept(user) -> dict:
    return User.objects.filter(pk=user.pk).values(*GOOD, "role", "email").get()


def test_profile_is_kept_and_counts_at_once(signed_in, alice):
    answer = signed_in.post("/team/profile/", {**GOOD, "role": "analyst", "email": "x@example.com"}, follow=True)
    assert _kept(alice) == {**GOOD, "role": Role.ADMIN, "email": "admin@example.com"}
    html = answer.content.decode()
    assert '<html lang="ko" data-bs-theme="dark">' in html


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Han\r\nBcc: x@example.com"),
        ("name", ""),
        ("name", "a" * 121),
        ("phone", "010\x00"),
        ("time_zone", "Mars/Olympus"),
        ("language", "xx"),
        ("theme", "neon"),
    ],
)
def test_bad_input_is_named_at_its_field_and_changes_nothing(signed_in, alice, field, value):
    before = _kept(alice)
    answer = signed_in.post("/team/profile/", {**GOOD, field: value})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert _kept(alice) == before


def test_refused_form_keeps_what_was_typed_and_the_header_keeps_the_real_name(signed_in):
    html = signed_in.post("/team/profile/", {**GOOD, "name": "", "title": "새 직함"}).content.decode()
    assert 'value="새 직함"' in html
    assert "Alice Han" in html


def test_name_is_kept_in_normal_form(signed_in, alice):
    signed_in.post("/team/profile/", {**GOOD, "name": "  한지민  "})
    assert _kept(alice)["name"] == "한지민"


def test_preferences_change_theme_and_language_of_the_reader_only(signed_in, team, alice):
    signed_in.post("/team/preferences/", {"theme": "light", "next": "/team/profile/"})
    answer = signed_in.post("/team/preferences/", {"language": "ko", "next": "/team/profile/"})
    assert answer.url == "/team/profile/"
    assert (_kept(alice)["theme"], _kept(alice)["language"]) == ("light", "ko")
    assert set(User.objects.exclude(pk=alice.pk).values_list("theme", "language")) == {("auto", "en")}


@pytest.mark.parametrize("sent", [{"theme": "neon"}, {"language": "xx"}, {"language": "../ko"}, {}])
def test_unknown_preferences_change_nothing(signed_in, alice, sent):
    before = _kept(alice)
    assert signed_in.post("/team/preferences/", sent).status_code == 302
    assert _kept(alice) == before


def test_preferences_lead_to_our_own_pages_only(signed_in):
    assert signed_in.post("/team/preferences/", {"next": "https://evil.example/"}).url == "/"
    assert signed_in.get("/team/preferences/").status_code == 405


def test_guest_chooses_a_language_by_cookie(client, alice):
    client.post("/team/preferences/", {"language": "ko", "theme": "dark"})
    assert '<html lang="ko">' in client.get("/team/login/").content.decode()
