"""Launching: who gets it and why others do not, what is refused, and that nothing happens twice."""

from datetime import date, timedelta
from typing import Any

import pytest

from campaigns.campaign import audience, edit, freeze, launch
from campaigns.campaign.errors import LaunchRefused, StaleCampaign, WrongState
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.senders.models import Sender
from campaigns.sending.models import Chunk, ContactSendState, Dispatch, DispatchState, FrequencyCap, Link, Message
from campaigns.templating.models import MailKind
from contacts.consent.models import Decision, Purpose, Suppression, SuppressionReason
from contacts.lists.models import ContactTag, Tag
from contacts.people.models import Contact
from crm.team.models import Role, User
from tests.campaigns.conftest import NOW, decide, make_campaign, make_list, make_people, make_template

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.campaign.launch.wake_freeze", lambda dispatch_id: None)


def everyone() -> dict[str, list[Contact]]:
    """Make people for every reason."""
    agreed, silent, refused, blocked = (make_people(n, prefix=p) for n, p in ((9, "a"), (3, "s"), (2, "r"), (2, "b")))
    nameless = Contact.objects.bulk_create([Contact(name="Visitor")])
    twins = make_people(1, prefix="twin", domain="hanmail.net") + make_people(1, prefix="twin", domain="daum.net")
    children = make_people(3, prefix="c")
    turned_14_today, child, flagged = children
    Contact.objects.filter(pk=turned_14_today.pk).update(birthday=date(2012, 11, 21), under_14=True)
    Contact.objects.filter(pk=child.pk).update(birthday=date(2012, 11, 22))
    Contact.objects.filter(pk=flagged.pk).update(under_14=True)
    guarded = make_people(1, prefix="g")
    Contact.objects.filter(pk=guarded[0].pk).update(under_14=True)
    decide(guarded, Decision.GRANTED, Purpose.GUARDIAN)
    decide(agreed + blocked + twins + children + guarded, Decision.GRANTED)
    decide(refused, Decision.WITHDRAWN)
    Suppression.objects.bulk_create(
        Suppression(email_key=person.email_key, reason=SuppressionReason.COMPLAINT, at=NOW) for person in blocked
    )
    capped = agreed[0]
    FrequencyCap.objects.create(sends=1, days=7)
    ContactSendState.objects.create(contact_id=capped.pk, message_ids=[1], times=[NOW - timedelta(days=1)])
    return {
        "": [*agreed[1:], twins[0], turned_14_today, *guarded],
        "no_guardian": [child, flagged],
        "no_consent": silent,
        "withdrawn": refused,
        "suppressed": blocked,
        "no_address": nameless,
        "same_mailbox": [twins[1]],
        "capped": [capped],
    }


def test_preview_and_freeze_agree_on_every_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = everyone()
    campaign = make_campaign([person for group in groups.values() for person in group])
    expected = {reason: {person.pk for person in group} for reason, group in groups.items()}
    counts = {reason: n for reason, n in audience.preview(campaign, NOW).items() if n}
    assert counts == {reason: len(ids) for reason, ids in expected.items()}
    marketer = User.objects.create_user("m@example.com", "x", name="M", role=Role.MARKETER)
    shown = {
        reason: set(audience.people(campaign, reason, marketer, NOW).values_list("pk", flat=True)) for reason in counts
    }
    assert shown == expected
    monkeypatch.setattr(freeze, "RANGE", 5)
    dispatch = launch.launch(campaign.pk, by=marketer, now=NOW)
    assert freeze.freeze(dispatch.pk, lambda: NOW)
    found: dict[str, set[int]] = {}
    for reason, contact in Message.objects.values_list("left_out", "contact_id"):
        found.setdefault(reason, set()).add(contact)
    assert found == expected
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.size) == (DispatchState.SENDING, 11)
    ordinals = Message.objects.filter(left_out="").order_by("ordinal").values_list("ordinal", flat=True)
    assert list(ordinals) == list(range(1, 12))
    covered = [n for first, last in Chunk.objects.order_by("first").values_list("first", "last")
               for n in range(first, last + 1)]  # fmt: skip
    assert covered == list(range(1, 12))


def test_informational_mail_needs_no_consent() -> None:
    groups = everyone()
    campaign = make_campaign(
        [person for group in groups.values() for person in group], template=make_template(MailKind.INFORMATIONAL)
    )
    counts = {reason: n for reason, n in audience.preview(campaign, NOW).items() if n}
    assert counts == {"": 19, "suppressed": 2, "no_address": 1, "same_mailbox": 1}


def test_launch_asked_twice_happens_once() -> None:
    people = make_people(5)
    decide(people, Decision.GRANTED)
    campaign = make_campaign(people)
    first = launch.launch(campaign.pk, by=None, now=NOW)
    second = launch.launch(campaign.pk, by=None, now=NOW)
    assert first == second
    assert Dispatch.objects.count() == 1
    assert [freeze.freeze(first.pk, lambda: NOW) for _ in range(2)] == [True, False]
    assert Message.objects.count() == 5
    assert set(Link.objects.values_list("number", "url")) == {
        (1, "https://example.com/a?b=1&c=2"),
        (2, "https://example.com/go"),
    }


