"""Segment rules ask for campaigns and links by what mails' events name: dispatches and numbers of links."""

from datetime import timedelta

import pytest

from campaigns.sending.models import Dispatch, Link
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.people.models import Contact
from contacts.segments.errors import FieldGone
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.subjects import SUBJECT_TYPES
from tests.campaigns.conftest import NOW, make_campaign, make_people
from tests.contacts.segments.conftest import AT, definition, matching

pytestmark = pytest.mark.django_db
URL = "https://example.com/pricing"


def clicked(contact, dispatch, link):
    at, subject = NOW - timedelta(days=1), ("dispatch", str(dispatch.pk))
    return NewEvent(contact.pk, "mail.clicked", at, subject, properties={"link": link, "links": 2})


@pytest.fixture
def sent():
    """Two runs of one campaign, one of another; the pricing page is link 2 of the first and link 1 of the last."""
    people = make_people(4)
    autumn, winter = make_campaign(people), make_campaign(people)
    version = autumn.template.versions.first()
    dispatches = [
        Dispatch.objects.create(campaign=campaign, sender=campaign.sender, template_version=version)
        for campaign in (autumn, autumn, winter)
    ]
    for dispatch, number, url in ((0, 2, URL), (0, 1, "https://example.com/"), (2, 1, URL)):
        Link.objects.create(dispatch=dispatches[dispatch], number=number, url=url)
    append(
        [
            clicked(people[0], dispatches[0], 2),
            clicked(people[1], dispatches[0], 1),
            clicked(people[2], dispatches[1], 1),
            clicked(people[3], dispatches[2], 1),
        ],
        source="t",
        now=NOW,
    )
    catch_up(NOW)
    return autumn, winter


def who(noun, *keys, **more):
    rule = parse(definition({"did": "mail.clicked", "on": {"type": noun, "keys": [str(key) for key in keys]}} | more))
    names = Contact.objects.filter(pk__in=matching(rule, AT)).order_by("email").values_list("email", flat=True)
    return " ".join(name.split("@")[0] for name in names)


def test_a_campaign_is_all_its_runs_and_a_link_its_address_in_every_mail(sent):
    autumn, winter = sent
    assert who("campaign", autumn.pk) == "p0 p1 p2"
    assert who("campaign", winter.pk) == "p3"
    assert who("campaign", autumn.pk, winter.pk, times={"operator": "never"}) == ""
    assert who("link", URL) == "p0 p3"
    assert who("link", URL, window={"last": {"n": 2, "unit": "days"}}) == "p0 p3"
    assert who("link", "https://example.com/none") == ""


def test_campaigns_and_addresses_are_offered_and_a_deleted_campaign_is_named(sent, db):
    search = {key: SUBJECT_TYPES[key].choices.search for key in ("campaign", "link")}
    assert [one.label for one in search["campaign"]("autu", None)] == ["Autumn", "Autumn"]
    assert [(one.value, one.count) for one in search["link"]("PRIC", None)] == [(URL, None)]
    with pytest.raises(FieldGone, match="The campaign"):
        parse(definition({"did": "mail.clicked", "on": {"type": "campaign", "keys": ["999999"]}}))
