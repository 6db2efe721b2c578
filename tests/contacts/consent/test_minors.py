"""Who is under 14: by the birthday, else by the flag; on leap days; as a field of rules; told on the person's page."""

from datetime import UTC, date, datetime

import pytest

from contacts.consent.minors import is_under_14, turned_on
from contacts.consent.record import Proof, record
from contacts.models import Contact
from contacts.segments.rules.parsing import parse
from tests.contacts.segments.conftest import AT, definition, matching

NOON = datetime(2026, 11, 21, 3, tzinfo=UTC)
WARNING = "no advertising is sent before a guardian’s consent is recorded"


@pytest.mark.parametrize(
    ("today", "turned"),
    [
        (date(2026, 11, 21), date(2012, 11, 21)),
        (date(2026, 2, 28), date(2012, 2, 28)),  # born on 29 February 2012: 14 tomorrow
        (date(2026, 3, 1), date(2012, 3, 1)),
        (date(2028, 2, 29), date(2014, 2, 28)),
    ],
)
def test_day_on_which_they_turn_14(today, turned):
    assert turned_on(today) == turned


def test_birthday_decides_before_the_flag_and_the_day_is_the_companys():
    assert is_under_14(date(2012, 11, 22), flagged=False, now=NOON)
    midnight_in_seoul = datetime(2026, 11, 21, 15, tzinfo=UTC)
    assert not is_under_14(date(2012, 11, 22), flagged=True, now=midnight_in_seoul)
    assert is_under_14(None, flagged=True, now=NOON)
    assert not is_under_14(None, flagged=False, now=NOON)


@pytest.mark.django_db
def test_rule_finds_children(crowd):
    today = AT.today()
    Contact.objects.filter(pk=crowd.kim.pk).update(birthday=today.replace(year=today.year - 13))
    Contact.objects.filter(pk=crowd.lee.pk).update(birthday=today.replace(year=today.year - 14), under_14=True)
    Contact.objects.filter(pk=crowd.park.pk).update(under_14=True)
    assert matching(parse(definition({"field": "under_14", "operator": "yes"}))) == {crowd.kim.pk, crowd.park.pk}


@pytest.mark.django_db
def test_page_warns_until_the_guardian_agreed(crowd, team, as_, now):
    client, url = as_(team.mina), f"/people/{crowd.lee.pk}/"
    form = {"name": "이영희", "email": "yh.lee@nuri.example.com", "version": "1", "under_14": "on"}
    assert WARNING not in client.get(url).content.decode()
    client.post(f"{url}edit/", form)
    assert Contact.objects.get(pk=crowd.lee.pk).under_14 is True
    assert WARNING in client.get(url).content.decode()
    record(crowd.lee.pk, "guardian", "email", "granted", at=now, proof=Proof("signed form"), now=now)
    assert WARNING not in client.get(url).content.decode()
