"""Two people edit one thing: each page that is saved by version is opened, typed in and sent as a browser would.

The first saves at once. The second comes to the page where she chooses; its first offer keeps what both changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from campaigns.campaign.models import Campaign
from campaigns.limits.cap import set_cap
from campaigns.notices.models import NoticeKind, NoticeSettings
from campaigns.notices.wording import ensure_mail
from campaigns.senders.models import Sender
from campaigns.sending.models import FrequencyCap
from contacts.commerce.models import Product
from contacts.habits.models import ActivityLimits
from contacts.hooks.models import Hook
from contacts.lists.models import FixedList
from contacts.people.address import email_key
from contacts.people.models import Account, Contact
from contacts.scoring.heat import default_model
from contacts.scoring.models import ScoreModel, ScoreRule
from contacts.segments import saving
from contacts.segments.models import Segment
from contacts.stages.models import Stage, StageModel, StageRule
from crm.home.models import StagePlan
from crm.kit.locking import Lockable
from crm.team.models import Company, Role, User

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
type Sent = dict[str, list[str]]


class _Forms(HTMLParser):
    """Reads the forms of a page: where each is posted to, and what a browser posts when nothing is changed."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, Sent]] = []
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        name = got.get("name", "")
        if tag == "form":
            self.forms.append((got.get("action", ""), {}))
        elif tag == "select":
            self.select = name
        elif tag == "textarea":
            self.area = name
            self._keep(name, "")
        elif tag == "option" and self.select and "selected" in got:
            self._keep(self.select, got["value"])
        elif tag == "input" and name and _is_sent(got):
            self._keep(name, got.get("value", "on" if got.get("type") == "checkbox" else ""))

    def handle_endtag(self, tag: str) -> None:
        self.select = "" if tag == "select" else self.select
        self.area = "" if tag == "textarea" else self.area

    def handle_data(self, data: str) -> None:
        if self.area and self.forms:
            self.forms[-1][1][self.area] = [(self.forms[-1][1][self.area][0] + data).removeprefix("\n")]

    def _keep(self, name: str, value: str) -> None:
        if self.forms:
            self.forms[-1][1].setdefault(name, []).append(value)


def _is_sent(got: dict[str, str]) -> bool:
    return got.get("type") != "submit" and (got.get("type") not in ("checkbox", "radio") or "checked" in got)


def form_of(html: str, url: str) -> tuple[str, Sent]:
    """Return the form with a version: where it is posted to, and what."""
    read = _Forms()
    read.feed(html)
    [(action, sent)] = [(action, sent) for action, sent in read.forms if "version" in sent]
    return action or url, sent


@dataclass(frozen=True)
class Page:
    """A page that is saved by version: what makes its thing, and a field that each of two people changes."""

    make: Callable[[User], Any]
    url: str
    first: tuple[str, str]
    second: tuple[str, str]
    held: Callable[[], Any]  # what the two fields hold now
    expected: tuple[Any, Any]


def _row(model: type[Any], **values: Any) -> Callable[[User], Any]:
    return lambda _by: model.objects.create(**values)


def _of(model: type[Any], *names: str) -> Callable[[], Any]:
    return lambda: model.objects.values_list(*names).order_by("-pk")[0]


def _segment(by: User) -> Segment:
    rule = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is", "value": "Seoul"}]}}
    return saving.create(saving.Draft("Seoul", "", rule), by=by, now=NOW)


def _hook(by: User) -> Hook:
    return Hook.objects.create(
        name="ERP", url="https://93.184.216.34/", kinds=["order.placed"], owner=by, since=NOW, salt="s", created_at=NOW
    )


def _cap(_by: User) -> FrequencyCap:
    set_cap(2, 7, version=0)
    return FrequencyCap.objects.get()


def _notices(_by: User) -> NoticeSettings:
    sender = Sender.objects.create(name="Shop", email="shop@example.com", verified_at=NOW)
    result, reminder = (ensure_mail(kind, NOW) for kind in NoticeKind)
    return NoticeSettings.objects.create(sender=sender, result_template=result, reminder_template=reminder)


def _person(by: User) -> Contact:
    return Contact.objects.create(name="Kim", email="kim@example.com", email_key=email_key("kim@example.com"), owner=by)


def _rule(_by: User) -> ScoreRule:
    return ScoreRule.objects.create(model=default_model(), name="Ordered", kind="order.placed", points=5)


def _resting_stage(_by: User) -> Stage:
    model = StageModel.objects.filter(in_use=False).order_by("pk")[0]
    return Stage.objects.filter(model=model).order_by("position")[0]


