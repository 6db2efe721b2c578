"""A campaign by its pages: draft, check, launch, live, result; by role; nothing on a refusal."""

from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.campaign.freeze import freeze
from campaigns.campaign.launch import launch
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.senders.models import Sender
from campaigns.sending import trackable
from campaigns.sending.worker import send_now
from contacts.consent.models import Decision, Purpose
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.lists.models import Tag
from crm.kit import clock
from crm.team.models import Role, User
from tests.campaigns.conftest import NOW, decide, make_campaign, make_list, make_people, make_sender, make_template

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague():
    def make(role=Role.MARKETER):
        return User.objects.create_user(f"{role}@team.example", "pw-pw-pw-pw", name="민아", role=role)

    return make


@pytest.fixture
def marketer(client, colleague):
    user = colleague()
    client.force_login(user)
    return user


@pytest.fixture
def twelve():
    """Twelve people: seven agreed, two refused, three never asked."""
    people = make_people(12)
    decide(people[:7], Decision.GRANTED)
    decide(people[7:9], Decision.WITHDRAWN)
    return people


def form_of(campaign=None, **changes):
    data = {"name": "Autumn", "token": str(uuid4()), "utm_source": "wayfare", "version": "1", "doubt": "resend"}
    return data | changes


def test_a_draft_is_made_once_and_counts_live(client, marketer, twelve):
    chosen = make_list(twelve)
    data = form_of(include_lists=[chosen.pk], template=make_template().pk, sender=make_sender().pk, then="check")
    assert client.post("/campaigns/new/", data).status_code == 302
    response = client.post("/campaigns/new/", data)
    campaign = Campaign.objects.get()
    assert response["Location"] == f"/campaigns/{campaign.pk}/check/"
    assert campaign.link_parameters == {"utm_source": "wayfare"}
    counts = client.post("/campaigns/audience/", data).context["preview"]
    assert (counts.total, counts.to_send) == (12, 7)
    assert {row["reason"]: row["count"] for row in counts.rows} == {"no_consent": 3, "withdrawn": 2}


def test_exclusions_and_tags_count(client, marketer, twelve):
    vip = Tag.objects.create(name="VIP")
    for person in twelve[:3]:
        person.tag_links.create(tag=vip)
    chosen = make_list(twelve)
    counts = client.post("/campaigns/audience/", form_of(include_lists=[chosen.pk], exclude_tags=[vip.pk])).context
    assert (counts["preview"].total, counts["preview"].to_send) == (9, 4)
    counts = client.post("/campaigns/audience/", form_of(include_tags=[vip.pk])).context
    assert counts["preview"].to_send == 3
    assert client.post("/campaigns/audience/", form_of()).context["preview"] is None


def test_the_second_of_two_editors_is_told_and_keeps_what_she_typed(client, marketer, twelve):
    campaign = make_campaign(twelve)
    address = f"/campaigns/{campaign.pk}/edit/"
    assert client.post(address, form_of(name="First")).status_code == 302
    second = client.post(address, form_of(name="Second"))
    assert second.status_code == 409
    named = {row.name: (row.theirs, row.typed) for row in second.context["differences"]}
    assert named["name"] == ("First", "Second")
    campaign.refresh_from_db()
    assert campaign.name == "First"


@pytest.mark.parametrize("field", ["name", "subject", "preheader", "utm_source"])
def test_line_breaks_are_refused(client, marketer, field):
    response = client.post("/campaigns/new/", form_of(**{field: "A\r\nBcc: x@example.com"}))
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not Campaign.objects.exists()


