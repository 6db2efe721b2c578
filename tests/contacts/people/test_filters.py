"""The table of filters: each one, and what it does with nonsense."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from contacts.acts import jobs
from contacts.consent.record import Proof, record
from contacts.ledger.append import NewEvent, append
from contacts.lists import fixed, membership
from contacts.models import Contact, Order, OrderLine, Product, Stage, Suppression
from contacts.people.filters import FILTERS, BadFilter, chips, filtered
from contacts.people.selection import Selection
from contacts.stages.moving import move
from tests.contacts.segments.living import city, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(crowd, team, now):
    by = {"by": team.mina, "now": now}
    stage = Stage.objects.get(model__in_use=True, key="educate")
    move([crowd.kim.pk], stage, cause="person", **by)
    vip, expo = membership.tag_named("VIP"), fixed.create("Expo", "", **by)
    membership.tag(vip, [crowd.kim.pk, crowd.park.pk], **by)
    membership.add(expo, [crowd.lee.pk], **by)
    proof = Proof(source="form")
    record(crowd.kim.pk, "marketing", "email", "granted", at=now, proof=proof, now=now)
    record(crowd.lee.pk, "marketing", "email", "withdrawn", at=now, proof=proof, now=now)
    Suppression.objects.create(email_key=crowd.lee.email_key, reason="complaint", at=now)
    Contact.objects.filter(pk=crowd.park.pk).update(created_at=now - timedelta(days=40))
    Contact.objects.filter(pk=crowd.kim.pk).update(account_roles=["user", "buyer"])
    product = Product.objects.create(key="P1", name="Cup")
    order = Order.objects.create(key="O1", contact=crowd.park, placed_at=now, total=5, currency="KRW")
    OrderLine.objects.create(order=order, product=product, unit_price=5)
    append(
        [
            NewEvent(crowd.kim.pk, "page.viewed", now, subject=("page", "/pricing")),
            NewEvent(crowd.lee.pk, "page.viewed", now, subject=("page", "/blog")),
            NewEvent(crowd.park.pk, "contact.imported", now, subject=("import", "5")),
        ],
        source="test",
        now=now,
    )
    busan = make("Busan", city("부산"), now=now)
    act = jobs.start("tag", Selection((crowd.lee.pk, crowd.park.pk)), {"tag": membership.tag_named("New").pk}, **by)
    jobs.run_due(lambda: now, only=act)
    return {"act": act.pk, "stage": stage.pk, "vip": vip.pk, "expo": expo.pk, "cup": product.pk, "rob": team.rob.pk,
            "segment": busan.pk, "hanbit": crowd.kim.account_id}  # fmt: skip


CASES = [
    ("stage={stage}", "kim"),
    ("stage=none", "lee park caller"),
    ("owner={rob}", "kim"),
    ("owner=none", "park caller"),
    ("owner=me", ""),
    ("tag={vip}", "kim park"),
    ("list={expo}", "lee"),
    ("account={hanbit}", "kim"),
    ("role=buyer", "kim"),
    ("role=champion", ""),
    ("city=Busan", "lee"),
    ("consent=marketing.email.granted", "kim"),
    ("consent=marketing.email.withdrawn", "lee"),
    ("consent=marketing.email.unknown", "park caller"),
    ("consent=marketing.sms.granted", ""),
    ("excluded=yes", "lee"),
    ("excluded=no", "kim park caller"),
    ("known=yes", "kim lee park"),
    ("known=no", "caller"),
    ("source=form", "lee"),
    ("city=부산", "lee"),
    ("language=ko", "lee"),
    ("created_from=2026-11-01", "kim lee caller"),
    ("created_to=2026-11-01", "park"),
    ("bought={cup}", "park"),
    ("import=5", "park"),
    ("import=6", ""),
    ("act={act}", "lee park"),
    ("act=999999", ""),
    ("event=page.viewed", "kim lee"),
    ("event=page.viewed&subject=page:/pricing", "kim"),
    ("event=product.viewed&subject=product:17", ""),
    ("tag={vip}&owner=none", "park"),
    ("stage={stage}&stage=none", "kim lee park caller"),
    ("segment={segment}", "lee"),
    ("segment={segment}&also={segment}", "lee"),
    ("city=Seoul&also={segment}", ""),
    ("q=park&tag={vip}", "park"),
    ("unknown=1", "kim lee park caller"),
    ("moved=in:{stage}:7", "kim"),
    ("moved=out:{stage}:7", ""),
    ("moved=on:{stage}:90", ""),
    ("moved=none:{stage}:7", "kim"),
    ("moved={stage}:{stage}:7", ""),
    ("tag=", "kim lee park caller"),
]


def found(query, user, crowd):
    people = filtered(Contact.objects.visible_to(user), QueryDict(query), user)
    names = {getattr(crowd, key).pk: key for key in ("kim", "lee", "park", "caller")}
    return [names[pk] for pk in people.order_by("pk").values_list("pk", flat=True)]


@pytest.mark.parametrize(("query", "expected"), CASES)
def test_filter_finds_exactly(world, crowd, team, query, expected):
    assert found(query.format(**world), team.mina, crowd) == expected.split()


def test_every_filter_of_contacts_has_a_case():
    tried = {part.split("=")[0] for query, _ in CASES for part in query.split("&")}
    assert {row.key for row in FILTERS if row.condition.__module__.startswith("contacts.")} <= tried


@pytest.mark.parametrize(
    "query",
    ["stage=x", "stage=-1", "tag=1e9", "account=99999999999999999999", "consent=a.b.c", "consent=marketing",
     "excluded=maybe", "created_from=2026-13-01", "created_to=9999-12-31", "event=no.such",
     "event=page.viewed&subject=x", "import=%00",
     "moved=in", "moved=in:x:7", "moved=up:1:7", "moved=in:1:99999", "moved=in:1:0", "moved=²:1:7", "owner=' OR 1=1"],
)  # fmt: skip
def test_nonsense_is_refused_not_ignored(crowd, team, query):
    with pytest.raises(BadFilter):
        found(query, team.mina, crowd)


def test_chips_say_names_and_lead_away(world, crowd):
    query = QueryDict("tag={vip}&event=page.viewed&subject=page:/pricing&cursor=abc&sort=name".format(**world))
    first, second = chips(query)
    assert (first.label, first.url) == ("Tag: VIP", "?event=page.viewed&subject=page%3A%2Fpricing&sort=name")
    assert second.label == "Did: Page viewed (page:/pricing)"
    assert second.url == f"?tag={world['vip']}&sort=name"


@pytest.mark.parametrize("key", [row.key for row in FILTERS])
def test_chip_of_a_deleted_thing_is_still_a_chip(db, key):
    assert len(chips(QueryDict(f"{key}=424242"))) == 1