PAGES = {
    "campaign": Page(
        _row(Campaign, name="Autumn"), "/campaigns/{pk}/edit/", ("name", "Winter"), ("subject", "Snow"),
        _of(Campaign, "name", "subject"), ("Winter", "Snow"),
    ),
    "segment": Page(
        _segment, "/segments/{pk}/edit/", ("name", "Busan"), ("description", "A port"),
        _of(Segment, "name", "description"), ("Busan", "A port"),
    ),
    "list": Page(
        _row(FixedList, name="Fair"), "/lists/{pk}/edit/", ("name", "Expo"), ("description", "In May"),
        _of(FixedList, "name", "description"), ("Expo", "In May"),
    ),
    "webhook": Page(
        _hook, "/settings/webhooks/{pk}/edit/", ("name", "Warehouse"), ("batched", "on"),
        _of(Hook, "name", "batched"), ("Warehouse", True),
    ),
    "score model": Page(
        lambda _by: default_model(), "/settings/scores/", ("hot_at", "90"), ("warm_at", "7"),
        _of(ScoreModel, "hot_at", "warm_at"), (90, 7),
    ),
    "score rule": Page(
        _rule, "/settings/scores/{pk}/", ("name", "Bought"), ("points", "8"),
        _of(ScoreRule, "name", "points"), ("Bought", 8),
    ),
    "activity": Page(
        _row(ActivityLimits, pk=1), "/settings/activity/", ("new_days", "3"), ("lost_days", "300"),
        _of(ActivityLimits, "new_days", "lost_days"), (3, 300),
    ),
    "cap": Page(
        _cap, "/settings/sending/", ("sends", "3"), ("days", "30"), _of(FrequencyCap, "sends", "days"), (3, 30),
    ),
    "notices": Page(
        _notices, "/settings/consent-notices/", ("results", "on"), ("reminders", "on"),
        _of(NoticeSettings, "results", "reminders"), (True, True),
    ),
    "company": Page(
        _row(Company, name="Onnote"), "/team/company/", ("name", "온노트"), ("phone", "02-555-0100"),
        _of(Company, "name", "phone"), ("온노트", "02-555-0100"),
    ),
    "product": Page(
        _row(Product, key="N1", name="Note"), "/products/{pk}/edit/", ("name", "Notebook"), ("brand", "On"),
        _of(Product, "name", "brand"), ("Notebook", "On"),
    ),
    "account": Page(
        _row(Account, name="Hanbit"), "/accounts/{pk}/edit/", ("name", "한빛"), ("city", "대전"),
        _of(Account, "name", "city"), ("한빛", "대전"),
    ),
    "person": Page(
        _person, "/people/{pk}/edit/", ("name", "김철수"), ("title", "부장"),
        _of(Contact, "name", "title"), ("김철수", "부장"),
    ),
    "plan of a stage": Page(
        _resting_stage, "/map/{pk}/", ("experience", "Easy"), ("technology", "Shop"),
        _of(StagePlan, "experience", "technology"), ("Easy", "Shop"),
    ),
    "rule of a stage": Page(
        _resting_stage, "/settings/stages/rules/{pk}/", ("priority", "7"), ("minimum_days", "9"),
        lambda: StageRule.objects.filter(priority=7).values_list("priority", "minimum_days").get(), (7, 9),
    ),
}  # fmt: skip


@pytest.fixture
def two(db) -> tuple[Client, Client]:
    """Two admins, each logged in."""
    clients = (Client(), Client())
    for number, client in enumerate(clients):
        user = User.objects.create_user(f"a{number}@example.com", name=f"Alice {number}", role=Role.ADMIN)
        client.force_login(user)
    return clients


def _opened(client: Client, url: str) -> tuple[str, Sent]:
    page = client.get(url)
    assert page.status_code == 200
    return form_of(page.content.decode(), url)


def _below(kind: type) -> set[str]:
    return {f"{kind.__module__}.{kind.__name__}"}.union(*map(_below, kind.__subclasses__()))


def test_every_form_that_is_saved_by_version_is_tried_here_or_beside_its_page():
    tried = {"CampaignForm", "SegmentForm", "ListForm", "HookForm", "ModelForm", "RuleForm", "LimitsForm", "CapForm",
             "NoticeForm", "CompanyForm", "ProductForm", "AccountForm", "ContactForm", "PlanForm"}  # fmt: skip
    import_module(settings.ROOT_URLCONF)  # every form is known once the pages are
    beside = {"SideForm", "PiecesForm"}  # contacts/stages/test_rule_pages.py, campaigns/templating/test_editor.py
    forms = {name.rpartition(".")[2] for name in _below(Lockable) if not name.startswith("tests.")}
    assert forms - {"Lockable", "WithAttributes"} == tried | beside


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_saved_as_it_was_opened_and_two_editors_both_keep_their_field(two, name):
    page, (alice, emma) = PAGES[name], two
    thing = page.make(User.objects.order_by("pk")[0])
    url = page.url.format(pk=thing.pk)
    (action, first), (_same, second) = _opened(alice, url), _opened(emma, url)
    assert alice.post(action, first | {page.first[0]: [page.first[1]]}).status_code == 302
    stale = emma.post(action, second | {page.second[0]: [page.second[1]]})
    assert stale.status_code == 409
    assert [row.clash for row in stale.context["differences"]] == [False, False]
    where, offered = form_of(stale.content.decode(), action)
    assert emma.post(where, offered).status_code == 302
    assert page.held() == page.expected


@pytest.mark.parametrize("name", ["campaign", "segment", "list", "webhook", "company", "cap"])
def test_of_one_field_that_both_changed_one_chooses_or_goes_on_in_the_form(two, name):
    page, (alice, emma) = PAGES[name], two
    thing = page.make(User.objects.order_by("pk")[0])
    url = page.url.format(pk=thing.pk)
    (action, first), (_same, second) = _opened(alice, url), _opened(emma, url)
    field, theirs = page.first
    mine = "99" if theirs.isdigit() else "Mine"
    alice.post(action, first | {field: [theirs]})
    stale = emma.post(action, second | {field: [mine]})
    told = [(row.name, row.clash, row.theirs, row.typed) for row in stale.context["differences"]]
    assert told == [(field, True, theirs, mine)]
    where, offered = form_of(stale.content.decode(), action)
    going_on = emma.post(where, offered | {"further": ["1"]})
    assert going_on.status_code == 200
    assert form_of(going_on.content.decode(), url)[1][field] == [mine]
    assert str(page.held()[0]) == theirs
    assert emma.post(where, offered | {f"take-{field}": ["theirs"]}).status_code == 302
    assert str(page.held()[0]) == theirs