def test_the_check_shows_whom_why_not_and_real_mails(client, marketer, twelve):
    campaign = make_campaign(twelve)
    page = client.get(f"/campaigns/{campaign.pk}/check/")
    assert page.context["obstacles"] == []
    assert len(page.context["samples"]) == 5
    assert page.context["inbox"]["subject"].startswith("(광고) 김철수0")
    people = client.get(f"/people/?campaign={campaign.pk}:no_consent")
    assert len(people.context["page"].rows) == 3
    mail_page = client.get(f"/campaigns/{campaign.pk}/check/{twelve[0].pk}/")
    assert "김철수0" in mail_page.content.decode()
    assert "sandbox" in mail_page["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("own", "shown"),
    [("", "Fish & chips for 김철수0"), ("<b>{{ contact.name }}", "<b>김철수0")],
    ids=["template", "own"],
)
def test_the_inbox_line_shows_the_preheader_that_leaves(client, marketer, twelve, own, shown):
    template = make_template(preheader="Fish & chips for {{ contact.name }}")
    campaign = make_campaign(twelve, template=template, preheader=own)
    assert client.get(f"/campaigns/{campaign.pk}/check/").context["inbox"]["preheader"] == shown


def test_a_launch_happens_once_and_needs_what_was_checked(client, marketer, twelve, django_capture_on_commit_callbacks):
    campaign = make_campaign(twelve)
    address = f"/campaigns/{campaign.pk}/launch/"
    client.post(address, {"version": campaign.version + 1})
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.DRAFT
    for _ in range(2):
        assert client.post(address, {"version": campaign.version})["Location"] == f"/campaigns/{campaign.pk}/"
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.LAUNCHING
    assert campaign.dispatches.count() == 1
    page = client.get(f"/campaigns/{campaign.pk}/")
    assert page.context["live"] is True
    assert client.get(f"/campaigns/{campaign.pk}/live/").status_code == 200


def test_a_result_shows_shares_of_those_who_can_be_counted(client, marketer, twelve, smtp):
    decide(twelve[:4], Decision.GRANTED, Purpose.TRACKING)
    decide(twelve[4:5], Decision.WITHDRAWN, Purpose.TRACKING)
    campaign = make_campaign(twelve)
    dispatch = launch(campaign.pk, by=marketer, now=clock.now())
    freeze(dispatch.pk, clock.now)
    send_now(clock.now)
    about = ("dispatch", str(dispatch.pk))
    append([NewEvent(twelve[0].pk, "mail.opened", clock.now(), about)], source="test", now=clock.now())
    catch_up(clock.now())
    page = client.get(f"/campaigns/{campaign.pk}/")
    assert page.context["tracked"] == 4
    notes = {tile["label"]: (tile["value"], tile["note"]) for tile in page.context["tiles"]}
    assert notes["Opened"] == ("1", "25.0%")
    assert notes["Handed over"] == ("7", "of 7")
    assert "4 of 7. Their shares are shares of these people." in page.content.decode()
    assert str(campaign.sender) in page.content.decode().replace("&lt;", "<").replace("&gt;", ">")
    listed = client.get("/campaigns/").context["page"].rows[0].result
    assert (listed.opened, listed.opened_rate) == (1, None)  # the sweep has not been there yet
    assert trackable.store() == [dispatch.pk]
    assert client.get("/campaigns/").context["page"].rows[0].result.opened_rate == 0.25


def test_an_unready_campaign_is_refused_with_every_reason(client, marketer, twelve):
    campaign = make_campaign(twelve[9:], sender=make_sender())
    Sender.objects.update(verified_at=None, phone="")
    client.post(f"/campaigns/{campaign.pk}/launch/", {"version": campaign.version})
    page = client.get(f"/campaigns/{campaign.pk}/check/")
    told = " ".join(page.context["obstacles"])
    assert "not confirmed" in told
    assert "phone" in told
    assert "Nobody would get this mail" in told
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.DRAFT


def test_schedule_and_back(client, marketer, twelve):
    campaign = make_campaign(twelve)
    address = f"/campaigns/{campaign.pk}/schedule/"
    assert client.post(address, {"at": "2020-01-01T10:00"}).status_code == 422
    assert client.post(address, {"at": "2100-01-01T10:00"}).status_code == 302
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.SCHEDULED
    assert client.get(f"/campaigns/{campaign.pk}/").status_code == 200
    client.post(f"/campaigns/{campaign.pk}/unschedule/")
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.DRAFT
    client.post(f"/campaigns/{campaign.pk}/pause/")
    client.post(f"/campaigns/{campaign.pk}/cancel/")
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.CANCELLED
    assert client.post(f"/campaigns/{campaign.pk}/explode/").status_code == 404


