"""The demo data: believable, whole, the same every time, and all of it in the past."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.http import QueryDict
from django.test import override_settings

from campaigns.models import Campaign, Dispatch, Message
from contacts.attributes import values
from contacts.commerce.models import OrderRefund, OrderStatus
from contacts.duplicates import search
from contacts.files.models import KeptFile
from contacts.hooks.models import Hook, HookEvent
from contacts.ledger.follow import catch_up
from contacts.models import (
    Account,
    Attribute,
    ConsentEntry,
    ConsentState,
    Contact,
    ContactSeen,
    DuplicatePair,
    Event,
    Order,
    OrderLine,
    Product,
    Score,
)
from contacts.notes.models import Note
from contacts.people import account_tree, phone, queries
from contacts.people.company import business_number
from contacts.segments import history
from contacts.segments.models import Membership, Segment
from contacts.stages import following
from contacts.stages.models import StageModel
from crm.home.needs import needs_of
from crm.runtime import demo
from crm.team import notices
from crm.team.models import Notice, Role, User
from crm.team.saved_views.models import SavedView
from journeys.engine.models import Enrolment, StepCount, Trace
from journeys.graph.parsing import parse
from journeys.journey.checking import problems
from journeys.journey.models import Journey
from tests.contacts.segments.living import build

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker, tmp_path_factory):
    """Load once for all tests of this module, in a transaction that is rolled back at the end."""
    from django.db import transaction

    stored = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with stored, django_db_blocker.unblock(), transaction.atomic():
        assert demo.load(NOW) is True
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _in_it(loaded):
    """Every test reads what was loaded."""


def test_sizes():
    assert Contact.objects.count() == 5_000
    assert Account.objects.count() == 60
    assert Contact.objects.filter(email=None).count() == 450
    assert Product.objects.count() == 14
    assert 1_000 < Order.objects.count() < 4_000
    assert 60_000 < Event.objects.count() < 200_000
    assert sorted(User.objects.values_list("role", flat=True)) == [
        "admin", "analyst", "customer_success", "marketer", "sales_rep", "sales_rep",
    ]  # fmt: skip


def test_nothing_is_in_the_future_and_six_months_are_filled():
    assert not Event.objects.filter(occurred_at__gt=NOW).exists()
    assert not Order.objects.filter(placed_at__gt=NOW).exists()
    assert not ConsentEntry.objects.filter(at__gt=NOW).exists()
    assert not Event.objects.filter(properties__has_key="claimed_at").exists()
    for month in range(6):
        start = NOW - timedelta(days=30 * (month + 1))
        assert Event.objects.filter(occurred_at__range=(start, start + timedelta(days=30))).count() > 3_000


def test_some_people_are_there_twice_and_are_found():
    assert search.run_due(lambda: NOW)
    reasons = Counter(reason for pair in DuplicatePair.objects.all() for reason in pair.reasons)
    assert (reasons["mailbox"], reasons["phone"]) == (18, 0)
    assert 6 <= reasons["name_company"] < 40
    assert [branch.depth for branch in account_tree.below(Account.objects.earliest("pk").pk)] == [1, 1, 2]


def test_addresses_lead_nowhere_and_numbers_are_right():
    reserved = Q()
    for end in (".example", "example.com", "example.net", "example.org"):
        reserved |= Q(email__endswith=end)
    assert not Contact.objects.exclude(email=None).exclude(reserved).exists()
    for number in Contact.objects.exclude(phone="").values_list("phone", flat=True)[:50]:
        assert phone.normalise(phone.shown(number)) == number
        assert number.startswith("+82100000")
    for number in Account.objects.values_list("business_number", flat=True):
        assert business_number(number) == number


def test_attributes_hold_valid_values():
    known = {row.key: row for row in Attribute.objects.filter(target="contact")}
    for stored in Contact.objects.exclude(attributes={}).values_list("attributes", flat=True)[:500]:
        for key, value in stored.items():
            assert values.parse(known[key], values.as_text(known[key], value)) == value


def test_orders_agree_with_their_lines_and_events():
    sums = Order.objects.annotate(lines_total=Sum(F("lines__quantity") * F("lines__unit_price")))
    assert not sums.exclude(total=F("lines_total")).exists()
    assert OrderLine.objects.filter(order__contact__email=None).count() == 0
    placed = Event.objects.filter(kind__key="order.placed").aggregate(n=Count("id"), value=Sum("value"))
    assert placed["n"] == Order.objects.count()
    assert placed["value"] == Order.objects.aggregate(total=Sum("total"))["total"]


def test_refunds_agree_with_their_orders_and_events():
    given = Order.objects.annotate(given=Sum("refunds__amount")).exclude(refunded=0)
    assert not given.exclude(given=F("refunded")).exists()
    assert OrderRefund.objects.count() == given.count()
    whole = given.filter(refunded=F("total"))
    assert set(whole.values_list("status", flat=True)) == {OrderStatus.REFUNDED}
    assert (whole.count() > 10, given.exclude(pk__in=whole).count() > 5) == (True, True)
    told = Event.objects.filter(kind__key="order.refunded").aggregate(n=Count("id"), value=Sum("value"))
    assert told == {"n": given.count(), "value": given.aggregate(total=Sum("refunded"))["total"]}
    assert not OrderRefund.objects.filter(Q(at__gt=NOW) | Q(reason="") | Q(by=None)).exists()


def test_notes_are_those_their_events_tell_of_and_four_wait_to_be_read():
    told = Event.objects.filter(kind__key="note.added").values_list("contact_id", "properties__note", "occurred_at")
    assert sorted(told) == sorted(Note.objects.exclude(contact=None).values_list("contact_id", "pk", "at"))
    assert len(told) > 50
    assert Note.objects.filter(account__isnull=False).count() == 3
    assert sorted(Note.objects.exclude(stage=None).values_list("stage__key", flat=True)) == ["convert", "retain"]
    asked = {notice.user.email: (notice.url, notice.state) for notice in Notice.objects.select_related("user")}
    notes = Note.objects.filter(mentions__isnull=False).values_list("mentions__user__email", "pk")
    assert asked == {email: (f"/notes/{number}/", "done") for email, number in notes}
    assert len(asked) == 4


def test_files_are_kept_with_the_reps_customers():
    kept = list(KeptFile.objects.order_by("at"))
    assert [(row.name[-5:], row.by.email) for row in kept] == [
        (".xlsx", "rep@wayfare.example"), ("모.txt", "rep@wayfare.example"),
    ]  # fmt: skip
    for row in kept:
        assert row.stored.size == row.size > 100
        assert row.contact.owner == row.by
        event = Event.objects.get(kind__key="file.added", contact_id=row.contact_id)
        assert (event.properties["file"], event.occurred_at) == (row.pk, row.at)


def test_contracts_end_and_each_owner_has_one_that_ends_soon():
    today = (NOW + timedelta(hours=9)).date()
    signed = Account.objects.exclude(contract_end=None)
    assert 40 < signed.count() < 60
    soon = signed.filter(contract_end__range=(today, today + timedelta(days=30)))
    owners = set(Account.objects.values_list("owner", flat=True).distinct())
    assert (len(owners), set(soon.values_list("owner", flat=True))) == (4, owners)
    for account in signed:
        assert account.contract_end.toordinal() == account.attributes["renewal"] + date(1970, 1, 1).toordinal()
        assert account.renewal_value % 96_000 == 0 < account.renewal_value


def test_views_show_people_and_a_paused_webhook_waits_for_what_is_new():
    catch_up(NOW)
    for view in SavedView.objects.select_related("owner"):
        assert queries.people_count(view.owner, QueryDict(view.query)).number > 0, view.name
    assert sorted(SavedView.objects.values_list("shared", flat=True)) == [False, True, True]
    hook = Hook.objects.get()
    assert (hook.state, hook.url) == ("paused", "https://erp.example.com/onnote/orders")
    assert not HookEvent.objects.exists()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MARKETER, Role.SALES_REP, Role.CUSTOMER_SUCCESS])
def test_something_waits_for_each_role(role):
    for user in User.objects.filter(role=role):
        notices.read_all(user, NOW)  # also once she has read what names her
        assert needs_of(user, NOW), user.email


def test_consent_is_mixed_and_proved():
    mail = ConsentState.objects.filter(purpose="marketing", channel="email")
    shares = dict(mail.values_list("decision").annotate(n=Count("id")))
    people = Contact.objects.exclude(email=None).count()
    assert 0.5 < shares["granted"] / people < 0.7
    assert 0.1 < shares["withdrawn"] / people < 0.3
    assert not ConsentEntry.objects.filter(decision="granted", wording="").exists()


def test_nobody_was_mailed_without_consent():
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT count(*) FROM campaigns_message m JOIN (
                SELECT (properties ->> 'message')::bigint AS id, occurred_at AS created_at FROM event
                WHERE kind_id = (SELECT id FROM ledger_kind WHERE key = 'mail.sent')
            ) d ON d.id = m.id
            WHERE NOT EXISTS (SELECT FROM contacts_consententry c WHERE c.contact_id = m.contact_id
                              AND c.purpose = 'marketing' AND c.decision = 'granted' AND c.at <= d.created_at)
               OR EXISTS (SELECT FROM contacts_consententry c WHERE c.contact_id = m.contact_id
                          AND c.purpose = 'marketing' AND c.decision = 'withdrawn' AND c.at <= d.created_at)
        """)
        assert cursor.fetchone() == (0,)
    assert Message.objects.count() > 3_000
    assert Campaign.objects.count() == 7
    assert Event.objects.filter(kind__key="mail.sent").count() == Message.objects.count()


