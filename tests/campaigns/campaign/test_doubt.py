"""Mails of which nobody knows whether they arrived: their number, and the people behind it."""

import pytest

from campaigns.campaign.models import Campaign, CampaignState
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from crm.team.models import Role, User
from tests.campaigns.conftest import NOW, make_people
from tests.campaigns.tracking.conftest import new_dispatch

pytestmark = pytest.mark.django_db


def test_only_mails_still_in_doubt_are_shown_and_open_their_people(client):
    people = make_people(3)
    dispatch = new_dispatch()
    dispatch.campaign = Campaign.objects.create(name="Autumn", state=CampaignState.FINISHED)
    dispatch.created_at = NOW  # what is told of a dispatch is looked for from its beginning on
    dispatch.save()
    about = ("dispatch", str(dispatch.pk))
    told = [(0, "mail.uncertain"), (1, "mail.uncertain"), (1, "mail.delivered"), (2, "mail.sent")]
    append([NewEvent(people[n].pk, kind, NOW, about) for n, kind in told], source="test", now=NOW)
    catch_up(NOW)
    client.force_login(User.objects.create_user("m@team.example", "pw-pw-pw-pw", name="M", role=Role.MARKETER))
    page = client.get(f"/campaigns/{dispatch.campaign_id}/")
    assert page.context["progress"].uncertain == 1
    url = page.context["doubt_url"]
    assert f'href="{url}"' in page.content.decode()
    found = client.get(url)
    assert [person.pk for person in found.context["page"].rows] == [people[0].pk]
    assert client.get("/people/?doubt=x").status_code == 400
