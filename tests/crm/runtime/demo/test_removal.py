"""The demo data is taken out of an install that is used: nothing of it is left, and what is one's own is untouched."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.urls import reverse

from campaigns.campaign.models import Campaign
from campaigns.senders.models import Sender
from contacts.commerce.models import Order, OrderLine, Product
from contacts.commerce.orders import Line, place
from contacts.hooks import subscribing
from contacts.hooks.models import Hook
from contacts.identity.merge import merge
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.lists import membership
from contacts.lists.models import FixedList, Tag
from contacts.models import Account, Contact, Segment
from contacts.notes import writing as editing
from contacts.notes.models import Note
from contacts.people.profile import Profile, create
from contacts.segments import saving
from crm.runtime import demo
from crm.runtime.demo import cast
from crm.runtime.demo.removal import asking, running
from crm.runtime.demo.removal.plan import plan
from crm.runtime.mailbox import store
from crm.runtime.models import DemoRemoval
from crm.team.models import Company, DemoMark, Notice, Role, User
from crm.team.notices import News, tell
from crm.team.saved_views import keeping
from crm.team.saved_views.models import SavedView
from crm.team.trail.record import record
from journeys.journey.models import Journey
from tests.contacts.privacy.test_dump import dump

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture(scope="module")
def small_demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """A small demo, read by the followers: loaded once, in a transaction that is rolled back at the end."""
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with media, django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(cast, "STAFF", 90)
        patch.setattr(cast, "SHOPPERS", 140)
        patch.setattr(cast, "VISITORS", 10)
        assert demo.load(NOW) is True
        catch_up(NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def loaded(small_demo, settings, tmp_path):
    """The small demo, with a local mailbox."""
    settings.VAR_DIR = str(tmp_path)
    settings.MAILBOX = True
    (tmp_path / "mailbox").mkdir()


@pytest.fixture
def admin(db):
    return User.objects.create_user("anna@example.com", "pw", name="Anna", role=Role.ADMIN)


def _pen():
    return Product.objects.get(key="PEN-ONE")


def _own(by):
    """Somebody of one's own, who uses some of the demo's objects; returns her and a segment and a campaign."""
    mina = create(Profile(name="미나", email="mina@company.kr", city="부산"), by=by, now=NOW)
    membership.tag(Tag.objects.get(name="VIP"), [mina.pk], by=by, now=NOW)
    order = Order.objects.create(key="A-1", contact=mina, placed_at=NOW, total=258_000, currency="KRW", status="paid")
    OrderLine.objects.create(order=order, product=_pen(), quantity=2, unit_price=129_000)
    view = NewEvent(mina.pk, "page.viewed", NOW, subject=("page", "/pricing"), properties={"path": "/pricing"})
    append([view], source="test", now=NOW)
    expo = FixedList.objects.get(name__startswith="스마트워크")
    rule = {"all": [{"field": "lists", "operator": "has_any_of", "value": [expo.pk]}]}
    segment = saving.create(saving.Draft("Mine", "", {"version": 1, "rule": rule}), by=by, now=NOW)
    campaign = Campaign.objects.create(name="Own", sender=Sender.objects.get(), created_by=by, created_at=NOW)
    catch_up(NOW)
    return mina, segment, campaign


def _rows_of(contact):
    """Return everything that names this person in a column contact_id, and her record."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name FROM information_schema.columns c JOIN pg_class p ON p.relname = c.table_name "
            "WHERE c.column_name = 'contact_id' AND c.table_schema = 'public' AND p.relkind IN ('r', 'p') "
            "AND NOT p.relispartition AND c.table_name NOT LIKE 'contacts_segment%%' ORDER BY 1"
        )
        tables = [table for (table,) in cursor.fetchall()]
        told = {}
        for table in tables:
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t WHERE contact_id = %s ORDER BY 1", [contact.pk])
            told[table] = cursor.fetchall()
        cursor.execute("SELECT to_jsonb(c)::text FROM contacts_contact c WHERE id = %s", [contact.pk])
        told["itself"] = cursor.fetchall()
    return {table: rows for table, rows in told.items() if rows}


