"""Public pages: a GET changes nothing, one click works as RFC 8058 says, and a choice is kept with its proof."""

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone

from campaigns.public import views
from campaigns.sending.models import Dispatch, Message
from campaigns.tracking.tokens import mail_token, preferences_url, unsubscribe_url, view_url
from contacts.consent.models import ConsentEntry, ConsentState
from contacts.consent.record import Proof, record
from contacts.ledger.models import Event
from contacts.people.address import email_key
from contacts.people.models import Contact
from contacts.topics import said
from contacts.topics.models import Topic, TopicEntry
from tests.campaigns.tracking.conftest import new_dispatch

pytestmark = pytest.mark.django_db
ONE_CLICK = "List-Unsubscribe=One-Click"


@pytest.fixture
def mail():
    """A person who agreed to marketing and tracking, with a mail of hers: (contact, dispatch, token)."""
    person = Contact.objects.create(
        email="younghee@example.com", email_key=email_key("younghee@example.com"), name="김영희"
    )
    for purpose in ("marketing", "tracking"):
        agreed_at = timezone.now() - timezone.timedelta(days=9)
        record(person.pk, purpose, "email", "granted", at=agreed_at, proof=Proof(source="form"), now=agreed_at)
    dispatch = new_dispatch()
    return person, dispatch, mail_token(dispatch.pk, 501, person.pk)


def path_of(url):
    return "/" + url.split("/", 3)[3]


def standing(person):
    rows = ConsentState.objects.filter(contact=person).values_list("purpose", "channel", "decision")
    return {f"{purpose}.{channel}": decision for purpose, channel, decision in rows}


def told(kind):
    rows = Event.objects.filter(kind__key=kind)
    return [(row.contact_id, row.subject and (row.subject.type, row.subject.key), row.properties) for row in rows]


def one_click(token, client=None):
    body = {"data": ONE_CLICK, "content_type": "application/x-www-form-urlencoded"}
    return (client or Client(enforce_csrf_checks=True)).post(path_of(unsubscribe_url(token)), **body)


@pytest.mark.parametrize("url", [unsubscribe_url, preferences_url])
@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(client, mail, url, method):
    person, _, token = mail
    before = (ConsentEntry.objects.count(), Event.objects.count(), standing(person))

    response = getattr(client, method)(path_of(url(token)), {"wish": "again", "nothing": "1"})

    assert response.status_code == 200
    assert not response.cookies
    assert (ConsentEntry.objects.count(), Event.objects.count(), standing(person)) == before
    assert "no-store" in response["Cache-Control"]
    assert (response["X-Robots-Tag"], response["Referrer-Policy"]) == ("noindex", "no-referrer")


def test_one_click_needs_nothing_but_the_address_and_is_harmless_to_repeat(mail):
    person, dispatch, token = mail

    answers = [one_click(token) for _ in range(3)]

    assert [(a.status_code, a.has_header("Location"), dict(a.cookies)) for a in answers] == [(200, False, {})] * 3
    assert standing(person) == {"marketing.email": "withdrawn", "tracking.email": "granted"}
    entry = ConsentEntry.objects.get(decision="withdrawn")
    assert (entry.source, entry.ip_prefix) == ("one-click", "127.0.0.0")
    subject = ("dispatch", str(dispatch.pk))
    assert told("mail.unsubscribed") == [(person.pk, subject, {"message": 501, "source": "one-click"})]


def test_one_click_as_multipart_works_too(mail):
    person, _, token = mail

    response = Client(enforce_csrf_checks=True).post(path_of(unsubscribe_url(token)), {"List-Unsubscribe": "One-Click"})

    assert response.status_code == 200
    assert standing(person)["marketing.email"] == "withdrawn"


