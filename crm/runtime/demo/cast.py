"""The people of the demo: 60 companies with their staff, customers of the shop, and visitors nobody knows by name."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from contacts.people import address
from contacts.people.company import name_key
from contacts.people.models import Account, Contact
from contacts.stages.models import Stage
from crm.runtime.demo import renewals, twins, words
from crm.runtime.demo.company import CHANNELS, PLANS, Channel
from crm.team.models import Role, User

STAFF, SHOPPERS, VISITORS = 1_150, 3_400, 450
DAYS = 180
_SHARES = {"staff": (0, 55, 20, 18, 7), "shopper": (0, 50, 12, 29, 9)}


@dataclass
class Persona:
    """One contact and what decides her story. `reached` is how far she came (0 discover … 4 advocate)."""

    contact: Contact
    kind: str  # staff, shopper or visitor
    channel: Channel
    reached: int
    heat: float  # how busy of late: 0 asleep … 1 hot
    moves: list[tuple[int, datetime]] = field(default_factory=list)
    agreed_at: datetime | None = None
    refused_at: datetime | None = None
    tracked: bool = False

    @property
    def born(self) -> datetime:
        """When she came to be known."""
        return self.contact.created_at

    def may_be_mailed(self, at: datetime) -> bool:
        """Tell whether she has agreed to mails at that time."""
        agreed = self.agreed_at is not None and self.agreed_at <= at
        return agreed and (self.refused_at is None or self.refused_at > at)


@dataclass
class Cast:
    """Who is in it."""

    personas: list[Persona]
    team: dict[Role, list[User]]


def make(rng: Random, team: dict[Role, list[User]], now: datetime) -> Cast:
    """Make all accounts and contacts and return them with their parts in the story."""
    maker = _Maker(rng, team, now)
    personas = [maker.staff(index) for index in range(STAFF)]
    personas += [maker.shopper() for _ in range(SHOPPERS)]
    personas += [maker.visitor() for _ in range(VISITORS)]
    shoppers = [persona.contact for persona in personas if persona.kind == "shopper"]
    twins.make(shoppers, [persona.contact for persona in personas if persona.kind == "staff"])
    twins.set_parents(maker.accounts)
    renewals.agree(maker.accounts, now)
    Contact.objects.bulk_create([persona.contact for persona in personas], batch_size=1000)
    return Cast(personas, team)


class _Maker:
    """Draws people; every address is given once."""

    def __init__(self, rng: Random, team: dict[Role, list[User]], now: datetime) -> None:
        self.rng, self.team, self.now = rng, team, now
        self.used: set[str] = set()
        self.numbers: set[int] = set()
        self.stages = list(Stage.objects.filter(model__in_use=True).order_by("position"))
        self.accounts = self._accounts()

    def _accounts(self) -> list[Account]:
        rows = [self._account(*company) for company in words.COMPANIES]
        return Account.objects.bulk_create(rows)

    def _account(self, name: str, domain: str, industry: str) -> Account:
        rng, renewal = self.rng, self.now.date() + timedelta(days=self.rng.randint(-20, 330))
        city = rng.choice(words.PLACES)[0]
        return Account(
            name=name, name_key=name_key(name), domain=f"{domain}.example", industry=industry, city=city, country="KR",
            employees=rng.choice((12, 25, 40, 80, 150, 320, 900)), owner=self._rep(),
            attributes={"renewal": (renewal - date(1970, 1, 1)).days}, created_at=self.now - timedelta(days=DAYS),
            business_number=_business_number(rng),
        )  # fmt: skip

    def _rep(self) -> User | None:
        reps, success = self.team[Role.SALES_REP], self.team[Role.CUSTOMER_SUCCESS]
        return self.rng.choice([*reps, *reps, *reps, *success, None])

    def staff(self, index: int) -> Persona:
        """Return somebody who works at one of the companies."""
        rng, account = self.rng, self.accounts[index % len(self.accounts)]
        foreign = account.name.isascii()
        name, login = self._name(0.85 if foreign else 0.03)
        title, role = rng.choice(words.ENGLISH_TITLES if name.isascii() else words.TITLES)
        reached = self._reached("staff")
        plan = PLANS[0] if reached < 3 else rng.choice(PLANS[1:])
        attributes: dict[str, Any] = {"plan": plan}
        if reached >= 3:
            end = self.now.date() + timedelta(days=rng.randint(10, 300))
            attributes |= {"seats": rng.choice((5, 12, 30, 60)), "contract_end": (end - date(1970, 1, 1)).days}
        owner = account.owner if rng.random() < 0.9 else None
        fields = {"title": title, "account_roles": [role], "company": account.name, "account": account, "owner": owner,
                  "attributes": attributes, "city": account.city, "phone": self._phone(0.8)}  # fmt: skip
        return self._persona("staff", reached, name, f"{login}@{account.domain}", fields)

    def shopper(self) -> Persona:
        """Return a customer, or nearly one, of the shop."""
        rng = self.rng
        name, login = self._name(0.06)
        city, region, postcode, street = rng.choice(words.PLACES)
        interests = rng.sample(["회의", "필기", "그림", "학습", "일정"], rng.randint(0, 2))
        fields: dict[str, Any] = {"city": city, "region": region, "phone": self._phone(0.55)}
        fields["attributes"] = {"interests": interests} if interests else {}
        if rng.random() < 0.5:
            fields |= {"postcode": postcode, "street": f"{street} {rng.randint(1, 320)}"}
        if rng.random() < 0.4:
            fields["birthday"] = date(rng.randint(1965, 2006), rng.randint(1, 12), rng.randint(1, 28))
        if rng.random() < 0.04:
            name = ""
        email = f"{login}{rng.randint(1, 99)}@{rng.choice(words.MAILBOXES)}"
        return self._persona("shopper", self._reached("shopper"), name, email, fields)

    def visitor(self) -> Persona:
        """Return a visitor of the site who has not said who she is."""
        return self._persona("visitor", 0, "", "", {"city": self.rng.choice(words.PLACES)[0]})

    def _persona(self, kind: str, reached: int, name: str, email: str, fields: dict[str, Any]) -> Persona:
        rng = self.rng
        born = self.now - timedelta(days=self._age(reached), seconds=rng.randint(0, 86_000))
        channel = rng.choices(CHANNELS, [row.weight for row in CHANNELS])[0]
        email = self._free(email)
        contact = Contact(
            name=name, email=email or None, email_key=address.email_key(email) if email else "", created_at=born,
            updated_at=born, source=channel.source, language="en" if name and name.isascii() else "ko",
            country="KR", time_zone="Asia/Seoul", stage=self.stages[reached], **fields,
        )  # fmt: skip
        persona = Persona(contact, kind, channel, reached, heat=self._heat(kind, reached))
        self._move(persona)
        return persona

    def _age(self, reached: int) -> float:
        youngest = (0.0, 1.0, 6.0, 25.0, 60.0)[reached]
        return float(youngest + (DAYS - 2 - youngest) * self.rng.random() ** 0.9)

    def _heat(self, kind: str, reached: int) -> float:
        draw = self.rng.random()
        if kind == "staff" and reached == 2 and draw < 0.22:  # who is hot has come to Convert
            return 1.0
        return 0.5 if draw < 0.12 else (0.15 if draw < 0.35 else 0.0)

    def _move(self, persona: Persona) -> None:
        """Spread the moves from stage to stage over the time from birth to now."""
        span = self.now - persona.born
        shares = sorted(self.rng.random() ** 1.3 for _ in range(persona.reached))
        persona.moves = [(0, persona.born)]
        persona.moves += [(stage, persona.born + span * share) for stage, share in enumerate(shares, start=1)]
        persona.contact.stage_since = persona.moves[-1][1]

    def _reached(self, kind: str) -> int:
        return self.rng.choices(range(5), _SHARES[kind])[0]

    def _name(self, english: float) -> tuple[str, str]:
        """Return a name and the Latin letters its address is made of."""
        rng = self.rng
        if rng.random() < english:
            first, last = rng.choice(words.ENGLISH_FIRST), rng.choice(words.ENGLISH_LAST)
            return f"{first} {last}", f"{first}.{last}".lower()
        surname, one, two = (
            rng.choices(words.SURNAMES, _SURNAME_WEIGHTS)[0],
            rng.choice(words.FIRST),
            rng.choice(words.SECOND),
        )
        return surname[0] + one[0] + two[0], f"{one[1]}{two[1]}.{surname[1]}"

    def _free(self, email: str) -> str:
        free, number = email, 1
        while free and free in self.used:
            number += 1
            free = email.replace("@", f"{number}@")
        self.used.add(free)
        return free

    def _phone(self, share: float) -> str:
        """Return a number of a range that is not given out, or none."""
        if self.rng.random() >= share:
            return ""
        number = self.rng.randint(1000, 9999)
        while number in self.numbers:
            number = 1000 + (number - 999) % 9000
        self.numbers.add(number)
        return f"+82100000{number}"


_SURNAME_WEIGHTS = tuple(max(1, 40 - 3 * place) for place in range(len(words.SURNAMES)))


def _business_number(rng: Random) -> str:
    """Return ten digits with a right check digit."""
    digits = [rng.randint(1, 9) for _ in range(9)]
    total = sum(d * w for d, w in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=True)) + digits[8] * 5 // 10
    return "".join(map(str, [*digits, (10 - total % 10) % 10]))
