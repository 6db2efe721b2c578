"""Segments as the audience of a campaign: let in, kept out, waited for, and not deleted under its feet."""

from datetime import timedelta

import pytest

from campaigns.campaign import audience, edit, freeze, launch
from campaigns.campaign.errors import LaunchRefused
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.sending.models import Message
from contacts.consent.models import Decision
from contacts.people.models import Contact
from contacts.segments import saving
from contacts.segments.models import Segment, SegmentState
from contacts.segments.uses import InUse
from tests.campaigns.conftest import NOW, decide, make_campaign, make_people
from tests.contacts.segments.living import build, change, city, make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("campaigns.campaign.launch.wake_freeze", lambda dispatch_id: None)


@pytest.fixture
def six():
    people = make_people(6)
    decide(people, Decision.GRANTED)
    for place, some in (("Lyon", people[:4]), ("Oslo", people[4:])):
        Contact.objects.filter(pk__in=[person.pk for person in some]).update(city=place, language="ko")
    return people


def to_segments(*, to=(), but=(), people=()):
    """Make a draft to segments, and to a list of `people` when there are some."""
    campaign = make_campaign(list(people))
    if not people:
        campaign.include_lists.clear()
    campaign.include_segments.set(to)
    campaign.exclude_segments.set(but)
    return campaign


def launched(campaign, monkeypatch):
    monkeypatch.setattr(freeze, "RANGE", 2)
    dispatch = launch.launch(campaign.pk, by=None, now=NOW)
    freeze.freeze(dispatch.pk, lambda: NOW)
    return set(Message.objects.filter(dispatch=dispatch).values_list("contact_id", flat=True))


def test_one_segment_less_another(six, monkeypatch):
    korean = make("Korean", {"field": "language", "operator": "is_any_of", "value": ["ko"]}, now=NOW)
    busan = make("Oslo", city("Oslo"), now=NOW)
    campaign = to_segments(to=[korean], but=[busan])
    assert audience.preview(campaign, NOW)[""] == 4
    assert launched(campaign, monkeypatch) == {person.pk for person in six[:4]}


def test_segments_and_lists_add_up_without_repeats(six, monkeypatch):
    lyon = make("Lyon", city("Lyon"), now=NOW)
    campaign = to_segments(to=[lyon], people=six[3:5])
    assert audience.preview(campaign, NOW)[""] == 5
    assert launched(campaign, monkeypatch) == {person.pk for person in six[:5]}


@pytest.mark.parametrize(
    ("side", "state"), [("to", "building"), ("but", "building"), ("to", "broken"), ("but", "broken")]
)
def test_a_segment_that_is_not_ready_is_not_sent_to(six, side, state):
    lyon = make("Lyon", city("Lyon"), now=NOW)
    Segment.objects.filter(pk=lyon.pk).update(state=state, problem="The tag was deleted." * (state == "broken"))
    campaign = to_segments(people=six, **{side: [lyon]})
    with pytest.raises(LaunchRefused) as refused:
        launch.launch(campaign.pk, by=None, now=NOW)
    code = {"building": "segment_counted", "broken": "segment_broken"}[state]
    assert [problem.code for problem in refused.value.problems] == [code]
    assert "Lyon" in str(refused.value)
    assert not Message.objects.exists()
    assert Campaign.objects.get().state == CampaignState.DRAFT


def test_a_scheduled_campaign_waits_for_its_segment(six):
    lyon = make("Lyon", city("Lyon"), now=NOW)
    campaign = to_segments(to=[lyon])
    due = NOW + timedelta(hours=1)
    launch.schedule(campaign.pk, due, by=None, now=NOW)
    change(lyon, city("Oslo"), now=NOW)
    assert launch.launch_due(due) == []
    assert Campaign.objects.get().state == CampaignState.SCHEDULED
    build(due)
    assert launch.launch_due(due) == [campaign.pk]


def test_a_segment_in_use_says_where_and_stays(six):
    lyon = make("Lyon", city("Lyon"), now=NOW)
    reader = make("Readers", {"field": "segments", "operator": "has_any_of", "value": [lyon.pk]}, now=NOW)
    to_segments(but=[lyon], people=six)
    with pytest.raises(InUse) as used:
        saving.delete(lyon)
    assert [str(place) for place in used.value.places] == ["Segment “Readers”", "Campaign “Autumn”"]
    assert Segment.objects.filter(pk=lyon.pk, state=SegmentState.READY).exists()
    saving.delete(reader)
    Campaign.objects.update(state=CampaignState.FINISHED)
    saving.delete(lyon)
    assert not Segment.objects.exists()
    assert not Campaign.objects.get().exclude_segments.exists()


def test_the_draft_keeps_its_segments(six):
    lyon, busan = make("Lyon", city("Lyon"), now=NOW), make("Oslo", city("Oslo"), now=NOW)
    fields = edit.CampaignFields("Winter", include_segments=(lyon.pk,), exclude_segments=(busan.pk,))
    campaign = edit.create(fields, by=None)
    assert list(campaign.include_segments.all()) == [lyon]
    edit.edit(campaign.pk, 1, edit.CampaignFields("Winter", include_segments=(busan.pk,)))
    assert list(campaign.include_segments.all()) == [busan]
    assert not campaign.exclude_segments.exists()
