"""The company's name: what it is while nobody said it, who may say it, against stale edits."""

import pytest

from crm.team.company import StaleCompany, company, describe, own_sender
from crm.team.models import Company

pytestmark = pytest.mark.django_db
PAGE = "/team/company/"
SAID = {"name": "온노트", "postal_address": "서울 성동구", "phone": "02-555-0100"}


def held():
    return list(Company.objects.values_list("name", "postal_address", "phone", "version"))


def test_unnamed_company_is_called_after_the_address_it_mails_from(settings):
    settings.DEFAULT_FROM_EMAIL = "OnNote <hello@onnote.example>"
    assert company().name == "OnNote"
    settings.DEFAULT_FROM_EMAIL = "hello@onnote.example"
    assert (company().name, held()) == ("onnote.example", [])


def test_name_stands_before_the_address_of_our_own_mails(settings):
    settings.DEFAULT_FROM_EMAIL = "Wayfare <hello@onnote.example>"
    describe({**SAID, "name": "OnNote, Inc."}, version=0)
    assert own_sender() == '"OnNote, Inc." <hello@onnote.example>'


def test_admin_names_it(client, alice):
    client.force_login(alice)
    assert client.post(PAGE, {**SAID, "version": "0"}).headers["Location"] == PAGE
    assert held() == [("온노트", "서울 성동구", "02-555-0100", 1)]
    assert client.post(PAGE, {**SAID, "name": "OnNote", "version": "1"}).status_code == 302
    assert held() == [("OnNote", "서울 성동구", "02-555-0100", 2)]


@pytest.mark.parametrize("version", ["0", "4"])
def test_who_comes_second_is_told_and_changes_nothing(client, alice, version):
    Company.objects.create(**SAID, version=5)
    client.force_login(alice)
    answer = client.post(PAGE, {"name": "Other", "version": version})
    assert (answer.status_code, held()) == (409, [("온노트", "서울 성동구", "02-555-0100", 5)])
    assert answer.context["version"] == 5
    with pytest.raises(StaleCompany):
        describe({"name": "Other"}, version=int(version))


@pytest.mark.parametrize("wrong", [{"name": " "}, {"name": "x" * 161}, {"phone": "02\x00"}, {"name": "a\nBcc: b"}])
def test_wrong_name_is_refused(client, alice, wrong):
    client.force_login(alice)
    answer = client.post(PAGE, {**SAID, "version": "0"} | wrong)
    assert (answer.status_code, list(answer.context["form"].errors), held()) == (422, list(wrong), [])