VIEW, EDIT, LAUNCH = "get", "edit", "launch"


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.ADMIN, {VIEW, EDIT, LAUNCH}),
        (Role.MARKETER, {VIEW, EDIT, LAUNCH}),
        (Role.SALES_REP, {VIEW}),
        (Role.CUSTOMER_SUCCESS, {VIEW}),
        (Role.ANALYST, {VIEW}),
    ],
)
def test_who_may_do_what(client, colleague, twelve, role, may):
    campaign = make_campaign(twelve)
    client.force_login(colleague(role))
    number = campaign.pk
    reads = ["/campaigns/", f"/campaigns/{number}/check/", f"/campaigns/{number}/live/"]
    edits = ["/campaigns/new/", f"/campaigns/{number}/edit/", "/senders/", "/senders/new/"]
    assert {client.get(path).status_code for path in reads} == ({200} if VIEW in may else {403})
    assert {client.get(path).status_code for path in edits} == ({200} if EDIT in may else {403})
    posts = [f"/campaigns/{number}/{verb}/" for verb in ("launch", "schedule", "cancel")]
    statuses = [client.post(path).status_code for path in posts]
    assert (403 in statuses) is (LAUNCH not in may)
    if LAUNCH not in may:
        campaign.refresh_from_db()
        assert campaign.state == CampaignState.DRAFT


def test_a_search_with_a_nul_finds_what_it_says(client, marketer, twelve):
    campaign = make_campaign(twelve)
    assert [row.campaign.pk for row in client.get("/campaigns/?q=Au%00tumn").context["page"].rows] == [campaign.pk]


def test_the_list_costs_the_same_for_one_and_three(client, marketer, twelve):
    def cost(campaigns):
        for _ in range(campaigns):
            campaign = make_campaign(twelve)
            launch(campaign.pk, by=marketer, now=NOW)
        client.get("/campaigns/")
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/campaigns/").context["page"]
        return len(page.rows), len(queries)

    one, three = cost(1), cost(2)
    assert (one[0], three[0]) == (1, 3)
    assert one[1] == three[1] <= 12


SENDER = {
    "name": "민지", "email": "Minji@Shop.example", "organisation": "하늘", "postal_address": "서울", "phone": "02-1",
}  # fmt: skip


def test_a_new_address_must_be_proved(client, marketer, settings):
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    assert client.post("/senders/new/", SENDER).status_code == 302
    sender = Sender.objects.get()
    assert (sender.email, sender.verified_at) == ("minji@shop.example", None)
    link = next(line for line in mail.outbox[0].body.splitlines() if "/senders/confirm/" in line)
    path = link[link.index("/senders/") :]
    client.logout()
    assert client.get(path).status_code == 200
    sender.refresh_from_db()
    assert sender.verified_at is None  # a scanner that opens the link proves nothing
    client.post(path)
    sender.refresh_from_db()
    assert sender.verified_at is not None
    client.force_login(marketer)
    client.post(f"/senders/{sender.pk}/", SENDER | {"phone": "02-2"})
    sender.refresh_from_db()
    assert (sender.phone, sender.verified_at is not None) == ("02-2", True)
    client.post(f"/senders/{sender.pk}/", SENDER | {"email": "other@shop.example"})
    sender.refresh_from_db()
    assert sender.verified_at is None
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"phone": ""}, "phone"),
        ({"name": "A\nB"}, "name"),
        ({"reply_to": "x"}, "reply_to"),
    ],
)
def test_a_wrong_sender_is_refused(client, marketer, wrong, field):
    response = client.post("/senders/new/", SENDER | wrong)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not Sender.objects.exists()
