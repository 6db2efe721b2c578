"""Log-ins: rows, devices, notices, and logging out one or all."""

from datetime import timedelta

import pytest
from django.test import Client

from crm.kit import clock
from crm.team.models import Notice, Role, SignIn, TrailEntry
from crm.team.sign_ins import entry
from tests.team.conftest import PASSWORD

MINE = "/team/sign-ins/"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile/15E148 Safari/604.1"
)


def _log_in(user, agent=CHROME, client=None) -> Client:
    client = client or Client()
    sent = {"username": user.email, "password": PASSWORD}
    answer = client.post("/team/login/", sent, headers={"User-Agent": agent}, REMOTE_ADDR="203.0.113.77")
    assert answer.status_code == 302
    return client


def _is_in(client) -> bool:
    return client.get("/team/profile/").status_code == 200


@pytest.fixture
def emma(team):
    return team[Role.MARKETER]


def test_log_in_is_noted_coarsely(emma):
    client = _log_in(emma)
    row = SignIn.objects.get()
    assert (row.user, row.how, row.device, row.network) == (emma, "password", "Chrome, Windows", "203.0.113.0/24")
    assert row.session_key == client.session.session_key
    cookie = client.cookies["wf_device"]
    assert cookie.value not in row.device_digest
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    entry_of = TrailEntry.objects.get(verb="signed_in")
    assert (entry_of.by, entry_of.door, entry_of.network) == (emma, "page", "203.0.113.0/24")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome, Windows"),
        (PHONE, "Safari, iPhone"),
        (CHROME + " Edg/130.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"),
        ("<script>", "?"),
        ("", "?"),
    ],
)
def test_devices_have_plain_names(emma, agent, name):
    _log_in(emma, agent)
    assert SignIn.objects.get().device == name


def test_failed_try_is_noted_for_users_alone(client, emma):
    client.post("/team/login/", {"username": emma.email, "password": "wrong"})
    client.post("/team/login/", {"username": "nobody@example.com", "password": "wrong"})
    row = SignIn.objects.get()
    assert (row.user, row.how, row.session_key) == (emma, "wrong_password", "")
    assert TrailEntry.objects.get(verb="sign_in_failed").by is None


def test_new_device_is_told_once_and_the_first_never(emma):
    first = _log_in(emma)
    assert Notice.objects.count() == 0
    second = _log_in(emma, PHONE)
    notice = Notice.objects.get()
    assert "Safari, iPhone, from 203.0.113.0/24" in notice.text
    assert (notice.user, notice.state) == (emma, "ready")  # ready: it is mailed
    for known in (first, second):
        known.post("/team/logout/")
        _log_in(emma, client=known)
    assert Notice.objects.count() == 1


def test_one_device_is_logged_out(emma):
    here, there = _log_in(emma), _log_in(emma, PHONE)
    row = SignIn.objects.get(device="Safari, iPhone")
    here.post(f"/team/sign-ins/{row.pk}/end/")
    assert (_is_in(here), _is_in(there)) == (True, False)
    row.refresh_from_db()
    assert row.ended_at is not None
    assert [one.device for one in here.get(MINE).context["open"]] == ["Chrome, Windows"]


def test_device_in_use_is_not_logged_out_by_mistake(emma):
    here = _log_in(emma)
    here.post(f"/team/sign-ins/{SignIn.objects.get().pk}/end/")
    assert _is_in(here)


def test_all_others_are_logged_out_also_those_without_a_row(emma):
    here, there, unknown = _log_in(emma), _log_in(emma, PHONE), Client()
    unknown.force_login(emma)
    here.post("/team/sign-ins/end/")
    assert [_is_in(one) for one in (here, there, unknown)] == [True, False, False]
    assert SignIn.objects.get(ended_at=None).session_key == here.session.session_key


def test_new_password_logs_the_others_out(emma):
    here, there = _log_in(emma), _log_in(emma, PHONE)
    new = {"old_password": PASSWORD, "new_password1": "another-lantern-43", "new_password2": "another-lantern-43"}
    here.post("/team/password/", new)
    assert (_is_in(here), _is_in(there)) == (True, False)
    assert [row.device for row in SignIn.objects.filter(ended_at=None)] == ["Chrome, Windows"]


def test_admin_logs_anybody_out_and_others_nobody(team, emma):
    hers, row = _log_in(emma), SignIn.objects.get()
    for role in (Role.SALES_REP, Role.CUSTOMER_SUCCESS, Role.ANALYST):
        other = Client()
        other.force_login(team[role])
        assert other.get(f"/team/users/{emma.pk}/sign-ins/").status_code == 404
        assert other.post(f"/team/users/{emma.pk}/sign-ins/end/").status_code == 404
        assert other.post(f"/team/sign-ins/{row.pk}/end/").status_code == 404
    assert _is_in(hers)
    admin = Client()
    admin.force_login(team[Role.ADMIN])
    assert admin.get(f"/team/users/{emma.pk}/sign-ins/").context["whose"] == emma
    admin.post(f"/team/users/{emma.pk}/sign-ins/end/")
    assert not _is_in(hers)
    noted = TrailEntry.objects.get(verb="devices_signed_out")
    assert (noted.by, noted.object_id) == (team[Role.ADMIN], emma.pk)


def test_session_in_use_stays_thirty_days_from_its_last_use(emma, monkeypatch):
    here, start = _log_in(emma), clock.now()
    later = start + timedelta(hours=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    answer = here.get("/team/profile/")
    assert int(answer.cookies["sessionid"]["max-age"]) == 30 * 24 * 3600
    assert SignIn.objects.get().seen_at == later
    assert "sessionid" not in here.get("/team/profile/").cookies


def test_logging_out_closes_the_row(emma):
    here = _log_in(emma)
    here.post("/team/logout/")
    assert SignIn.objects.get().ended_at is not None


def test_old_log_ins_are_forgotten(emma):
    _log_in(emma)
    SignIn.objects.update(seen_at=clock.now() - timedelta(days=181))
    _log_in(emma)
    assert entry.forget(clock.now()) == 1
    assert SignIn.objects.count() == 1


def test_list_leafs_and_costs_the_same(emma, django_assert_num_queries):
    now = clock.now()
    here = _log_in(emma)
    for number in (1, 3):
        SignIn.objects.bulk_create(
            SignIn(user=emma, at=now, seen_at=now, how="wrong_password", network="n", device=f"d{n}")
            for n in range(number)
        )
        with django_assert_num_queries(6):  # session, user, open, remembered, page, notices
            here.get(MINE)
    assert here.get(MINE, {"cursor": "x"}).status_code == 400
