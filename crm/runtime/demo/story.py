"""What the people of the demo did in the last six months: visits, forms, calls, orders, moves from stage to stage."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from contacts.commerce.models import Order, OrderLine, OrderStatus
from contacts.ledger.append import NewEvent
from contacts.notes.models import Note
from contacts.stages.models import Stage
from crm.runtime.demo import notes, refunds
from crm.runtime.demo.cast import Cast, Persona
from crm.runtime.demo.company import FORMS, PAGES, SITE, Furniture
from crm.team.models import Role, User

_KST = timedelta(hours=9)
_READING = ("/", "/product", "/blog/short-meetings", "/blog/remote-onboarding", "/blog/meeting-notes", "/customers")
_BUYING = ("/pricing", "/customers", "/security", "/pricing", "/product")
_NOTES = (
    "예산은 내년 1월에 확정된다고 함. 12월 초에 다시 연락.",
    "보안 검토 자료 요청. SSO 되는지 확인해 드리기.",
    "현재 타사 제품 사용 중, 계약이 2월에 끝남.",
    "팀 20명 시범 사용 희망. 온보딩 미팅 잡기로.",
    "대표님이 직접 보고 싶어 하심. 데모 30분.",
)


@dataclass(frozen=True)
class Sale:
    """An order placed: its event needs the order's number, which the database gives."""

    order: Order
    at: datetime
    products: list[str]

    def event(self) -> NewEvent:
        """Return the event of a stored order."""
        order = self.order
        facts = {"order": order.key, "amount": str(order.total), "currency": order.currency, "products": self.products}
        subject = ("order", str(order.pk))
        assert order.contact_id  # the demo erases nobody
        return NewEvent(order.contact_id, "order.placed", self.at, subject=subject, value=order.total, properties=facts)


@dataclass
class Story:
    """Everything that is to be written down."""

    events: list[NewEvent] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    lines: list[OrderLine] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    returned: list[Order] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def write(self, by: User, now: datetime) -> list[NewEvent]:
        """Store orders, what `by` gave back of them, and notes; return all events, theirs too."""
        given_back = refunds.give_back(self.returned, self.lines, by, now)
        Order.objects.bulk_create(self.orders, batch_size=1000)
        OrderLine.objects.bulk_create(self.lines, batch_size=2000)
        sold = [sale.event() for sale in self.sales]
        return self.events + sold + given_back.write() + notes.write(self.notes)


def tell(rng: Random, cast: Cast, has: Furniture, now: datetime) -> Story:
    """Return the story of everybody, all of it before `now`."""
    teller = _Teller(rng, cast, has, now)
    for persona in cast.personas:
        teller.one(persona)
    return teller.story