def test_erased_person_gets_200_and_nothing_is_written(mail):
    _, dispatch, _ = mail
    before = (ConsentEntry.objects.count(), Event.objects.count())
    token = mail_token(dispatch.pk, 501, 999_999_999)
    pages = [
        one_click(token),
        Client().get(path_of(unsubscribe_url(token))),
        Client().post(path_of(preferences_url(token))),
    ]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert (ConsentEntry.objects.count(), Event.objects.count()) == before


def test_mail_of_a_dispatch_that_is_gone_still_unsubscribes(mail):
    person, _, _ = mail

    assert one_click(mail_token(999_999, 1, person.pk)).status_code == 200
    assert standing(person)["marketing.email"] == "withdrawn"


def test_merged_person_is_unsubscribed_where_she_is_now(mail):
    person, _, token = mail
    stays = Contact.objects.create(email="yh@example.com", email_key=email_key("yh@example.com"))
    Contact.objects.filter(pk=person.pk).update(merged_into=stays)

    assert one_click(token).status_code == 200
    assert standing(stays) == {"marketing.email": "withdrawn"}


def test_button_unsubscribes_and_says_so_and_one_can_come_back(client, mail):
    person, _, token = mail
    path = path_of(unsubscribe_url(token))

    done = client.post(path)
    assert standing(person)["marketing.email"] == "withdrawn"
    back = client.post(path, {"wish": "again"})

    assert "yo•••@example.com" in done.content.decode()
    assert "younghee@example.com" not in done.content.decode()
    assert (done.status_code, back.status_code, standing(person)["marketing.email"]) == (200, 200, "granted")
    entry = ConsentEntry.objects.latest("id")
    assert (entry.source, entry.decision, bool(entry.wording)) == ("unsubscribe page", "granted", True)


def test_token_with_one_letter_changed_is_not_found_and_changes_nothing(client, mail):
    person, _, token = mail
    before = standing(person)
    for place in range(len(token)):
        wrong = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert client.post(path_of(unsubscribe_url(wrong)), {"List-Unsubscribe": "One-Click"}).status_code == 404
    assert client.get(path_of(preferences_url(token[:-1]))).status_code == 404
    assert standing(person) == before


def test_page_speaks_the_persons_language_and_another_on_request(client, mail):
    person, _, token = mail
    Contact.objects.filter(pk=person.pk).update(language="ko")
    path = path_of(unsubscribe_url(token))

    assert client.get(path, headers={"Accept-Language": "en"})["Content-Language"] == "ko"
    assert client.get(path, {"language": "en"})["Content-Language"] == "en"
    assert client.get(path, {"language": "xx"})["Content-Language"] == "ko"


def test_choice_records_changes_alone(client, mail):
    person, dispatch, token = mail
    before = ConsentEntry.objects.count()

    client.post(path_of(preferences_url(token)), {"wish": ["marketing.email", "third_party.push", "x"]})

    assert standing(person) == {"marketing.email": "granted", "tracking.email": "withdrawn"}
    assert ConsentEntry.objects.count() == before + 1
    assert told("mail.unsubscribed") == []

    client.post(path_of(preferences_url(token)), {"wish": ["marketing.email"], "nothing": "1"})

    assert standing(person) == {"marketing.email": "withdrawn", "tracking.email": "withdrawn"}
    assert [row[:2] for row in told("mail.unsubscribed")] == [(person.pk, ("dispatch", str(dispatch.pk)))]


