"""Each kind of thing that waits: said of one and of two in exact words, to the right roles alone, and gone when done.

The page that a row opens shows those that were counted, and not the one beside them that does not wait.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse

from campaigns.campaign.models import Campaign, CampaignState
from campaigns.senders.models import Sender
from contacts.acts.models import BulkAct
from contacts.duplicates.models import DuplicatePair, PairState
from contacts.exports.models import Export
from contacts.hooks.models import Hook, HookState
from contacts.imports.models import ImportJob, ImportRefusal, ImportSource, Step
from contacts.notes import writing
from contacts.people.address import email_key
from contacts.people.models import Account, Contact
from contacts.privacy.models import Erasure, Reason
from contacts.segments.models import Purpose, Segment, SegmentState
from crm.home.models import Alarm
from crm.home.needs import NEEDS, needs_of
from crm.kit.icons import drawing
from crm.kit.work import WorkState
from crm.team import notices
from crm.team.models import Role, User
from crm.team.sign_ins import entry
from journeys.journey.models import Journey, JourneyState, JourneyVersion

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
ADMIN, MARKETER, REP, SUCCESS, ANALYST = Role.ADMIN, Role.MARKETER, Role.SALES_REP, Role.CUSTOMER_SUCCESS, Role.ANALYST

type Team = dict[Role, User]


@dataclass(frozen=True)
class Case:
    """One kind: `make` writes one more that waits for `of` (number 0 writes one that does not wait)."""

    make: Callable[[Team, User, int], Any]
    roles: frozenset[Role]
    one: tuple[str, str]  # sentence and address; {pk} stands for the row
    two: tuple[str, str]
    done: Callable[[Any], Any]
    shown: str = ""  # what the opened page says of number 1 and 2: {n}


def _row(model: type[Any], **values: Any) -> Any:
    return model.objects.create(**values)


def _gone(row: Any) -> None:
    type(row).objects.filter(pk=row.pk).delete()


def _set(**values: Any) -> Callable[[Any], Any]:
    return lambda row: type(row).objects.filter(pk=row.pk).update(**values)


def _campaign(state: CampaignState) -> Callable[[Team, User, int], Any]:
    return lambda _team, _of, n: _row(Campaign, name=f"Autumn {n}", state=state if n else CampaignState.DRAFT)


def _journey(_team: Team, _of: User, n: int) -> Journey:
    journey = _row(Journey, name=f"Welcome {n}", draft={}, version=3 if n else 2)
    live = _row(JourneyVersion, journey=journey, number=1, graph={}, draft_version=2, published_at=NOW)
    Journey.objects.filter(pk=journey.pk).update(live=live, state=JourneyState.RUNNING)
    return journey


def _sender(_team: Team, _of: User, n: int) -> Sender:
    return _row(Sender, name=f"Shop {n}", email=f"s{n}@example.com", verified_at=None if n else NOW)


def _account(owner: bool) -> Callable[[Team, User, int], Any]:
    def make(_team: Team, of: User, n: int) -> Account:
        ends = TODAY + timedelta(days=30 if n else 31)
        return _row(Account, name=f"Hanbit {n}", owner=of if owner else None, contract_end=ends)

    return make


def _pair(_team: Team, _of: User, n: int) -> DuplicatePair:
    first, second = (
        _row(Contact, name=f"Twin {n}", email=f"{who}{n}@example.com", email_key=email_key(f"{who}{n}@example.com"))
        for who in "ab"
    )
    return _row(DuplicatePair, first=first, second=second, score=90 if n else 84, reasons=[], found_at=NOW)


def _mention(team: Team, of: User, n: int) -> Any:
    account = _row(Account, name=f"Hanbit {n}")
    writer = next(user for user in team.values() if user != of)
    text = f"@{of.name} look at {n}" if n else "nobody is named"
    writing.add_to_account(account.pk, text, by=writer, now=NOW, token=UUID(int=n + 1))
    if not n:  # a notice of another kind is not a mention
        notices.tell([notices.News(of, "a hot lead 0", "", "flame")], by_mail=False, now=NOW)
    return of


def _seen(of: User) -> None:
    notices.read_all(of, NOW)


def _import(step: Step, *, refused: bool = False) -> Callable[[Team, User, int], Any]:
    def make(_team: Team, of: User, n: int) -> ImportJob:
        job = _row(
            ImportJob, file_name=f"people{n}.csv", encoding="utf-8", delimiter=",", step=step if n else Step.UNDONE,
            state=WorkState.DONE, due_at=NOW, created_by=of, created_at=NOW - timedelta(days=6),
        )  # fmt: skip
        if refused:
            _row(ImportRefusal, job=job, line=2, code="no_address", whole_row=bool(n))
        return job

    return make


def _source(_team: Team, of: User, n: int) -> ImportSource:
    url = f"https://example.com/people{n}.csv"
    return _row(ImportSource, url=url, kind="people", created_by=of, due_at=NOW, failures=min(n, 1))


def _act(_team: Team, of: User, n: int) -> BulkAct:
    state = WorkState.FAILED if n else WorkState.DONE
    return _row(BulkAct, verb="tag", by=of, state=state, due_at=NOW, undo_until=NOW, created_at=NOW)


def _export(_team: Team, of: User, n: int) -> Export:
    return _row(
        Export, kind="people", columns=[], reason="a fair", by=of, state=WorkState.DONE, due_at=NOW, created_at=NOW,
        file="exports/people.csv" if n else "", file_name=f"people{n}.csv", kept_until=NOW + timedelta(days=7),
    )  # fmt: skip


def _segment(purpose: Purpose) -> Callable[[Team, User, int], Any]:
    def make(_team: Team, _of: User, n: int) -> Segment:
        state, problem = (SegmentState.BROKEN, "a field is gone") if n else (SegmentState.READY, "")
        return _row(Segment, name=f"Big spenders {n}", definition={}, purpose=purpose, state=state, problem=problem)

    return make


def _alarm(key: str) -> Callable[[Team, User, int], Any]:
    return lambda _team, _of, n: _row(Alarm, key=f"{key}{n or 'calm'}", raised_at=NOW if n else None)


def _bounces(_team: Team, _of: User, n: int) -> Alarm:
    return _row(Alarm, key=("disk", "bounces", "complaints")[n], raised_at=NOW if n else None)


def _erasure(_team: Team, _of: User, n: int) -> Erasure:
    error = "OperationalError" if n else ""
    return _row(Erasure, reason=Reason.REQUEST, requested_at=NOW, due_at=NOW, last_error=error)


def _hook(_team: Team, of: User, n: int) -> Hook:
    state = (HookState.ACTIVE, HookState.ACTIVE, HookState.OFF)[n]
    return _row(
        Hook, name=f"Warehouse {n}", url="https://example.com/", kinds=["order.placed"], owner=of, since=NOW,
        salt="s", created_at=NOW, state=state, failing_since=NOW if n == 1 else None,
    )  # fmt: skip


def _colleague(_team: Team, _of: User, n: int) -> User:
    return User.objects.create_user(f"new{n}@example.com", name=f"New {n}", role=ADMIN if n else ANALYST)


EDITORS = frozenset({ADMIN, MARKETER})
CASES = {
    "paused": Case(
        _campaign(CampaignState.PAUSED), EDITORS,
        ("The campaign “Autumn 1” is paused.", "/campaigns/{pk}/"),
        ("2 campaigns are paused.", "/campaigns/?state=paused"),
        _set(state=CampaignState.CANCELLED), "Autumn {n}",
    ),
    "scheduled": Case(
        _campaign(CampaignState.SCHEDULED), EDITORS,
        ("The campaign “Autumn 1” is scheduled. Look at it once more before it leaves.", "/campaigns/{pk}/"),
        ("2 campaigns are scheduled. Look at them once more before they leave.", "/campaigns/?state=scheduled"),
        _set(state=CampaignState.FINISHED), "Autumn {n}",
    ),
    "unpublished": Case(
        _journey, EDITORS,
        ("The journey “Welcome 1” has changes that are not published.", "/journeys/{pk}/"),
        ("2 journeys have changes that are not published.", "/journeys/?only=unpublished"),
        _set(version=2), "Welcome {n}",
    ),
    "unproved": Case(
        _sender, EDITORS,
        ("The sender “Shop 1” has not confirmed its address.", "/senders/"),
        ("2 senders have not confirmed their address.", "/senders/"),
        _set(verified_at=NOW),
    ),
    "own contracts": Case(
        _account(owner=True), frozenset({ADMIN, MARKETER, REP, SUCCESS}),
        ("The contract of your account “Hanbit 1” ends within 30 days.", "/accounts/{pk}/"),
        ("The contracts of 2 of your accounts end within 30 days.", "/accounts/?owner=me&renewal=30"),
        _set(contract_end=TODAY + timedelta(days=365)), "Hanbit {n}",
    ),
    "contracts of nobody": Case(
        _account(owner=False), frozenset({ADMIN, MARKETER, SUCCESS}),
        ("The contract of “Hanbit 1” ends within 30 days, and the account has no owner.", "/accounts/{pk}/"),
        ("The contracts of 2 accounts that have no owner end within 30 days.", "/accounts/?owner=none&renewal=30"),
        _set(contract_end=None), "Hanbit {n}",
    ),
    "doubles": Case(
        _pair, frozenset({ADMIN, MARKETER, SUCCESS}),
        ("1 pair of records is very likely one person.", "/duplicates/?likelihood=very"),
        ("2 pairs of records are very likely one person each.", "/duplicates/?likelihood=very"),
        _set(state=PairState.DISTINCT), "Twin {n}",
    ),
    "mentions": Case(
        _mention, frozenset(Role),
        ("1 note names you, and you have not seen it.", "/team/notices/?only=mentions"),
        ("2 notes name you, and you have not seen them.", "/team/notices/?only=mentions"),
        _seen, "look at {n}",
    ),
    "imports that ask": Case(
        _import(Step.CHECKED), EDITORS,
        ("Your import of “people1.csv” waits for you.", "/imports/{pk}/"),
        ("2 of your imports wait for you.", "/imports/?only=asking"),
        _set(step=Step.FINISHED), "people{n}.csv",
    ),
    "imports that refused": Case(
        _import(Step.FINISHED, refused=True), EDITORS,
        ("Your import of “people1.csv” refused rows: see why, mend them and bring them in.", "/imports/{pk}/"),
        ("2 of your imports of this week refused rows.", "/imports/?only=refused"),
        _set(created_at=NOW - timedelta(days=7, seconds=1)), "people{n}.csv",
    ),
    "addresses": Case(
        _source, EDITORS,
        ("From 1 address a file could not be fetched.", "/imports/addresses/"),
        ("From 2 addresses files could not be fetched.", "/imports/addresses/"),
        _set(failures=0),
    ),
    "acts": Case(
        _act, frozenset({ADMIN, MARKETER, REP, SUCCESS}),
        ("1 change for many people failed.", "/people/acts/{pk}/"),
        ("2 changes for many people failed.", "/people/acts/"),
        _set(created_at=NOW - timedelta(days=1, seconds=1)),
    ),
    "files": Case(
        _export, EDITORS,
        ("Your file “people1.csv” is ready.", "/exports/{pk}/"),
        ("2 of your files are ready.", "/exports/"),
        _set(fetched_at=NOW),
    ),
    "segments": Case(
        _segment(Purpose.AUDIENCE), EDITORS,
        ("The segment “Big spenders 1” cannot be counted any more: its rule needs you.", "/segments/{pk}/"),
        ("2 segments cannot be counted any more: their rules need you.", "/segments/?state=broken"),
        _gone,
    ),
    "stages": Case(
        _segment(Purpose.STAGE), EDITORS,
        ("1 rule of a stage cannot be used any more: people no longer move by it.", "/settings/stages/"),
        ("2 rules of stages cannot be used any more: people no longer move by them.", "/settings/stages/"),
        _gone,
    ),
    "alarms": Case(
        _alarm("lag"), frozenset({ADMIN}),
        ("1 alarm stands: something of the install does not work as it should.", "/health/"),
        ("2 alarms stand: something of the install does not work as it should.", "/health/"),
        _set(raised_at=None),
    ),
    "bounces": Case(
        _bounces, EDITORS,
        ("More mails come back or are reported as spam than is good. See how mails arrive.", "/health/"),
        ("More mails come back or are reported as spam than is good. See how mails arrive.", "/health/"),
        _set(raised_at=None),
    ),
    "erasures": Case(
        _erasure, frozenset({ADMIN}),
        ("1 erasure of personal data does not come to its end.", "/erasures/{pk}/"),
        ("2 erasures of personal data do not come to their end.", "/erasures/"),
        _set(finished_at=NOW),
    ),
    "webhooks": Case(
        _hook, frozenset({ADMIN}),
        ("The webhook “Warehouse 1” fails or was switched off after failing.", "/settings/webhooks/{pk}/"),
        ("2 webhooks fail or were switched off after failing.", "/settings/webhooks/"),
        _set(state=HookState.PAUSED),
    ),
    "second factor": Case(
        _colleague, frozenset({ADMIN}),
        ("New 1 has no second factor yet, though their role needs one.",
         "/admin/team/user/?second_factor=lacking"),
        ("2 colleagues have no second factor yet, though they must have one.",
         "/admin/team/user/?second_factor=lacking"),
        _set(second_factor_at=NOW), "new{n}@example.com",
    ),
}  # fmt: skip


@pytest.fixture
def team(db, settings) -> Team:
    """One person of each role, with a second factor."""
    settings.REQUIRE_SECOND_FACTOR = "admins"
    return {
        role: User.objects.create_user(f"{role}@example.com", name=f"{role} of us", role=role, second_factor_at=NOW)
        for role in Role
    }


@pytest.fixture
def opened(client, monkeypatch) -> Callable[[User, str], Any]:
    """Open a page as one of the team, who has proved her second factor, at NOW."""
    monkeypatch.setattr("crm.kit.clock.now", lambda: NOW)

    def open_page(user: User, url: str) -> Any:
        client.force_login(user)
        session = client.session
        session[entry.PROVED] = NOW.isoformat()
        session.save()
        page = client.get(url)
        assert page.status_code == 200
        return page

    return open_page


def _said(user: User) -> list[tuple[str, str]]:
    return [(need.text, need.url) for need in needs_of(user, NOW)]


def _expected(said: tuple[str, str], row: Any) -> list[tuple[str, str]]:
    return [(said[0], said[1].format(pk=row.pk))]


@pytest.mark.parametrize("name", CASES)
def test_what_waits_is_said_to_whom_it_waits_for_until_it_is_done(team, opened, name):
    case = CASES[name]
    reader = team[next(role for role in Role if role in case.roles)]
    case.make(team, reader, 0)
    assert _said(reader) == []
    one = case.make(team, reader, 1)
    assert _said(reader) == _expected(case.one, one)
    two = case.make(team, reader, 2)
    assert _said(reader) == _expected(case.two, two)
    html = opened(reader, _said(reader)[0][1]).content.decode()
    if case.shown:
        assert [number for number in (0, 1, 2) if case.shown.format(n=number) in html] == [1, 2]
    case.done(one)
    case.done(two)
    assert _said(reader) == []


@pytest.mark.parametrize("name", CASES)
def test_what_waits_is_said_to_no_other_role(team, name):
    case = CASES[name]
    assert {role for role, user in team.items() if _is_told(case, team, user)} == case.roles


def _is_told(case: Case, team: Team, user: User) -> bool:
    """Tell whether she is told; nothing of it stays."""
    with transaction.atomic():
        case.make(team, user, 1)
        told = bool(_said(user))
        transaction.set_rollback(True)
    return told


def test_a_colleagues_own_work_is_not_said_to_others(team):
    for name in ("imports that ask", "imports that refused", "acts", "files", "mentions", "own contracts"):
        row = CASES[name].make(team, team[MARKETER], 1)
        assert _said(team[ADMIN]) == [], name
        CASES[name].done(row)


def test_all_kinds_cost_two_questions(team, django_assert_num_queries):
    for name in ("paused", "unpublished", "files", "segments", "alarms", "webhooks"):
        for number in (1, 2):
            CASES[name].make(team, team[ADMIN], number)
    with django_assert_num_queries(2):
        assert len(needs_of(team[ADMIN], NOW)) == 6


def test_every_row_opens_a_page_that_is_there_with_an_icon_that_is_there(db):
    for need in NEEDS:
        assert drawing(need.icon)
        assert reverse(need.url_name, query=need.query).startswith("/")
        assert not need.page or reverse(need.page, args=[1])


def test_a_file_that_its_owner_has_is_no_longer_said_to_be_ready(team, opened):
    name = default_storage.save("exports/people.csv", ContentFile(b"name\r\n"))
    export = _export(team, team[MARKETER], 1)
    Export.objects.filter(pk=export.pk).update(file=name)
    opened(team[ADMIN], f"/exports/{export.pk}/file/").getvalue()
    assert len(_said(team[MARKETER])) == 1  # an admin had it, she had not
    opened(team[MARKETER], f"/exports/{export.pk}/file/").getvalue()
    assert _said(team[MARKETER]) == []
    default_storage.delete(name)
