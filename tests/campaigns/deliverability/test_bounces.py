"""Soft bounces in a row: counted anew for merged people, and from the base of dropped months."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from campaigns.models import Message, SoftBounces
from contacts.consent.models import Suppression
from contacts.identity.merge import merge
from contacts.ledger.append import NewEvent, append
from contacts.ledger.dictionary import kind_ids, subject_ids
from contacts.ledger.follow import catch_up
from contacts.ledger.replay import replay
from tests.campaigns.webhooks.conftest import new_mail

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def tell(mail, kind, *, minutes=0):
    subject, properties = ("dispatch", str(mail.dispatch.pk)), {"message": mail.message.pk, "reason": "full"}
    at = NOW + timedelta(minutes=minutes)
    append([NewEvent(mail.person.pk, kind, at, subject, properties=properties)], source="test", now=at)


def another(mail):
    """The next mail to the same person."""
    made = new_mail(None, f"x{mail.person.pk}-{Message.objects.count()}@example.com")
    made.message.contact_id, made.message.email = mail.person.pk, mail.message.email
    made.message.save()
    return type(mail)(made.dispatch, made.message, mail.person, mail.token)


def in_row():
    return dict(SoftBounces.objects.values_list("contact_id", "in_row"))


@pytest.fixture
def mail():
    return new_mail()


def test_merged_people_are_counted_as_one_and_only_news_leave_out(mail, settings):
    settings.SOFT_BOUNCES = 3
    other = new_mail(None, "minsu@work.example.com")
    for one in (mail, another(mail), other):
        tell(one, "mail.bounced_soft")
    catch_up(NOW)
    assert in_row() == {mail.person.pk: 2, other.person.pk: 1}

    merge(mail.person.pk, other.person.pk, by=None, now=NOW)
    catch_up(NOW)
    assert in_row() == {mail.person.pk: 3}
    assert not Suppression.objects.exists()

    tell(another(mail), "mail.bounced_soft")
    catch_up(NOW)
    assert Suppression.objects.get().email_key == mail.person.email_key


def test_an_arrival_of_either_starts_the_merged_person_anew(mail):
    other = new_mail(None, "minsu@work.example.com")
    tell(mail, "mail.bounced_soft")
    tell(other, "mail.delivered", minutes=1)
    tell(another(mail), "mail.bounced_soft", minutes=2)
    catch_up(NOW)
    assert in_row() == {mail.person.pk: 2}

    merge(mail.person.pk, other.person.pk, by=None, now=NOW)
    catch_up(NOW)
    assert in_row() == {mail.person.pk: 1}


def test_hard_bounce_that_comes_with_the_merge_leaves_out(mail):
    other = new_mail(None, "minsu@work.example.com")
    tell(other, "mail.bounced_hard")
    merge(mail.person.pk, other.person.pk, by=None, now=NOW)
    catch_up(NOW)
    assert Suppression.objects.get().email_key == other.person.email_key


def dropped(contact, kind, subject, day):
    """Put the fold of an event of a dropped month on record."""
    at = datetime(2026, 5, day, tzinfo=UTC)
    number = subject_ids([("dispatch", subject)])[("dispatch", subject)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_dropped (month, dropped_at) VALUES ('2026-05-01', %s) ON CONFLICT DO NOTHING", [NOW]
        )
        cursor.execute(
            "INSERT INTO event_base (month, contact_id, kind_id, subject_id, n, total, first_at, last_at, last_times) "
            "VALUES ('2026-05-01', %s, %s, %s, 1, 0, %s, %s, ARRAY[%s::timestamptz])",
            [contact, kind_ids([kind])[kind], number, at, at, at],
        )


def test_replay_goes_on_from_what_dropped_months_told(mail):
    well = new_mail(None, "jiwoo@example.com")
    for person in (mail.person.pk, well.person.pk):
        dropped(person, "mail.bounced_soft", "901", 1)
        dropped(person, "mail.delivered", "902", 2)
        dropped(person, "mail.bounced_soft", "903", 3)
        dropped(person, "mail.bounced_soft", "904", 4)
    tell(well, "mail.delivered")
    for one in (mail, another(well)):
        tell(one, "mail.bounced_soft", minutes=1)

    replay("bounces", NOW)
    catch_up(NOW)
    assert in_row() == {mail.person.pk: 3, well.person.pk: 1}
