"""Products, orders and events from files: the same steps, by key, refusals with line and reason."""

from decimal import Decimal

import pytest
from django.core.files.base import ContentFile

from contacts.commerce.models import Order, OrderLine, Product
from contacts.imports import jobs
from contacts.imports.errors import BadPlan
from contacts.imports.forms import guessed_keys
from contacts.imports.models import Kind, Step
from contacts.imports.plan import Plan
from contacts.ledger.models import Event
from contacts.people.address import email_key
from contacts.people.models import Contact
from tests.contacts.imports.running import NOW, run

pytestmark = pytest.mark.django_db

ORDERS = (
    "주문번호,구매자 이메일,구매자명,주문일,상품코드,상품명,수량,판매가,주문상태,환불금액\n"
    'A-1,kim@example.com,김철수,2026-05-01 10:00,P1,컵,2,"12,000원",결제완료,\n'
    "A-1,kim@example.com,김철수,2026-05-01 10:00,P2,접시,1,30000,결제완료,\n"
    "A-2,lee@example.com,이영희,2026-05-02,P1,컵,1,12000,부분환불,4000\n"
    "A-3,park@example.com,박민수,2026-05-03,P2,접시,1,30000,취소,\n"
    "A-4,no address,X,2026-05-03,P2,접시,1,30000,결제완료,\n"
    "A-5,kim@example.com,X,2026-05-03,P2,접시,0,30000,결제완료,\n"
    "A-6,kim@example.com,X,2026-05-03,P2,접시,1,1000,결제완료,5000\n"
)


def checked(user, text: str, kind: str, **choices):
    job = jobs.upload(user, ContentFile(text.encode()), "orders.csv", now=NOW, kind=kind)
    jobs.check(job, Plan(tuple(guessed_keys(job)), **choices), now=NOW)
    return run(job)


def imported(user, text: str, kind: str, **choices):
    job = checked(user, text, kind, **choices)
    jobs.start(job, now=NOW)
    return run(job)


def state() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Contact, Order, OrderLine, Product, Event))


def test_orders_with_lines_refunds_and_states_arrive_once(alice):
    known = Contact.objects.create(email="kim@example.com", email_key=email_key("kim@example.com"), name="Kim")
    before = state()
    dry = checked(alice, ORDERS, Kind.ORDERS)
    assert state() == before
    assert (dry.preview["new"], dry.preview["changed"], dry.preview["unchanged"]) == (3, 0, 0)
    refused = [(6, "bad_address"), (7, "bad_amount"), (8, "not_accepted")]
    assert list(dry.refusals.order_by("line").values_list("line", "code")) == refused
    jobs.start(dry, now=NOW)
    run(dry)
    assert (dry.step, dry.rows_new) == (Step.FINISHED, 3)
    assert list(dry.refusals.order_by("line").values_list("line", "code")) == refused
    found = Order.objects.order_by("key").values_list("key", "contact__email", "total", "refunded", "status")
    assert list(found) == [
        ("A-1", "kim@example.com", Decimal(54000), Decimal(0), "paid"),
        ("A-2", "lee@example.com", Decimal(12000), Decimal(4000), "paid"),
        ("A-3", "park@example.com", Decimal(30000), Decimal(0), "cancelled"),
    ]
    assert list(Product.objects.order_by("key").values_list("key", "name")) == [("P1", "컵"), ("P2", "접시")]
    assert known.orders.get().lines.count() == 2
    kinds = Event.objects.exclude(kind__key="contact.created").values_list("kind__key", "value")
    assert sorted(kinds) == [
        ("order.cancelled", Decimal(30000)),
        ("order.placed", Decimal(12000)),
        ("order.placed", Decimal(30000)),
        ("order.placed", Decimal(54000)),
        ("order.refunded", Decimal(4000)),
    ]
    after = state()
    again = imported(alice, ORDERS, Kind.ORDERS)
    assert (again.rows_new, again.rows_changed, again.rows_unchanged, state()) == (0, 0, 3, after)
    later = imported(alice, ORDERS.replace("부분환불,4000", "환불,"), Kind.ORDERS)
    assert (later.rows_changed, Order.objects.get(key="A-2").refunded) == (1, Decimal(12000))


def test_unknown_people_are_refused_when_none_may_be_made(alice):
    job = imported(alice, ORDERS, Kind.ORDERS, makes_people=False)
    assert (job.rows_new, Contact.objects.count(), Order.objects.count()) == (0, 0, 0)
    assert job.refusals.filter(code="unknown_person").count() == 5


def test_events_are_kept_once_with_or_without_a_number(alice):
    text = (
        "email,event,time,id,title\na@example.com,page.viewed,2026-05-01 10:00,e1,Pricing\n"
        "a@example.com,Product viewed,2026-05-01 10:01,,Cup\na@example.com,mail.opened,2026-05-01 10:02,,\n"
        "a@example.com,page.viewed,2027-05-01,,\n"
    )
    for wanted in ((2, 0), (0, 2)):
        job = imported(alice, text, Kind.EVENTS)
        assert (job.rows_new, job.rows_unchanged) == wanted
        assert list(job.refusals.order_by("line").values_list("line", "code")) == [
            (4, "bad_event_kind"), (5, "future_date")
        ]  # fmt: skip
    seen = Event.objects.filter(kind__key="page.viewed").get()
    assert (seen.properties["title"], seen.occurred_at.isoformat()) == ("Pricing", "2026-05-01T01:00:00+00:00")


def test_products_are_filled_in_and_changed_by_key(alice):
    Product.objects.create(key="P1", name="Cup", brand="Acme", price=Decimal(5))
    job = imported(alice, 'sku,name,price,image\nP1,Mug,,\nP2,Plate,"₩30,000",ftp://x\nP3,,1,\n', Kind.PRODUCTS)
    assert (job.rows_new, job.rows_changed) == (0, 1)
    assert list(job.refusals.order_by("line").values_list("line", "code")) == [(3, "bad_url"), (4, "cell_missing")]
    assert Product.objects.values_list("name", "brand", "price").get() == ("Mug", "Acme", Decimal(5))


def test_needed_columns_are_named(alice):
    job = jobs.upload(alice, ContentFile(b"order,email\nA,a@example.com\n"), "o.csv", now=NOW, kind=Kind.ORDERS)
    with pytest.raises(BadPlan, match="placed_at, product, unit_price"):
        jobs.check(job, Plan(tuple(guessed_keys(job))), now=NOW)
    job.refresh_from_db()
    assert (job.step, job.plan) == (Step.UPLOADED, {})


def test_texts_of_a_product_are_cut_to_what_each_column_holds(alice):
    long = "가" * 250
    job = imported(alice, f"sku,name,brand,category\n{long},{long},{long},{long}\n", Kind.PRODUCTS)
    assert (job.rows_new, job.refusals.count()) == (1, 0)
    made = Product.objects.get()
    assert [len(text) for text in (made.key, made.name, made.brand, made.category)] == [80, 200, 120, 120]