def test_mail_is_shown_in_a_sandbox_and_only_to_its_token(client, mail, monkeypatch):
    person, dispatch, _ = mail
    message = Message.objects.create(dispatch=dispatch, contact_id=person.pk, ordinal=1, email=person.email)
    monkeypatch.setattr(views, "html_of", lambda number, now: f"<p>mail {number}</p><script>alert(1)</script>")
    before = Event.objects.count()

    shown = client.get(path_of(view_url(mail_token(dispatch.pk, message.pk, person.pk))))
    of_other = client.get(path_of(view_url(mail_token(dispatch.pk, message.pk, person.pk + 1))))
    gone = client.get(path_of(view_url(mail_token(dispatch.pk, message.pk + 1, person.pk))))

    assert (shown.status_code, f"mail {message.pk}" in shown.content.decode()) == (200, True)
    policy = shown["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert (shown["X-Robots-Tag"], dict(shown.cookies)) == ("noindex", {})
    assert (of_other.status_code, gone.status_code, Event.objects.count()) == (404, 404, before)


@pytest.fixture
def topics():
    names = (("Events", "행사"), ("Offers", "특가"), ("Old", ""))
    rows = [Topic.objects.create(name=name, name_ko=korean, position=n) for n, (name, korean) in enumerate(names)]
    Topic.objects.filter(name="Old").update(retired_at=timezone.now())
    return rows


def topics_of(person):
    rows = TopicEntry.objects.filter(contact=person).order_by("at", "pk")
    return [(row.topic.name, row.wanted, row.source, row.ip_prefix) for row in rows]


def test_topics_are_chosen_on_the_preference_page_and_only_those_that_were_shown(client, mail, topics):
    person, _, token = mail
    page = client.get(path_of(preferences_url(token)), {"language": "ko"}).content.decode()
    assert ("행사" in page, "특가" in page, "Old" in page) == (True, True, False)
    shown = [topics[0].pk, topics[2].pk, 999]
    wish = ["marketing.email", "tracking.email"]
    for _again in range(2):
        answer = client.post(path_of(preferences_url(token)), {"wish": wish, "topic_shown": shown, "topic": ["x"]})
        assert answer.status_code == 200
    assert topics_of(person) == [("Events", False, "preference page", "127.0.0.0")]
    assert standing(person) == {"marketing.email": "granted", "tracking.email": "granted"}
    subject = ("topic", str(topics[0].pk))
    assert [(who, what) for who, what, _facts in told("topic.refused")] == [(person.pk, subject)]

    refused = {"topic_shown": shown, "topic_refused": [topics[0].pk], "topic": [topics[0].pk]}
    assert (
        f'name="topic_refused" value="{topics[0].pk}"' in client.get(path_of(preferences_url(token))).content.decode()
    )
    client.post(path_of(preferences_url(token)), {"wish": wish, **refused})
    assert topics_of(person)[1:] == [("Events", True, "preference page", "127.0.0.0")]


def test_page_that_lay_open_lifts_no_refusal_said_meanwhile(client, mail, topics):
    person, dispatch, token = mail
    Dispatch.objects.filter(pk=dispatch.pk).update(topic=topics[0])
    page, path = client.get(path_of(preferences_url(token))).content.decode(), path_of(preferences_url(token))
    agreed = [f"{purpose}.email" for purpose in ("marketing", "tracking")]
    assert [f'name="wish_agreed" value="{name}"' in page for name in agreed] == [True, True]
    client.post(path_of(unsubscribe_url(token)), {"wish": "topic"})
    one_click(token)

    both = [topic.pk for topic in topics[:2]]
    client.post(path, {"wish": agreed, "wish_agreed": agreed, "topic_shown": both, "topic": both})
    assert standing(person) == {"marketing.email": "withdrawn", "tracking.email": "granted"}
    assert [row[:2] for row in topics_of(person)] == [("Events", False)]

    client.post(path, {"wish": agreed, "wish_agreed": agreed[1:]})  # as it is shown now
    assert standing(person)["marketing.email"] == "granted"


def test_refused_topic_no_longer_offered_is_shown_so_that_it_can_be_taken_back(client, mail, topics):
    person, _, token = mail
    old, path = topics[2], path_of(preferences_url(token))
    said.record([person.pk], {old.pk: False}, at=timezone.now(), proof=Proof(source="x"), now=timezone.now())
    assert "Old" in client.get(path).content.decode()
    back = {"topic_shown": [old.pk], "topic_refused": [old.pk], "topic": [old.pk]}
    client.post(path, {"wish": ["marketing.email"], **back})
    assert [row[:2] for row in topics_of(person)] == [("Old", False), ("Old", True)]
    assert "Old" not in client.get(path).content.decode()


@pytest.mark.parametrize("page", ["unsubscribe", "preferences"])
def test_topics_are_refused_before_marketing_is_granted_and_both_or_neither(client, mail, topics, page):
    person, dispatch, token = mail
    Dispatch.objects.filter(pk=dispatch.pk).update(topic=topics[0])
    one_click(token)
    before = ConsentEntry.objects.count()
    agreed = ["marketing.email", "tracking.email"]
    posts = {
        "unsubscribe": (unsubscribe_url, {"wish": "others"}),
        "preferences": (preferences_url, {"wish": agreed, "topic_shown": [topics[0].pk]}),
    }
    url, body = posts[page]
    with connection.cursor() as cursor:  # the grant fails: the topic's refusal goes with it, and nothing is half done
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE contacts_consententry ADD CONSTRAINT none CHECK (decision <> 'granted') NOT VALID")
        with pytest.raises(IntegrityError):
            client.post(path_of(url(token)), body)
        cursor.execute("ALTER TABLE contacts_consententry DROP CONSTRAINT none")
    assert (topics_of(person), ConsentEntry.objects.count()) == ([], before)

    client.post(path_of(url(token)), body)
    last = Event.objects.order_by("-pk").values_list("kind__key", flat=True)[:2]
    assert list(last) == ["consent.granted", "topic.refused"]


def test_refusing_every_topic_is_no_opt_out_and_wanting_nothing_at_all_says_nothing_of_topics(client, mail, topics):
    person, _, token = mail
    shown = [topic.pk for topic in topics[:2]]
    client.post(path_of(preferences_url(token)), {"wish": ["marketing.email"], "topic_shown": shown})
    assert [row[:2] for row in topics_of(person)] == [("Events", False), ("Offers", False)]
    assert standing(person)["marketing.email"] == "granted"
    client.post(path_of(preferences_url(token)), {"nothing": "1", "topic_shown": shown, "topic": shown})
    assert len(topics_of(person)) == 2
    assert standing(person)["marketing.email"] == "withdrawn"


def test_mail_about_a_topic_offers_to_refuse_that_alone(client, mail, topics):
    person, dispatch, token = mail
    Dispatch.objects.filter(pk=dispatch.pk).update(topic=topics[0])
    path = path_of(unsubscribe_url(token))
    assert 'value="topic"' in client.get(path).content.decode()

    for _again in range(2):
        page = client.post(path, {"wish": "topic"})
        assert "No more mails about: Events" in page.content.decode()
    assert topics_of(person) == [("Events", False, "unsubscribe page", "127.0.0.0")]
    assert standing(person)["marketing.email"] == "granted"
    assert told("mail.unsubscribed") == []


def test_one_click_in_a_mail_about_a_topic_withdraws_marketing_and_the_page_after_offers_the_others(
    client, mail, topics
):
    person, dispatch, token = mail
    Dispatch.objects.filter(pk=dispatch.pk).update(topic=topics[0])
    assert one_click(token).status_code == 200
    assert (standing(person)["marketing.email"], topics_of(person)) == ("withdrawn", [])
    path = path_of(unsubscribe_url(token))
    assert 'value="others"' in client.post(path).content.decode()

    client.post(path, {"wish": "topic"})  # says nothing of the rest
    assert standing(person)["marketing.email"] == "withdrawn"
    client.post(path, {"wish": "others"})
    assert standing(person)["marketing.email"] == "granted"
    assert [row[:2] for row in topics_of(person)] == [("Events", False)]


def test_mail_of_no_topic_offers_none(client, mail, topics):
    person, _, token = mail
    path = path_of(unsubscribe_url(token))
    assert 'value="topic"' not in client.get(path).content.decode()
    assert 'value="others"' not in client.post(path).content.decode()
    client.post(path, {"wish": "topic"})
    assert topics_of(person) == []