def unverified(campaign: Campaign) -> None:
    Sender.objects.update(verified_at=None)


def without_phone(campaign: Campaign) -> None:
    Sender.objects.update(phone=" ")


def without_sender(campaign: Campaign) -> None:
    Campaign.objects.update(sender=None)


def without_people(campaign: Campaign) -> None:
    campaign.include_lists.clear()


def all_refused(campaign: Campaign) -> None:
    decide(list(Contact.objects.all()), Decision.WITHDRAWN)


@pytest.mark.parametrize(
    ("spoil", "code", "words"),
    [
        (unverified, "sender_unverified", "hello@wayfare.example"),
        (without_phone, "sender_incomplete", "phone"),
        (without_sender, "sender_missing", "Choose who"),
        (without_people, "audience_missing", "list or tag"),
        (all_refused, "audience_left_out", "has refused marketing: 3"),
    ],
)
def test_launch_is_refused_with_the_reason(spoil: Any, code: str, words: str) -> None:
    people = make_people(3)
    decide(people, Decision.GRANTED)
    campaign = make_campaign(people)
    spoil(campaign)
    with pytest.raises(LaunchRefused) as refused:
        launch.launch(campaign.pk, by=None, now=NOW)
    (problem,) = refused.value.problems
    assert problem.code == code
    assert words in problem.message
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.DRAFT
    assert not Dispatch.objects.exists()
    assert not Message.objects.exists()


def test_stale_edit_is_told_and_changes_nothing() -> None:
    campaign = make_campaign(make_people(1))
    fields = edit.CampaignFields(name="First", sender_id=campaign.sender_id, template_id=campaign.template_id)
    edit.edit(campaign.pk, campaign.version, fields)
    with pytest.raises(StaleCampaign) as stale:
        edit.edit(campaign.pk, campaign.version, edit.CampaignFields(name="Second"))
    assert stale.value.current.name == "First"
    campaign.refresh_from_db()
    assert (campaign.name, campaign.version) == ("First", 2)


def test_scheduled_campaign_is_launched_when_its_time_has_come() -> None:
    people = make_people(2)
    decide(people, Decision.GRANTED)
    campaign = make_campaign(people)
    at = NOW + timedelta(hours=1)
    with pytest.raises(LaunchRefused):
        launch.schedule(campaign.pk, NOW, by=None, now=NOW)
    launch.schedule(campaign.pk, at, by=None, now=NOW)
    with pytest.raises(WrongState):
        edit.edit(campaign.pk, campaign.version, edit.CampaignFields(name="Late"))
    assert launch.launch_due(at - timedelta(seconds=1)) == []
    assert launch.launch_due(at) == [campaign.pk]
    assert launch.launch_due(at) == []
    assert Dispatch.objects.get().campaign_id == campaign.pk


def test_schedule_that_became_impossible_goes_back_to_draft_with_the_reason() -> None:
    people = make_people(2)
    decide(people, Decision.GRANTED)
    campaign = make_campaign(people)
    launch.schedule(campaign.pk, NOW + timedelta(hours=1), by=None, now=NOW)
    Sender.objects.update(verified_at=None)
    assert launch.launch_due(NOW + timedelta(hours=2)) == []
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.DRAFT
    assert "not confirmed" in campaign.state_reason


def test_tags_add_and_excluded_lists_take_out() -> None:
    people = make_people(6)
    decide(people, Decision.GRANTED)
    tag = Tag.objects.create(name="VIP")
    ContactTag.objects.bulk_create(ContactTag(contact=person, tag=tag) for person in people[2:5])
    out = make_list([people[3], people[0]], name="Out")
    campaign = make_campaign(people[:3], include_tags=(tag.pk,), exclude_lists=(out.pk,))
    assert audience.preview(campaign, NOW)[""] == 3
    dispatch = launch.launch(campaign.pk, by=None, now=NOW)
    freeze.freeze(dispatch.pk, lambda: NOW)
    assert set(Message.objects.values_list("contact_id", flat=True)) == {people[n].pk for n in (1, 2, 4)}


def test_messages_of_one_provider_stand_together_in_the_order_of_their_people() -> None:
    people = [
        person
        for turn in range(3)
        for domain in ("naver.com", "gmail.com")
        for person in make_people(2, prefix=f"t{turn}", domain=domain)
    ]
    decide(people, Decision.GRANTED)
    dispatch = launch.launch(make_campaign(people).pk, by=None, now=NOW)
    freeze.freeze(dispatch.pk, lambda: NOW)
    rows = Message.objects.filter(dispatch=dispatch).order_by("ordinal").values_list("email", "contact_id")
    domains = [email.partition("@")[2] for email, _ in rows]
    assert domains in (["naver.com"] * 6 + ["gmail.com"] * 6, ["gmail.com"] * 6 + ["naver.com"] * 6)
    for half in (rows[:6], rows[6:]):
        contacts = [contact for _, contact in half]
        assert contacts == sorted(contacts)