def test_stage_of_a_person_is_the_last_one_entered():
    last: dict[int, int] = {}
    moves = Event.objects.filter(kind__key="stage.entered").order_by("occurred_at", "id")
    for contact_id, properties in moves.values_list("contact_id", "properties"):
        last[contact_id] = properties["to_id"]
    assert last == dict(Contact.objects.values_list("pk", "stage_id"))


def test_followers_find_hot_leads_in_it():
    catch_up(NOW)
    assert ContactSeen.objects.count() > 4_000
    assert Score.objects.count() > 2_000
    assert 10 < Event.objects.filter(kind__key="lead.hot").values("contact").distinct().count() < 400


def test_second_load_does_nothing():
    assert demo.load(NOW) is False
    assert Contact.objects.count() == 5_000


def _members():
    found = {name: set() for name in Segment.objects.audiences().values_list("name", flat=True)}
    rows = Membership.objects.filter(left_at=None, segment__purpose="")
    for name, contact in rows.values_list("segment__name", "contact_id"):
        found[name].add(contact)
    return found


def test_segments_have_a_past_with_which_their_rules_agree():
    for segment in Segment.objects.audiences():
        sizes = [n for _day, n in history.sizes(segment, NOW)]
        assert len(sizes) == 91
        assert min(sizes[-30:]) < max(sizes[-30:]), segment.name
    catch_up(NOW)
    told = _members()
    build(NOW)
    assert set(Segment.objects.values_list("state", flat=True)) == {"ready"}
    for name, counted in _members().items():
        assert len(counted) > 5, name
        assert len(counted ^ told[name]) <= max(2, len(counted) * 0.02), name


