"""What needs the reader, and the first steps: by role, with exact texts and addresses."""

from datetime import UTC, date, datetime, timedelta

import pytest

from campaigns.campaign.models import Campaign, CampaignState
from campaigns.senders.models import Sender
from campaigns.templating.models import MailTemplate
from contacts.leads.models import FollowUp, Outcome
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.people.address import email_key
from contacts.people.models import Contact
from contacts.scoring.heat import default_model
from contacts.scoring.models import Score
from crm.home.needs import needs_of, waiting
from crm.home.needs.first_steps import first_steps
from crm.team.models import Role, User

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def people(db) -> dict[Role, User]:
    return {role: User.objects.create_user(f"{role}@example.com", name=str(role), role=role) for role in Role}


def _person(n: int, owner: User | None = None) -> Contact:
    address = f"p{n}@example.com"
    return Contact.objects.create(email=address, email_key=email_key(address), owner=owner)


def _heat(contact: Contact, total: float) -> None:
    Score.objects.create(model=default_model(), contact=contact, total=total, last_at=NOW)


def _said(user: User) -> list[tuple[str, str]]:
    return [(need.text, need.url) for need in needs_of(user, NOW)]


def test_unowned_hot_leads_call_reps(people):
    rep = people[Role.SALES_REP]
    assert _said(rep) == []
    _heat(_person(1), 1e12)
    _heat(_person(2), 1e-12)
    _heat(_person(3, owner=people[Role.MARKETER]), 1e12)
    assert _said(rep) == [("1 hot lead has no owner.", "/leads/unowned/")]
    assert _said(people[Role.ANALYST]) == []
    assert _said(people[Role.MARKETER]) == []


def test_many_are_not_counted(people, monkeypatch):
    monkeypatch.setattr(waiting, "MANY", 2)
    for number in range(3):
        _heat(_person(number), 1e12)
    assert _said(people[Role.SALES_REP]) == [("1+ hot leads have no owner.", "/leads/unowned/")]


def test_promised_calls_of_today_are_named_to_their_owner(people):
    rep, other = people[Role.SALES_REP], people[Role.CUSTOMER_SUCCESS]
    due = [(1, rep, 0), (2, rep, -3), (3, rep, 1), (4, other, 0)]
    for number, owner, days in due:
        day = date(2026, 11, 21) + timedelta(days=days)
        FollowUp.objects.create(contact=_person(number, owner), outcome=Outcome.LATER, at=NOW, due_on=day)
    assert _said(rep) == [("2 leads asked to be called by today.", "/leads/?only=due")]
    assert _said(other) == [("1 lead asked to be called by today.", "/leads/?only=due")]


def test_paused_campaign_calls_who_may_launch(people):
    campaign = Campaign.objects.create(name="가을 소식", state=CampaignState.PAUSED)
    Campaign.objects.create(name="Draft")
    expected = [("The campaign “가을 소식” is paused.", f"/campaigns/{campaign.pk}/")]
    assert _said(people[Role.MARKETER]) == expected
    assert _said(people[Role.ADMIN]) == expected
    assert _said(people[Role.SALES_REP]) == []


def test_first_steps_are_ticked_off_and_go_when_all_are_done(people):
    emma = people[Role.MARKETER]
    assert [done for _step, done in first_steps(emma)] == [False] * 4
    assert first_steps(people[Role.SALES_REP]) == []
    _person(1)
    assert [done for _step, done in first_steps(emma)] == [True, False, False, False]
    MailTemplate.objects.create(name="Autumn")
    sender = Sender.objects.create(name="Wayfare", email="hello@example.com")
    campaign = Campaign.objects.create(name="Autumn")
    assert [done for _step, done in first_steps(emma)] == [True, True, False, False]
    Sender.objects.filter(pk=sender.pk).update(verified_at=NOW)
    Campaign.objects.filter(pk=campaign.pk).update(launched_at=NOW)
    assert first_steps(emma) == []


def test_hot_leads_of_ones_own_are_named_until_they_are_called(people):
    rep = people[Role.SALES_REP]
    kim = _person(1, rep)
    _heat(kim, 1e12)
    append([NewEvent(kim.pk, "lead.hot", NOW)], source="test", now=NOW)
    catch_up(NOW)
    expected = [("1 of your leads is hot and was not called since.", "/leads/?only=uncalled")]
    assert _said(rep) == expected
    assert [_said(people[role]) for role in Role if role != Role.SALES_REP] == [[]] * 4
    later = NOW + timedelta(hours=1)
    append([NewEvent(kim.pk, "call.logged", later)], source="test", now=later)
    catch_up(later)
    assert _said(rep) == []
