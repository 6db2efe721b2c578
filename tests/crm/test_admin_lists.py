"""The lists of the admin: what each role finds, what they cost, and that nothing is changed there but what is meant."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from campaigns.senders.models import Sender
from campaigns.sending.models import Dispatch, MailerState, Message
from campaigns.templating.models import MailTemplate, TemplateVersion
from contacts.attributes.models import Attribute
from contacts.consent.models import ConsentEntry, Suppression
from contacts.ledger.append import NewEvent, append
from contacts.people.models import Contact, PeopleExport
from contacts.privacy.models import Erasure
from contacts.scoring.models import ScoreEntry, ScoreModel, ScoreRule
from contacts.stages.models import Stage, StageModel
from contacts.topics.models import Topic
from crm.team.admin_lists import ShownAdmin
from crm.team.models import ApiToken, Role, User
from journeys.journey.models import Journey

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
CHANGED_HERE = {"ApiToken", "User", "MailTemplate", "Journey", "StageModel", "Topic"}


@pytest.fixture
def alice():
    return User.objects.create_user("alice@team.example", "pw-pw-pw-pw", name="Alice", role=Role.ADMIN)


def _message(n, alice):
    sender = Sender.objects.get_or_create(name="S", email="s@example.com", organisation="O", postal_address="P")[0]
    template = MailTemplate.objects.get_or_create(name="Mail")[0]
    version = TemplateVersion.objects.get_or_create(template=template, number=1)[0]
    dispatch = Dispatch.objects.create(sender=sender, template_version=version)
    Message.objects.create(dispatch=dispatch, contact_id=n, ordinal=1, email="x@example.com")


def _score_entry(n, alice):
    rule = ScoreRule.objects.create(model=ScoreModel.objects.first(), name=f"R{n}", kind="mail.clicked", points=5)
    ScoreEntry.objects.create(model=rule.model, rule=rule, contact_id=1, event_id=n, occurred_at=NOW, points=5)


def _score_rule(n, alice):
    ScoreRule.objects.create(model=ScoreModel.objects.first(), name=f"R{n}", kind="mail.clicked", points=5)


def _event(n, alice):
    append([NewEvent(n, "form.submitted", NOW, subject=("form", str(n)))], source="test", now=NOW)


def _consent(n, alice):
    by = User.objects.create_user(f"c{n}@team.example", name=f"C{n}")
    ConsentEntry.objects.create(
        contact_id=1, purpose="marketing", channel="email", decision="granted", at=NOW, source="x", recorded_by=by
    )


def _of_model(model, **fields):
    return lambda n, alice: model.objects.create(
        **{key: value.format(n=n) if isinstance(value, str) else value for key, value in fields.items()}
    )


MAKERS = {
    "ApiToken": lambda n, alice: ApiToken.objects.create(
        user=User.objects.create_user(f"t{n}@team.example", name=f"T{n}"),
        name=f"T{n}",
        digest=f"d{n}",
        scopes=[],
        created_at=NOW,
    ),
    "Attribute": _of_model(Attribute, key="a{n}", label="A{n}", type="text"),
    "ConsentEntry": _consent,
    "Erasure": lambda n, alice: Erasure.objects.create(by=alice, reason="request", requested_at=NOW, due_at=NOW),
    "Event": _event,
    "Journey": lambda n, alice: Journey.objects.create(name=f"J{n}", draft={}, changed_by=alice),
    "MailTemplate": lambda n, alice: MailTemplate.objects.create(name=f"M{n}", updated_by=alice),
    "MailerState": _of_model(MailerState, alias="m{n}"),
    "Message": _message,
    "PeopleExport": lambda n, alice: PeopleExport.objects.create(by=alice, at=NOW, reason="r", people=n),
    "ScoreEntry": _score_entry,
    "ScoreModel": _of_model(ScoreModel, name="S{n}", half_life=14.0, anchor=NOW),
    "ScoreRule": _score_rule,
    "Sender": _of_model(Sender, name="S{n}", email="s{n}@example.com", organisation="O", postal_address="P"),
    "Stage": lambda n, alice: Stage.objects.create(
        model=StageModel.objects.first(), key=f"s{n}", name=f"S{n}", position=50 + n
    ),
    "StageModel": _of_model(StageModel, key="m{n}", name="M{n}", name_ko="M{n}"),
    "Suppression": _of_model(Suppression, email_key="k{n}", reason="manual", at=NOW),
    "Topic": _of_model(Topic, name="T{n}"),
    "User": lambda n, alice: User.objects.create_user(f"u{n}@team.example", name=f"U{n}"),
}


def lists():
    return {model.__name__: (model, options) for model, options in admin.site._registry.items()}


def url_of(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def test_every_list_has_a_maker():
    assert lists().keys() - MAKERS.keys() == set()


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_list_costs_the_same_for_one_row_and_three(client, alice, name):
    client.force_login(alice)
    model, _options = lists()[name]
    MAKERS[name](1, alice)
    cost = []
    for more in ((), (2, 3)):
        for n in more:
            MAKERS[name](n, alice)
        client.get(url_of(model))  # what is remembered of dictionaries and content types is asked once
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(url_of(model))
        assert answer.status_code == 200
        cost.append(len(asked))
    assert cost[0] == cost[1]
    assert cost[0] <= 9


def test_only_what_is_meant_is_changed_in_the_admin():
    assert {name for name, (_model, options) in lists().items() if not isinstance(options, ShownAdmin)} == CHANGED_HERE


@pytest.mark.parametrize("name", sorted(MAKERS.keys() - CHANGED_HERE))
def test_shown_lists_take_no_post_and_have_no_page_of_a_row(client, alice, name):
    client.force_login(alice)
    model, options = lists()[name]
    MAKERS[name](1, alice)
    base = url_of(model)
    for path in ("add/", "1/change/", "1/delete/"):
        assert client.post(base + path, {"post": "yes"}).status_code in (302, 403), path
    assert model.objects.exists()
    if options.page_name:
        row = model.objects.order_by("-pk").first() if name != "Event" else model.objects.first()
        assert str(options.to_page(row)).startswith('<a href="/')


@pytest.mark.parametrize("name", ["Event", "ConsentEntry", "ScoreEntry", "Message"])
def test_large_tables_are_never_counted_nor_read_whole(client, alice, name, monkeypatch):
    client.force_login(alice)
    model, options = lists()[name]
    monkeypatch.setattr(type(options), "list_per_page", 1)  # as a table of more than one page
    for n in (1, 2, 3):
        MAKERS[name](n, alice)
    with CaptureQueriesContext(connection) as asked:
        client.get(url_of(model))
    table = model._meta.db_table
    about = [query["sql"] for query in asked if f'FROM "{table}"' in query["sql"]]
    assert len(about) == 2  # the rows of the page, and how many there are up to 2,000
    assert [sql for sql in about if "LIMIT" not in sql] == []


def test_rows_of_one_person_are_found_by_her_number_and_name_her(client, alice):
    client.force_login(alice)
    kim = Contact.objects.create(name="Kim Minsu")
    for n in (kim.pk, kim.pk + 1, kim.pk + 2):
        _event(n, alice)
    page = client.get("/admin/contacts/event/").content.decode()
    assert page.count(">Form sent<") == 3
    shown = client.get(f"/admin/contacts/event/?q={kim.pk}").content.decode()
    assert re.findall(r'href="/people/(\d+)/">([^<]*)<', shown) == [(str(kim.pk), "Kim Minsu")]
    nobody = client.get("/admin/contacts/event/?q=%EA%B9%80").content.decode()
    assert re.findall(r'href="/people/(\d+)/"', nobody) == []


@pytest.mark.parametrize(
    ("name", "leads"),
    [
        ("Stage", "Nothing is changed here. Each row leads to the page where it is; the newest 2,000 are shown."),
        ("ScoreEntry", "Nothing is changed here. The name leads to the person; the newest 2,000 are shown."),
        ("PeopleExport", "Nothing is changed here; the newest 2,000 are shown."),
    ],
)
def test_shown_list_says_where_its_rows_lead(client, alice, name, leads):
    client.force_login(alice)
    page = client.get(url_of(lists()[name][0])).content.decode()
    assert [said.strip() for said in re.findall(r"Nothing is changed here[^<]*", page)] == [leads]


def test_list_without_rows_says_why(client, alice):
    client.force_login(alice)
    none_yet = client.get("/admin/team/apitoken/").content.decode()
    assert ("Nothing here yet" in none_yet, "0 entries" in none_yet) == (True, True)
    not_found = client.get("/admin/team/apitoken/?q=shop").content.decode()
    assert ("Nothing here yet" in not_found, "Nothing fits these filters" in not_found) == (False, True)


def test_scores_that_ship_are_named_as_the_reader_speaks(client, alice):
    alice.language = "ko"
    alice.save()
    client.force_login(alice)
    MAKERS["ScoreEntry"](1, alice)
    for name, words in (("scoremodel", ["참여도"]), ("scorerule", ["참여도", "주문"]), ("scoreentry", ["참여도"])):
        page = client.get(f"/admin/contacts/{name}/").content.decode()
        assert [word for word in words if word not in page] == [], name
        assert "Engagement" not in page, name


def test_times_and_kinds_are_written_as_on_the_other_pages(client, alice):
    client.force_login(alice)
    MAKERS["Erasure"](1, alice)
    assert "Sat, Nov 21, 2026 12:00" in client.get("/admin/contacts/erasure/").content.decode()
    MAKERS["ScoreRule"](1, alice)
    page = client.get("/admin/contacts/scorerule/").content.decode()
    assert (">mail.clicked<" in page, ">Clicked in a mail<" in page) == (False, True)


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_every_heading_of_a_list_is_korean_for_a_korean(name, rf, alice):
    model, options = lists()[name]
    request = rf.get("/")
    request.user = alice
    with translation.override("ko"):
        headings = [label_for_field(column, model, options) for column in options.get_list_display(request)]
        assert [text for text in headings if not re.search("[가-힣]", str(text))] == []


def test_a_marketer_finds_templates_journeys_and_topics_and_nothing_else(client, alice):
    mina = User.objects.create_user("mina@team.example", "pw-pw-pw-pw", name="Mina", role=Role.MARKETER)
    client.force_login(mina)
    reached = {name for name, (model, _o) in lists().items() if client.get(url_of(model)).status_code == 200}
    assert reached == {"MailTemplate", "Journey", "Topic"}
    offered = set(re.findall(r'href="(/admin/[a-z]+/[a-z]+/)"', client.get("/admin/").content.decode()))
    assert offered == {"/admin/campaigns/mailtemplate/", "/admin/contacts/topic/", "/admin/journeys/journey/"}


def test_no_contact_is_changed_in_the_admin():
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:contacts_{Contact._meta.model_name}_changelist")