def test_stages_go_on_until_today_and_stand_as_their_rules_say():
    moves = Event.objects.filter(kind__key="stage.entered")
    for days in range(7):
        assert (
            moves.filter(occurred_at__range=(NOW - timedelta(days=days + 1), NOW - timedelta(days=days))).count() > 30
        )
    catch_up(NOW)
    before = moves.count()
    following.SWEEP.run(NOW)  # the rules of the model get their segments
    build(NOW)
    following.SWEEP.run(NOW)
    assert StageModel.objects.get(in_use=True).swept_at == NOW
    assert moves.count() - before < 100


def test_journeys_have_people_on_their_way():
    found = {row.name: row for row in Journey.objects.all()}
    states = Counter(row.state for row in found.values())
    assert states == {"running": 2, "paused": 1, "draft": 1}
    for journey in Journey.objects.exclude(state="draft"):
        inside = Enrolment.objects.filter(journey=journey, ended_at=None)
        assert inside.count() > 5, journey.name
        assert inside.values("step").distinct().count() > 1, journey.name
        assert not inside.filter(due_at=None).exists()
        if journey.state == "running":
            assert not inside.filter(due_at__lte=NOW).exists()
        assert problems(parse(journey.live.graph)) == []
    assert {problem.severity for problem in problems(parse(Journey.objects.get(state="draft").draft))} == {
        "error",
        "warning",
    }


def test_traces_messages_and_counts_of_journeys_agree():
    for enrolment in Enrolment.objects.order_by("pk")[:300]:
        traces = list(Trace.objects.filter(enrolment=enrolment).order_by("visit"))
        assert [trace.visit for trace in traces] == list(range(enrolment.visit))
        for before, after in pairwise(traces):
            assert before.left_at == after.arrived_at
    counted = StepCount.objects.exclude(outlet__startswith="end:").aggregate(n=Sum("n"))["n"]
    assert counted == Trace.objects.count() > 500
    mails = Trace.objects.filter(step__kind="send_email").values_list("facts__message", flat=True)
    of_journeys = Message.objects.filter(dispatch__standing=True)
    assert sorted(mails) == sorted(of_journeys.values_list("pk", flat=True))
    assert set(of_journeys.values("dispatch").annotate(n=Count("pk")).values_list("dispatch", "n")) == set(
        Dispatch.objects.filter(standing=True).values_list("pk", "size")
    )
    assert Enrolment.objects.filter(end="goal").exclude(goal_at=None).count() > 5
    assert {"completed", "goal", "left_segment"} <= set(Enrolment.objects.values_list("end", flat=True))
