"""The pages: what is held, the file, the question before an erasure, the list and the certificate."""

import json

import pytest

from contacts.consent.record import Proof, record
from contacts.ledger.follow import catch_up
from contacts.people.models import Contact, PeopleExport
from contacts.privacy import running
from contacts.privacy.models import Erasure

pytestmark = pytest.mark.django_db


@pytest.fixture
def kim(crowd, now):
    proof = Proof(source="form", wording="Yes, send me mails", wording_version="3")
    record(crowd.kim.pk, "marketing", "email", "granted", at=now, proof=proof, now=now)
    catch_up(now)
    return crowd.kim


def test_page_shows_every_kind_with_its_rows(kim, as_, team, django_assert_max_num_queries):
    client = as_(team.mina)
    with django_assert_max_num_queries(40):
        html = client.get(f"/people/{kim.pk}/data/").content.decode()
    assert "cs.kim@hanbit.example.com" in html
    assert "Yes, send me mails" in html
    assert "Erase this person" not in html  # a marketer may not
    assert "Erase this person" in as_(team.alice).get(f"/people/{kim.pk}/data/").content.decode()


def test_page_says_codes_in_words(kim, as_, team):
    html = as_(team.mina).get(f"/people/{kim.pk}/data/").content.decode()
    codes = ("granted", "marketing", "email", "consent.granted", "contact.created")
    assert [code for code in codes if f">{code}</td>" in html] == []
    for words in ("agreed", "form", "Consent given"):
        assert f">{words}</td>" in html, words


def test_file_holds_all_and_is_logged(kim, as_, team):
    answer = as_(team.mina).post(f"/people/{kim.pk}/data/file/", {"reason": "She asked for it"})
    told = json.loads(answer.getvalue())
    assert answer["Content-Disposition"] == f'attachment; filename="person-{kim.pk}.json"'
    assert told["format"] == "wayfare-person/1"
    assert [row["email"] for row in told["data"]["profile"]["rows"]] == ["cs.kim@hanbit.example.com"]
    assert told["data"]["profile"]["rows"][0]["attributes"] == {}
    consent = told["data"]["consent"]["rows"]
    assert [(row["decision"], row["wording"], row["wording_version"]) for row in consent] == [
        ("granted", "Yes, send me mails", "3")
    ]
    assert [row["kind"] for row in told["data"]["events"]["rows"]] == ["consent.granted", "contact.created"]
    assert list(PeopleExport.objects.values_list("by", "reason", "people")) == [(team.mina.pk, "She asked for it", 1)]


def test_file_without_a_reason_is_refused(kim, as_, team):
    answer = as_(team.mina).post(f"/people/{kim.pk}/data/file/", {"reason": " "})
    assert answer.status_code == 400
    assert not PeopleExport.objects.exists()


def test_question_says_what_goes_and_what_stays(kim, as_, team):
    html = as_(team.alice).get(f"/people/{kim.pk}/erase/").content.decode()
    for words in ("What will be gone", "Consent", "Activity", "What stays", "keyed fingerprint"):
        assert words in html


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"reason": "request"}, "Tick that you are sure."),
        ({"sure": "1", "reason": "x"}, "Choose why."),
        ({"sure": "1", "reason": "request", "proof": "김철수"}, "This names the person."),
    ],
)
def test_not_erased_without_an_answer_to_everything(kim, as_, team, said, error):
    answer = as_(team.alice).post(f"/people/{kim.pk}/erase/", said)
    assert answer.status_code == 400
    assert error in answer.content.decode()
    assert not Erasure.objects.exists()


def test_erased_by_the_page_with_a_certificate(kim, as_, team, now):
    client = as_(team.alice)
    answer = client.post(f"/people/{kim.pk}/erase/", {"sure": "1", "reason": "request", "proof": "letter 17"})
    job = Erasure.objects.get()
    assert answer["Location"] == f"/erasures/{job.pk}/"
    assert "Being erased" in client.get(f"/erasures/{job.pk}/").content.decode()
    assert running.run_due(lambda: job.due_at)
    html = client.get(f"/erasures/{job.pk}/").content.decode()
    for words in (job.number, "letter 17", "Consent", "What was erased", "They asked for it", "Alice"):
        assert words in html
    assert "김철수" not in html
    assert not Contact.objects.filter(pk=kim.pk).exists()
    assert client.get(f"/people/{kim.pk}/").status_code == 404


def test_list_costs_the_same_for_one_and_three(crowd, as_, team, now, django_assert_num_queries):
    from contacts.privacy import erasure

    client = as_(team.alice)
    assert "Nobody was erased yet" in client.get("/erasures/").content.decode()
    for person in (crowd.kim, crowd.lee, crowd.park):
        erasure.request([person.pk], by=team.alice, reason="request", now=now)
        if person is crowd.kim or person is crowd.park:
            with django_assert_num_queries(4):
                client.get("/erasures/")
