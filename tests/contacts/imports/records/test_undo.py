"""Undoing imports of orders, products and activity: what went on since stays, numbers can be imported again."""

from datetime import timedelta
from decimal import Decimal

import pytest

from contacts.commerce import orders
from contacts.commerce.models import Order, OrderLine, OrderRefund, Product
from contacts.imports import reversal, worker
from contacts.imports.models import Kind, Step
from contacts.imports.records import reversal as records
from contacts.ledger.append import NewEvent, append
from contacts.ledger.models import Event
from contacts.people.address import email_key
from contacts.people.models import Contact
from crm.kit import clock
from tests.contacts.imports.records.test_records import ORDERS, imported
from tests.contacts.imports.running import NOW
from tests.contacts.segments.living import follow

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=1)


def undone(job):
    """Undo it; whenever the worker waits for the followers, let them read."""
    now = LATER
    follow(now)
    reversal.start_undo(job, now=now)
    while job.step != Step.UNDONE:
        worker.run_due(lambda at=now: at)
        job.refresh_from_db()
        follow(now)
        now += timedelta(seconds=5)
    return {name: number for name, number in job.undone.items() if number and name not in ("of", "ranges")}


def test_orders_go_with_their_people_and_products(alice, monkeypatch):
    monkeypatch.setattr(records, "AT_ONCE", 2)
    kim = Contact.objects.create(email="kim@example.com", email_key=email_key("kim@example.com"), name="Kim")
    plate = Product.objects.create(key="P2", name="Plate")
    job = imported(alice, ORDERS, Kind.ORDERS)
    assert (job.rows_new, Contact.objects.count(), Product.objects.count()) == (3, 3, 2)
    busy = Contact.objects.get(email="park@example.com")
    append([NewEvent(busy.pk, "page.viewed", LATER)], source="test", now=LATER)
    did = undone(job)
    assert did == {"records_removed": 4, "removed": 1, "kept": 1}
    assert (Order.objects.count(), OrderLine.objects.count(), OrderRefund.objects.count()) == (0, 0, 0)
    assert set(Contact.objects.values_list("pk", flat=True)) == {kim.pk, busy.pk}
    assert list(Product.objects.all()) == [plate]
    of_kim = Event.objects.filter(contact_id=kim.pk, kind__key__startswith="order.").order_by("pk")
    assert list(of_kim.values_list("kind__key", "value")) == [
        ("order.placed", Decimal(54000)), ("order.cancelled", Decimal(54000))
    ]  # fmt: skip
    again = imported(alice, ORDERS, Kind.ORDERS)
    assert (again.rows_new, Order.objects.count()) == (3, 3)
    assert of_kim.filter(kind__key="order.placed").count() == 2


def test_an_order_that_went_on_stays_with_its_person_and_product(alice):
    job = imported(alice, ORDERS, Kind.ORDERS)
    order = Order.objects.get(key="A-2")
    orders.refund(order.pk, Decimal(1000), seen=Decimal(4000), now=LATER)
    assert undone(job) == {"records_removed": 3, "records_kept": 2, "removed": 2, "kept": 1}
    assert list(Order.objects.values_list("key", "refunded")) == [("A-2", Decimal(5000))]
    assert list(Contact.objects.values_list("email", flat=True)) == ["lee@example.com"]
    assert list(Product.objects.values_list("key", flat=True)) == ["P1"]


def test_products_get_their_old_values_back_unless_changed_since(alice):
    mug, cup = (Product.objects.create(key=key, name=key, brand="Acme", price=Decimal(5)) for key in ("P1", "P2"))
    job = imported(alice, "sku,name,brand,price\nP1,Mug,Best,7\nP2,Cup,,6\nP3,New,,1\n", Kind.PRODUCTS)
    Product.objects.filter(pk=cup.pk).update(name="Other", price=Decimal(9))
    assert undone(job) == {"records_removed": 1, "records_reverted": 1, "records_changed_since": 1}
    mug.refresh_from_db()
    assert (mug.name, mug.brand, mug.price, mug.version) == ("P1", "Acme", Decimal(5), 3)
    assert set(Product.objects.values_list("key", "name", "price")) == {
        ("P1", "P1", Decimal(5)), ("P2", "Other", Decimal(9))
    }  # fmt: skip


def test_people_made_by_activity_alone_go_again(alice):
    text = "email,event,time\na@example.com,page.viewed,2026-05-01\nb@example.com,page.viewed,2026-05-01\n"
    job = imported(alice, text, Kind.EVENTS)
    known = Contact.objects.get(email="b@example.com")
    append([NewEvent(known.pk, "page.viewed", LATER)], source="test", now=LATER)
    assert undone(job) == {"removed": 1, "kept": 1}
    assert list(Contact.objects.values_list("email", flat=True)) == ["b@example.com"]


def test_a_total_beyond_all_money_is_refused(alice):
    text = ORDERS.splitlines()[0] + "\nB-1,a@example.com,A,2026-05-01,P1,Cup,999999,99999999999,결제완료,\n"
    job = imported(alice, text, Kind.ORDERS)
    assert (job.rows_new, Order.objects.count(), Contact.objects.count()) == (0, 0, 0)
    assert list(job.refusals.values_list("line", "code")) == [(2, "not_accepted")]


def test_activity_of_people_who_went_can_be_imported_again(alice):
    Contact.objects.create(email="kim@example.com", email_key=email_key("kim@example.com"), name="Kim")
    rows = [f"{who}@example.com,page.viewed,2026-05-01,{who}-1" for who in ("kim", "a", "b")]
    text = "\n".join(["email,event,time,event id", *rows, ""])
    job = imported(alice, text, Kind.EVENTS)
    busy = Contact.objects.get(email="b@example.com")
    append([NewEvent(busy.pk, "page.viewed", LATER)], source="test", now=LATER)
    assert undone(job) == {"removed": 1, "kept": 1}
    again = imported(alice, text, Kind.EVENTS)
    assert (again.rows_new, again.rows_unchanged) == (1, 2)
    viewed = Event.objects.filter(kind__key="page.viewed", recorded_at__lt=LATER).order_by("pk")
    emails = dict(Contact.objects.values_list("pk", "email"))
    assert [emails[pk] for pk in viewed.values_list("contact_id", flat=True)] == [
        "kim@example.com", "b@example.com", "a@example.com"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        (Kind.ORDERS, ORDERS, "Orders it placed (3) are removed"),
        (Kind.PRODUCTS, "sku,name\nP1,Mug\n", "Products it made (1) are removed unless somebody ordered them"),
        (Kind.EVENTS, "email,event,time\na@example.com,page.viewed,2026-05-01\n", "Activity of everybody else stays."),
        (Kind.ACCOUNTS, "company name\nHanbit\n", "Companies it made (1) are removed unless somebody belongs"),
    ],
)
def test_undo_promises_what_it_does_to_this_kind(alice, client, monkeypatch, kind, text, told):
    monkeypatch.setattr(clock, "now", lambda: LATER)
    job = imported(alice, text, kind)
    client.force_login(alice)
    page = client.get(f"/imports/{job.pk}/").content.decode()
    words = ["Orders it placed", "Products it made", "Companies it made", "Activity of everybody else", "The 1 it made"]
    assert told in page
    assert [word for word in words if word in page] == [word for word in words if told.startswith(word)]
