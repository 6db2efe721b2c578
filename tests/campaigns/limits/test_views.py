"""The settings of sending: a cap is set, changed and lifted, by whom, against stale edits; addresses are looked up."""

import pytest

from campaigns.sending.models import FrequencyCap
from contacts.consent.models import Suppression
from contacts.people.address import email_key
from crm.team.models import Role, User
from tests.campaigns.conftest import NOW, make_people

pytestmark = pytest.mark.django_db
PAGE = "/settings/sending/"


@pytest.fixture
def as_role(client):
    def log_in(role):
        client.force_login(User.objects.create_user(f"{role}@team.example", "pw-pw-pw-pw", name=role, role=role))
        return client

    return log_in


def held():
    return list(FrequencyCap.objects.values_list("sends", "days", "version"))


def test_a_cap_is_set_changed_and_lifted(as_role):
    client = as_role(Role.MARKETER)
    assert client.post(PAGE, {"sends": "2", "days": "7", "version": ""}).status_code == 302
    assert held() == [(2, 7, 1)]
    assert client.post(PAGE, {"sends": "3", "days": "30", "version": "1"}).status_code == 302
    assert held() == [(3, 30, 2)]
    assert client.get(PAGE).context["form"].initial.items() >= {"sends": 3, "days": 30, "version": 2}.items()
    assert client.post(PAGE, {"sends": "", "days": "", "version": "2"}).status_code == 302
    assert held() == []
    assert client.post(PAGE, {"sends": "", "days": "", "version": ""}).status_code == 302


@pytest.mark.parametrize(
    "stale",
    [
        {"sends": "9", "days": "9", "version": "4"},
        {"sends": "9", "days": "9", "version": ""},
        {"sends": "", "days": "", "version": "4"},
        {"sends": "", "days": "", "version": ""},
    ],
)
def test_who_comes_second_is_told_and_changes_nothing(as_role, stale):
    FrequencyCap.objects.create(sends=2, days=7, version=5)
    response = as_role(Role.ADMIN).post(PAGE, stale)
    assert (response.status_code, held()) == (409, [(2, 7, 5)])
    assert response.context["version"] == 5


@pytest.mark.parametrize(
    "wrong",
    [{"sends": "2"}, {"days": "7"}, {"sends": "0", "days": "7"}, {"sends": "2", "days": "366"}, {"sends": "x"}],
)
def test_half_a_limit_is_refused(as_role, wrong):
    response = as_role(Role.MARKETER).post(PAGE, wrong)
    assert (response.status_code, held()) == (422, [])
    assert response.context["form"].errors


@pytest.mark.parametrize("role", [Role.SALES_REP, Role.CUSTOMER_SUCCESS, Role.ANALYST])
def test_others_may_not(as_role, role):
    client = as_role(role)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"sends": "2", "days": "7"}).status_code == 403
    assert held() == []


def test_an_excluded_address_is_looked_up_by_itself_alone(as_role):
    kim, _lee = make_people(2)
    for number, key in enumerate([kim.email_key, email_key("gone@example.com")]):
        Suppression.objects.create(email_key=key, reason="manual", detail=f"asked {number}", at=NOW)
    client = as_role(Role.MARKETER)

    def found(query):
        return [(row.held.detail, row.contact) for row in client.get(PAGE, query).context["page"].rows]

    assert found({}) == [("asked 1", None), ("asked 0", kim)]
    assert found({"address": " P0@EXAMPLE.com "}) == [("asked 0", kim)]
    assert found({"address": "gone@example.com"}) == [("asked 1", None)]
    assert found({"address": "p1@example.com"}) == []
    assert found({"address": "no address"}) == []
    page = client.get(PAGE).content.decode()
    assert f"/people/{kim.pk}/#consent" in page
    assert client.get(PAGE, {"cursor": "x"}).status_code == 400