def _views(page):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.n FROM subject_counter c JOIN ledger_subject s ON s.id = c.subject_id "
            "JOIN ledger_kind k ON k.id = c.kind_id WHERE k.key = 'page.viewed' AND s.key = %s", [page],
        )  # fmt: skip
        return cursor.fetchall()


def _remove(by):
    asking.request(by=by, now=NOW)
    for _again in range(5):
        catch_up(LATER)
        running.run_due(lambda: LATER)
    return DemoRemoval.objects.get()


def test_nothing_of_the_demo_is_left_and_ones_own_stays(loaded, admin):
    people = list(Contact.objects.values_list("email", "phone", "name"))
    mina, segment, campaign = _own(admin)
    changed = Segment.objects.audiences().exclude(pk=segment.pk).latest("pk")
    record("segment", changed.pk, "changed", now=NOW, by=admin)
    record("contact", Contact.objects.earliest("pk").pk, "changed", now=NOW, by=admin, label=people[0][2])
    store.keep(b"Subject: hi\r\n\r\nhi", "a@example.com", [next(email for email, *_ in people if email)], NOW)
    store.keep(b"Subject: hi\r\n\r\nhi", "a@example.com", ["mina@company.kr"], NOW)
    mine = _rows_of(mina)
    assert {"contacts_order", "contacts_contacttag", "event", "contact_state", "itself"} <= mine.keys()

    job = _remove(admin)

    assert (job.state, job.removed, job.total) == ("done", 240, 240)
    assert _rows_of(mina) == mine
    assert list(Contact.objects.all()) == [mina]
    assert set(Segment.objects.audiences()) == {segment, changed}
    assert list(Campaign.objects.all()) == [campaign]
    assert set(FixedList.objects.values_list("name", flat=True)) == {"스마트워크 엑스포 2026 방문자"}
    assert list(Tag.objects.values_list("name", flat=True)) == ["VIP"]
    assert list(Product.objects.values_list("key", flat=True)) == ["PEN-ONE"]
    assert {(key, why) for key, _name, why in job.kept} == {
        ("segments", "changed"), ("lists", "used"), ("tags", "used"), ("products", "used"), ("senders", "used"),
    }  # fmt: skip
    assert _views("/pricing") == [(1,)]
    assert [store.read(name).recipients for name in store.names()] == ["mina@company.kr"]
    assert not Company.objects.exists()
    assert not DemoMark.objects.exists()
    assert job.locked == len(demo.PEOPLE)
    assert list(User.objects.filter(is_active=True)) == [admin]
    _nowhere(people)


def _nowhere(people):
    """No table speaks of the demo's people, nor keeps a row under their numbers."""
    own = {name for _role, _email, name in demo.PEOPLE}
    told = "\n".join(dump().values())
    said = {text for person in people for text in person if text} - own
    assert len(said) > 300
    assert sorted(text for text in said if len(text) > 2 and text in told) == []


def test_every_table_is_as_before_the_demo_but_for_what_names_nobody(loaded, admin):
    _remove(admin)
    assert not Segment.objects.audiences().exists()
    left = {table for table, text in dump().items() if text}
    for table in ("contacts_account", "campaigns_message", "journeys_enrolment", "journeys_trace"):
        assert table not in left
    assert not {table for table in left if table.startswith(("event_2", "contact_", "subject_", "campaigns_m"))}
    assert not left & {"contacts_note", "contacts_notemention", "contacts_keptfile", "contacts_orderrefund"}
    assert not left & {"contacts_hook", "contacts_hookevent", "team_savedview", "team_notice"}
    assert not left & {"contacts_suppression", "contacts_erasure", "contacts_erasedperson", "contacts_consententry"}


