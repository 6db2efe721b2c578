"""What colleagues are told: in the product, by mail once, and nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from crm.team import notices
from crm.team.models import Notice
from crm.team.notices import News

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PAGE = "/team/notices/"


def clock():
    return NOW


def test_told_in_the_product_and_marked_as_seen(client, team):
    one, other = list(team.values())[:2]
    notices.tell([News(one, "A demo was asked for", "/people/1/")], by_mail=False, now=NOW)
    client.force_login(other)
    assert "A demo was asked for" not in client.get(PAGE).content.decode()
    client.force_login(one)
    page = client.get(PAGE).content.decode()
    assert "A demo was asked for" in page
    assert '<b class="wf-count">1</b>' in page
    assert client.post(PAGE).headers["Location"] == PAGE
    assert (notices.unread(one), Notice.objects.get().read_at is not None) == (0, True)
    assert notices.mail_due(clock) == 0


def test_mailed_once_in_her_language_and_not_to_who_left(team, settings):
    settings.BASE_URL = "https://crm.example"
    one, gone = list(team.values())[:2]
    gone.is_active = False
    gone.save()
    notices.tell([News(one, "Demo\nBcc: x", "/people/1/"), News(gone, "Demo")], by_mail=True, now=NOW)
    assert notices.mail_due(clock) == 1
    assert notices.mail_due(clock) == 0
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([one.email], "Demo")
    assert "https://crm.example/people/1/" in sent.body
    assert set(Notice.objects.values_list("state", flat=True)) == {"done"}


def test_mail_of_a_killed_worker_is_not_repeated(team):
    one = next(iter(team.values()))
    notices.tell([News(one, "Demo")], by_mail=True, now=NOW)
    Notice.claim(NOW)
    assert notices.mail_due(lambda: NOW + timedelta(hours=1)) == 0
    assert Notice.objects.get().state == "failed"
    assert mail.outbox == []


def test_long_ago_is_forgotten(team):
    one = next(iter(team.values()))
    notices.tell([News(one, "Old")], by_mail=False, now=NOW - timedelta(days=181))
    notices.tell([News(one, "New")], by_mail=False, now=NOW)
    assert notices.forget(NOW) == 1
    assert [notice.text for notice in notices.of(one)] == ["New"]


def test_empty_page_says_what_it_is_for(client, alice):
    client.force_login(alice)
    assert "A journey can tell you" in client.get(PAGE).content.decode()