class _Teller:
    """Tells one person after another into `story`."""

    def __init__(self, rng: Random, cast: Cast, has: Furniture, now: datetime) -> None:
        self.rng, self.has, self.now, self.story = rng, has, now, Story()
        self.reps = cast.team[Role.SALES_REP]
        self.stages = list(Stage.objects.filter(model__in_use=True).order_by("position"))
        self.goods = [row for row in has.products.values() if row.category != "구독"]

    def one(self, persona: Persona) -> None:
        """Tell what one person did."""
        self._say(persona, "contact.created", persona.born, source=persona.channel.source)
        self._moves(persona)
        for at in self._visits(persona):
            self._visit(persona, at)
        self._forms(persona)
        if persona.reached >= 3:
            self._orders(persona)
        if persona.kind == "staff" and persona.contact.owner_id and persona.reached in (1, 2, 3):
            self._calls(persona)

    def _say(
        self, persona: Persona, kind: str, at: datetime, *, subject: tuple[str, str] | None = None, **facts: Any
    ) -> None:
        if at < self.now:
            self.story.events.append(NewEvent(persona.contact.pk, kind, at, subject=subject, properties=facts))

    def _moves(self, persona: Persona) -> None:
        before: Stage | None = None
        for index, at in persona.moves:
            stage = self.stages[index]
            self._say(
                persona, "stage.entered", at, subject=("stage", str(stage.pk)), to=stage.key, to_id=stage.pk,
                name=stage.name, name_ko=stage.name_ko, cause="rule",
                **{"from": before.key if before else None, "from_id": before.pk if before else None},
            )  # fmt: skip
            before = stage

    def _visits(self, persona: Persona) -> Iterator[datetime]:
        """Yield the times of visits: the first at birth, some later, and a burst of late for who is hot."""
        rng, span = self.rng, (self.now - persona.born).total_seconds()
        yield persona.born
        for _ in range(rng.randint(0, 2 + persona.reached)):
            yield self._waking(persona.born + timedelta(seconds=rng.random() ** 1.6 * span))
        if persona.heat:
            for _ in range(round(persona.heat * rng.randint(3, 5))):
                yield self._waking(self.now - timedelta(hours=rng.uniform(1, 60 if persona.heat == 1 else 400)))

    def _waking(self, at: datetime) -> datetime:
        """Return a time near `at` when people in Korea are awake."""
        hour = (at + _KST).hour
        return at if 8 <= hour <= 23 else at - timedelta(hours=9)

    def _visit(self, persona: Persona, at: datetime) -> None:
        """One visit: the first page carries the source, then a few pages or products."""
        rng, first = self.rng, at - persona.born < timedelta(minutes=1)
        wanted = _BUYING if persona.heat == 1 or persona.reached == 2 else _READING
        paths = rng.sample(wanted, rng.randint(1, 3)) if persona.kind == "staff" else [rng.choice(wanted)]
        if persona.kind != "staff" and rng.random() < 0.6:
            self._browse(persona, at)
        for place, path in enumerate(paths):
            came = persona.channel if first or rng.random() < 0.3 else None
            query = f"?{came.query}" if came and came.query and place == 0 else ""
            referrer = came.referrer if came and place == 0 else ""
            self._say(
                persona, "page.viewed", at + timedelta(seconds=70 * place), subject=("page", path), path=path,
                url=SITE + path + query, title=PAGES[path], **({"referrer": referrer} if referrer else {}),
            )  # fmt: skip

    def _browse(self, persona: Persona, at: datetime) -> None:
        """Look at some goods of the shop, and perhaps put one into the cart."""
        for place, product in enumerate(self.rng.sample(self.goods, self.rng.randint(1, 3))):
            seen, subject = at + timedelta(minutes=2 + place), ("product", str(product.pk))
            facts = {"name": product.name, "price": str(product.price)}
            self._say(persona, "product.viewed", seen, subject=subject, **facts)
        if persona.reached != 1 and self.rng.random() < 0.25:  # who fills a cart does not stay at Educate
            self._say(persona, "cart.updated", at + timedelta(minutes=7), items=[product.key], total=str(product.price))

    def _forms(self, persona: Persona) -> None:
        if persona.contact.email is None:
            return
        key = "newsletter" if persona.kind == "shopper" else self.rng.choice(("whitepaper", "webinar", "newsletter"))
        sent = persona.born + timedelta(minutes=4)
        self._say(persona, "form.submitted", sent, subject=("form", key), name=FORMS[key])
        if persona.kind == "staff" and (persona.heat == 1 or persona.reached == 2) and self.rng.random() < 0.7:
            at = (
                self._waking(self.now - timedelta(hours=self.rng.uniform(2, 90)))
                if persona.heat == 1
                else persona.moves[-1][1]
            )
            self._say(persona, "form.submitted", at, subject=("form", "demo"), name=FORMS["demo"],
                      message="도입 비용과 일정을 알고 싶습니다.")  # fmt: skip

    def _calls(self, persona: Persona) -> None:
        rng, owner = self.rng, persona.contact.owner
        for _ in range(rng.randint(0, 2)):
            at = self._waking(persona.born + (self.now - persona.born) * rng.random())
            outcome = rng.choice(("answered", "no_answer", "answered", "later", "not_now"))
            self._say(persona, "call.logged", at, outcome=outcome, by=owner.pk if owner else None)
            if outcome == "answered" and rng.random() < 0.6:
                self._note(persona, at + timedelta(minutes=6), rng.choice(_NOTES))

    def _note(self, persona: Persona, at: datetime, text: str) -> None:
        if at < self.now:
            self.story.notes.append(Note(contact=persona.contact, text=text, by=persona.contact.owner, at=at))

    def _orders(self, persona: Persona) -> None:
        """The first order is the move to Retain; the faithful order again."""
        since = dict(persona.moves)[3]
        self._order(persona, since - timedelta(minutes=3))
        again = self.rng.randint(1, 3) if persona.reached == 4 else self.rng.choice((0, 0, 0, 1))
        for _ in range(again):
            self._order(persona, self._waking(since + (self.now - since) * self.rng.random()))

    def _order(self, persona: Persona, at: datetime) -> None:
        rng, products = self.rng, self.has.products
        if persona.kind == "staff":
            chosen = [(products[rng.choice(("PLAN-TEAM", "PLAN-BIZ"))], rng.choice((5, 12, 30, 60)))]
        else:
            chosen = [
                (product, rng.choice((1, 1, 1, 2))) for product in rng.sample(self.goods, rng.choice((1, 1, 2, 3)))
            ]
        total = sum(((product.price or Decimal(0)) * pieces for product, pieces in chosen), Decimal(0))
        key = f"ON-{at.astimezone(UTC):%y%m%d}-{len(self.story.orders) + 1:05d}"
        returned = persona.kind == "shopper" and rng.random() < 0.03 and at < self.now - timedelta(days=6)
        order = Order(
            key=key, contact_id=persona.contact.pk, placed_at=at, total=total, currency="KRW",
            status=OrderStatus.SHIPPED,
        )  # fmt: skip
        self.story.orders.append(order)
        self.story.lines += [
            OrderLine(order=order, product=product, quantity=pieces, unit_price=product.price or Decimal(0))
            for product, pieces in chosen
        ]
        keys = [product.key for product, _pieces in chosen]
        self.story.sales.append(Sale(order, at, keys))
        if returned:
            self.story.returned.append(order)
