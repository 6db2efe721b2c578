"""Codes: each once, only around now; recovery codes once; the gate; who must have one."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection

from crm.kit import clock
from crm.team.models import Notice, RecoveryCode, Role, SecondFactor, SignIn, TrailEntry, User
from crm.team.second_factor import factor
from crm.team.throttle import CODE_USER
from tests.team.conftest import PASSWORD
from tests.team.second_factor_codes import code_of

CODE, SET_UP, FACTOR = "/team/login/code/", "/team/second-factor/set-up/", "/team/second-factor/"


@pytest.fixture
def now(monkeypatch):
    """A moment that does not pass while a code is typed."""
    fixed = clock.now()
    monkeypatch.setattr(clock, "now", lambda: fixed)
    return fixed


@pytest.fixture
def key() -> str:
    return factor.new_key()


@pytest.fixture
def emma(team, key, now) -> User:
    """The marketer, with a second factor; the period of the last code is the one before this."""
    user = team[Role.MARKETER]
    user.codes = factor.set_up(user, key, code_of(key, now, -1), now=now)
    return user


def _password(client, user, **extra):
    return client.post("/team/login/", {"username": user.email, "password": PASSWORD, **extra})


def _is_in(client) -> bool:
    return client.get("/team/profile/").status_code == 200


def test_code_of_this_period_works_once(emma, key, now):
    factor.prove(emma, code_of(key, now), now=now)
    with pytest.raises(factor.WrongCode):
        factor.prove(emma, code_of(key, now), now=now)
    with pytest.raises(factor.WrongCode):
        factor.prove(emma, code_of(key, now, -1), now=now)
    factor.prove(emma, code_of(key, now, 1), now=now)


@pytest.mark.parametrize("later", [-2, 2, 100])
def test_code_of_another_time_is_refused_and_changes_nothing(emma, key, now, later):
    before = SecondFactor.objects.get().last_step
    with pytest.raises(factor.WrongCode):
        factor.prove(emma, code_of(key, now, later), now=now)
    assert SecondFactor.objects.get().last_step == before


@pytest.mark.parametrize("typed", ["", "abc", "000", "１２３４５６", "1234567", "\0"])
def test_strange_code_is_refused(emma, now, typed):
    with pytest.raises(factor.WrongCode):
        factor.prove(emma, typed, now=now)
    with pytest.raises(factor.WrongCode):
        factor.recover(emma, typed)
    assert RecoveryCode.objects.count() == 10


def test_recovery_code_works_once_however_it_is_typed(emma, team):
    factor.recover(emma, emma.codes[0].lower().replace("-", " "))
    with pytest.raises(factor.WrongCode):
        factor.recover(emma, emma.codes[0])
    with pytest.raises(factor.WrongCode):
        factor.recover(team[Role.ANALYST], emma.codes[1])
    assert RecoveryCode.objects.count() == 9


def test_codes_are_not_kept_as_they_are(emma):
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM team_recovery_code")
        held = " ".join(digest for (digest,) in cursor.fetchall())
    assert not any(code.replace("-", "") in held for code in emma.codes)
    assert emma.second_factor.key not in str(list(TrailEntry.objects.values()))


def test_password_alone_lets_nobody_in(client, emma, now):
    answer = _password(client, emma, next="/people/")
    assert answer.headers["Location"] == CODE
    assert not _is_in(client)
    assert client.post(CODE, {"code": "000000"}).status_code == 400
    assert not _is_in(client)
    assert [row.how for row in SignIn.objects.all()] == ["wrong_code"]


def test_code_lets_in_and_leads_where_she_wanted(client, emma, key, now):
    _password(client, emma, next="/people/")
    answer = client.post(CODE, {"code": code_of(key, now)})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/people/")
    assert _is_in(client)
    assert SignIn.objects.get().how == "code"


def test_recovery_code_lets_in(client, emma):
    _password(client, emma)
    assert client.post(CODE, {"code": emma.codes[3]}).status_code == 302
    assert _is_in(client)


def test_too_many_codes_close_the_door_for_the_right_one_too(client, emma, key, now):
    _password(client, emma)
    for _ in range(CODE_USER.tries):
        client.post(CODE, {"code": "000000"})
    answer = client.post(CODE, {"code": code_of(key, now)})
    assert answer.context["form"].non_field_errors() == ["Too many tries. Wait 15 minutes, then try again."]
    assert not _is_in(client)


def test_code_page_is_for_who_gave_the_password_a_moment_ago(client, emma, now, monkeypatch):
    assert client.get(CODE).headers["Location"] == "/team/login/"
    _password(client, emma)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=11))
    assert client.get(CODE).headers["Location"] == "/team/login/"


def test_password_changed_between_password_and_code_counts(client, emma, key, now):
    _password(client, emma)
    emma.set_password("another-lantern-43")
    emma.save()
    assert client.post(CODE, {"code": code_of(key, now)}).headers["Location"] == "/team/login/"
    assert not _is_in(client)


def test_session_that_came_another_way_is_a_guests(client, emma):
    client.force_login(emma)
    assert not _is_in(client)
    assert client.get("/admin/").status_code == 302


def test_older_sessions_are_guests_once_a_second_factor_is_set_up(client, team, key, now):
    emma = team[Role.MARKETER]
    client.force_login(emma)
    assert _is_in(client)
    factor.set_up(emma, key, code_of(key, now), now=now)
    assert not _is_in(client)


def test_device_that_is_remembered_gives_no_code_until_it_is_logged_out(client, emma, key, now, monkeypatch):
    _password(client, emma)
    client.post(CODE, {"code": code_of(key, now), "remember": "on"})
    client.post("/team/logout/")
    assert _password(client, emma).headers["Location"] == "/"
    assert [row.how for row in SignIn.objects.order_by("pk")] == ["code", "remembered"]
    client.post("/team/logout/")
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=31))
    assert _password(client, emma).headers["Location"] == CODE


def test_new_password_forgets_remembered_devices(client, emma, key, now):
    _password(client, emma)
    client.post(CODE, {"code": code_of(key, now), "remember": "on"})
    new = {"old_password": PASSWORD, "new_password1": "another-lantern-43", "new_password2": "another-lantern-43"}
    assert client.post("/team/password/", new).status_code == 302
    assert _is_in(client)
    client.post("/team/logout/")
    answer = client.post("/team/login/", {"username": emma.email, "password": "another-lantern-43"})
    assert answer.headers["Location"] == CODE


def test_mailed_link_is_no_second_factor(client, emma):
    client.post("/team/reset/", {"email": emma.email})
    link = re.search(r"http://[^/]*(/team/reset/\S+)", mail.outbox[0].body).group(1)
    form = client.get(link).headers["Location"]
    new = {"new_password1": "another-lantern-43", "new_password2": "another-lantern-43"}
    assert client.post(form, new).headers["Location"] == CODE
    assert not _is_in(client)


# --- set-up ---
def test_set_up_shows_key_and_picture_and_keeps_nothing_until_the_code_is_right(client, team, now):
    emma = team[Role.MARKETER]
    client.force_login(emma)
    page = client.get(SET_UP)
    key = page.context["key"]
    html = page.content.decode()
    assert 'class="qr-code"' in html
    assert "style=" not in html
    assert client.post(SET_UP, {"code": "000000"}).status_code == 400
    assert (SecondFactor.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    assert client.get(SET_UP).context["key"] == key
    done = client.post(SET_UP, {"code": code_of(key, now)})
    assert len(done.context["codes"]) == 10
    assert _is_in(client)
    assert TrailEntry.objects.filter(verb="second_factor_on", by=emma, object_id=emma.pk).count() == 1
    assert client.get(SET_UP).headers["Location"] == FACTOR


@pytest.mark.parametrize(("rule", "asked"), [("nobody", set()), ("admins", {Role.ADMIN}), ("all", set(Role))])
def test_who_must_have_one_is_led_to_set_it_up(client, team, settings, rule, asked):
    settings.REQUIRE_SECOND_FACTOR = rule
    seen = set()
    for role in Role:
        client.force_login(team[role])
        if client.get("/").headers.get("Location") == SET_UP:
            seen.add(role)
    assert seen == asked


def test_who_must_set_it_up_gets_nothing_else(client, alice, settings):
    settings.REQUIRE_SECOND_FACTOR = "admins"
    client.force_login(alice)
    assert client.post("/team/company/", {"name": "x"}).headers["Location"] == SET_UP
    assert client.get("/people/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == SET_UP
    assert client.get("/admin/team/user/").headers["Location"] == SET_UP
    assert client.get(SET_UP).status_code == 200
    assert client.post("/team/logout/").headers["Location"] == "/team/login/"


def test_log_ins_of_the_demo_are_not_asked(client, db, settings):
    settings.REQUIRE_SECOND_FACTOR = "all"
    demo = User.objects.create_user("admin@wayfare.example", PASSWORD, name="Demo", role=Role.ADMIN)
    client.force_login(demo)
    assert client.get("/").status_code == 200
    assert "log-in of the demo" in client.get("/team/profile/").content.decode()
    settings.EMBEDDED = False
    assert client.get("/").headers["Location"] == SET_UP


# --- new codes, removal, reset ---
def _enter(client, emma, key, now):
    _password(client, emma)
    client.post(CODE, {"code": code_of(key, now)})


@pytest.mark.parametrize("page", ["/team/second-factor/codes/", "/team/second-factor/remove/"])
def test_weakening_asks_the_password_again(client, emma, key, now, page):
    _enter(client, emma, key, now)
    held = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert client.post(page, {"password": "wrong"}).headers["Location"] == FACTOR
    assert set(RecoveryCode.objects.values_list("digest", flat=True)) == held
    assert SecondFactor.objects.count() == 1


def test_new_codes_replace_the_old(client, emma, key, now):
    _enter(client, emma, key, now)
    made = client.post("/team/second-factor/codes/", {"password": PASSWORD}).context["codes"]
    with pytest.raises(factor.WrongCode):
        factor.recover(emma, emma.codes[0])
    factor.recover(emma, made[0])


def test_second_factor_is_removed_unless_the_rule_asks_for_it(client, emma, key, now, settings):
    _enter(client, emma, key, now)
    settings.REQUIRE_SECOND_FACTOR = "all"
    client.post("/team/second-factor/remove/", {"password": PASSWORD})
    assert SecondFactor.objects.count() == 1
    settings.REQUIRE_SECOND_FACTOR = "nobody"
    client.post("/team/second-factor/remove/", {"password": PASSWORD})
    assert (SecondFactor.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    assert _is_in(client)


def test_admin_resets_a_colleagues_and_she_is_told(client, emma, alice, key, now):
    client.force_login(alice)
    url = f"/team/users/{emma.pk}/second-factor/reset/"
    client.post(url)
    assert SecondFactor.objects.count() == 0
    entry = TrailEntry.objects.get(verb="second_factor_reset")
    assert (entry.by, entry.object_id) == (alice, emma.pk)
    notice = Notice.objects.get(user=emma)
    assert (notice.text.split(" reset")[0], notice.state) == ("Alice Han", "ready")
    assert _password(client, emma).headers["Location"] == "/"


@pytest.mark.parametrize("role", [Role.SALES_REP, Role.CUSTOMER_SUCCESS, Role.ANALYST])
def test_nobody_else_resets_one(client, team, emma, role):
    client.force_login(team[role])
    assert client.post(f"/team/users/{emma.pk}/second-factor/reset/").status_code == 404
    assert SecondFactor.objects.count() == 1


def test_owner_of_the_server_resets_one_by_command(emma, capsys):
    call_command("resetsecondfactor", "MARKETER@example.com")
    assert "marketer@example.com logs in by password alone" in capsys.readouterr().out
    assert SecondFactor.objects.count() == 0
    assert TrailEntry.objects.get(verb="second_factor_reset").by is None
    for address, words in (("marketer@example.com", "has no second factor"), ("x@example.com", "No user has")):
        with pytest.raises(CommandError, match=words):
            call_command("resetsecondfactor", address)
