"""Leaving an address out by hand, and taking it back."""

import pytest

from contacts.consent.exclusion import exclude, readmit
from contacts.errors import Invalid
from contacts.ledger.queries import timeline
from contacts.models import Contact, Suppression

pytestmark = pytest.mark.django_db


def told(contact):
    kinds = ["address.excluded", "address.readmitted"]
    return [event.kind for event in reversed(timeline([contact.pk], kinds=kinds))]


def test_excluded_once_and_let_in_again(crowd, team, now):
    assert exclude(crowd.kim, "asked by phone", by=team.rob, now=now) is True
    assert exclude(crowd.kim, "asked again", by=team.rob, now=now) is False
    kept = Suppression.objects.get()
    assert (kept.email_key, kept.reason, kept.detail) == (crowd.kim.email_key, "manual", "asked by phone")
    assert readmit(crowd.kim, "asked for news", by=team.rob, now=now) is True
    assert readmit(crowd.kim, "asked for news", by=team.rob, now=now) is False
    assert told(crowd.kim) == ["address.excluded", "address.readmitted"]


@pytest.mark.parametrize("reason", ["complaint", "erased"])
def test_own_wish_stands(crowd, team, now, reason):
    Suppression.objects.create(email_key=crowd.kim.email_key, reason=reason, at=now)
    with pytest.raises(Invalid):
        readmit(crowd.kim, "asked for news", by=team.alice, now=now)
    assert Suppression.objects.count() == 1
    assert told(crowd.kim) == []


@pytest.mark.parametrize("why", ["", "x", "a\r\nb", "y" * 301])
def test_reason_is_asked(crowd, team, now, why):
    with pytest.raises(Invalid):
        exclude(crowd.kim, why, by=team.rob, now=now)
    assert Suppression.objects.count() == 0
    exclude(crowd.kim, "asked by phone", by=team.rob, now=now)
    with pytest.raises(Invalid):
        readmit(crowd.kim, why, by=team.rob, now=now)
    assert Suppression.objects.count() == 1
    assert told(crowd.kim) == ["address.excluded"]


def test_nobody_without_an_address(crowd, team, now):
    with pytest.raises(Invalid):
        exclude(crowd.caller, "because", by=team.rob, now=now)
    assert readmit(Contact.objects.get(pk=crowd.caller.pk), "why not", by=team.rob, now=now) is False


def test_page_shows_and_lifts_it(crowd, team, as_):
    client, url = as_(team.rob), f"/people/{crowd.kim.pk}/"
    client.post(f"{url}exclude/", {"why": "asked by phone"})
    page = client.get(url).content.decode()
    assert "Gets no mail" in page
    assert "Excluded from sending: asked by phone" in page
    client.post(f"{url}exclude/", {"back": "1"})
    assert "Gets no mail" in client.get(url).content.decode()
    client.post(f"{url}exclude/", {"back": "1", "why": "asked for news"})
    page = client.get(url).content.decode()
    assert "Gets no mail" not in page
    assert "May be sent to again: asked for news" in page