def test_what_ones_own_works_with_stays(loaded, admin):
    """A note on a company, a view a list opens with, a webhook that was turned on, a changed note of the demo."""
    (insight,) = Note.objects.filter(stage__key="convert")
    editing.edit(insight.pk, "고침", version=1, by=insight.by, now=NOW)
    told = Note.objects.create(account=Account.objects.latest("pk"), text="ours", by=admin, at=NOW)
    view, *_others = SavedView.objects.filter(shared=True).order_by("pk")
    keeping.open_with(view, "people", user=admin)
    subscribing.go_on(Hook.objects.get().pk, now=NOW)
    own = tell([News(admin, "ours")], by_mail=False, now=NOW)
    _remove(admin)
    assert set(Note.objects.values_list("account", "text")) == {
        (insight.account_id, "고침"), (told.account_id, "ours"),
    }  # fmt: skip
    assert list(SavedView.objects.all()) == [view]
    assert (Hook.objects.count(), Notice.objects.count(), own) == (1, 1, 1)


def test_who_was_merged_with_somebody_of_ones_own_stays(loaded, admin):
    mina, *_rest = _own(admin)
    place("A-2", mina.pk, [Line(_pen(), 1, Decimal(129_000))], placed_at=NOW, now=NOW)  # a demo journey begins with it
    catch_up(NOW)
    twin = Contact.objects.exclude(email=None).earliest("pk")
    merge(mina.pk, twin.pk, by=admin, now=NOW)
    catch_up(NOW)
    assert (twin.pk in plan().people, plan().stayed) == (False, [twin.pk])
    assert ("journeys", "used") in {(kept.noun.key, kept.why) for kept in plan().kept}
    _remove(admin)
    assert Journey.objects.count() == 1
    assert set(Contact._base_manager.values_list("pk", flat=True)) == {mina.pk, twin.pk}


def test_without_an_admin_of_ones_own_nothing_is_removed(loaded, client):
    client.force_login(User.objects.get(email="admin@wayfare.example"))
    page = client.get(reverse("demo"))
    assert b"Add an admin of your own first" in page.content
    assert b'data-dialog="remove-demo"' not in page.content
    assert client.post(reverse("demo")).status_code == 302
    assert not DemoRemoval.objects.exists()
    assert Contact.objects.count() == 240


def test_the_page_says_what_goes_follows_and_ends(loaded, admin, client):
    client.force_login(admin)
    _own(admin)
    before = client.get(reverse("demo")).content.decode()
    assert '<dt>People</dt><dd class="wf-number">240</dd>' in before
    assert "1 person of your own" in before
    assert "something of yours uses it" in before
    assert "admin@wayfare.example" in before
    client.post(reverse("demo"))
    client.post(reverse("demo"))  # a second click is the same removal
    job = DemoRemoval.objects.get()
    assert "hx-trigger" in client.get(reverse("demo")).content.decode().split("<main")[1]
    DemoRemoval.objects.filter(pk=job.pk).update(state="done", finished_at=NOW, removed=240, locked=6)
    DemoMark.objects.all().delete()
    assert "240 people were removed" in client.get(reverse("demo")).content.decode()
    DemoRemoval.objects.all().delete()
    assert "There is no demo data" in client.get(reverse("demo")).content.decode()
    client.post(reverse("demo"))
    assert not DemoRemoval.objects.exists()


def test_home_and_navigation_lead_admins_there_while_there_is_a_demo(loaded, settings, client):
    settings.REQUIRE_SECOND_FACTOR = "admins"
    admin = User.objects.get(email="admin@wayfare.example")
    client.force_login(admin)
    said = client.get(reverse("home")).content.decode()
    assert "This is demo data" in said
    assert "need no code of an authenticator app" in said
    assert said.count(f'href="{reverse("demo")}"') == 2  # the notice and the navigation
    client.force_login(User.objects.get(email="marketer@wayfare.example"))
    assert reverse("demo") not in client.get(reverse("home")).content.decode()
    DemoMark.objects.all().delete()
    client.force_login(admin)
    assert f'href="{reverse("demo")}"' not in client.get(reverse("home")).content.decode()
