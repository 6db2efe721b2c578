"""Rows of companies: found by registration number, by web domain, else by name; changed as the plan says by column."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q

from contacts.errors import Invalid
from contacts.imports.fields import ATTRIBUTE
from contacts.imports.merge import ONE_AT_A_TIME
from contacts.imports.models import ImportJob
from contacts.imports.plan import Plan, Policy
from contacts.imports.records.case import Case, Outcome, Refused, Row, Trace
from contacts.people import accounts
from contacts.people.accounts import AccountProfile
from contacts.people.company import name_key
from contacts.people.models import Account

_READ: dict[str, Any] = {"contract_end": date.fromisoformat, "renewal_value": Decimal}
_COLUMNS = (
    "name", "domain", "business_number", "industry", "employees", "country", "city", "owner_id", "contract_end",
    "renewal_probability", "renewal_value",
)  # fmt: skip


class Companies:
    """What a range of companies does: `judge` only reads, `write` makes and changes accounts."""

    def __init__(self, _job: ImportJob, plan: Plan, now: datetime) -> None:
        self._plan, self._now = plan, now
        self._there: dict[str, Account] = {}
        self._after: dict[str, AccountProfile] = {}

    def judge(self, cases: Sequence[Case], *, lock: bool) -> None:
        """Say of each case whether its company is new, changed or neither; `lock` when it will be written."""
        found = _Known(cases, lock=lock)
        taken: dict[int, int] = {}
        for case in cases:
            there = found.of(case.first)
            case.passed_over, case.rows = case.rows[1:], case.rows[:1]
            if there is not None and there.pk in taken:
                case.refused = Refused("same_company", str(taken[there.pk]))
                continue
            try:
                self._judge(case, there)
            except Invalid as error:
                case.refused = Refused("not_accepted", " ".join(map(str, error.errors.values())))
            if there is not None:
                taken[there.pk] = case.first["line"]

    def _judge(self, case: Case, there: Account | None) -> None:
        said = _said(case.first)
        before = _profile(there) if there else AccountProfile(said["name"])
        stated = case.first.get("changed_at")
        newer = bool(there and stated and datetime.fromisoformat(stated) > there.updated_at)
        wanted = replace(before, **self._wanted(before, said, newer=newer)) if there else replace(before, **said)
        clean = wanted.checked()
        old, new = asdict(before), asdict(clean)
        case.news = {name: [old[name], new[name]] for name in (*said, "attributes") if old[name] != new[name]}
        self._after[case.key] = clean if there is None else replace(before, **{name: new[name] for name in case.news})
        if there is not None:
            self._there[case.key] = there
        case.outcome = Outcome.NEW if there is None else Outcome.CHANGED if case.news else Outcome.SAME

    def _wanted(self, before: AccountProfile, said: Mapping[str, Any], *, newer: bool) -> dict[str, Any]:
        """Return the values that a known company gets: an empty cell never empties a field."""
        held = asdict(before)
        wanted = {
            name: value for name, value in said.items()
            if name != "attributes" and self._takes(name, blank=held[name] in ("", None), newer=newer)
        }  # fmt: skip
        own = {
            key: value for key, value in said.get("attributes", {}).items()
            if self._takes(ATTRIBUTE + key, blank=key not in held["attributes"], newer=newer)
        }  # fmt: skip
        return wanted | {"attributes": {**held["attributes"], **own}}

    def _takes(self, column: str, *, blank: bool, newer: bool) -> bool:
        policy = dict(self._plan.policies).get({"owner_id": "owner"}.get(column, column), self._plan.policy)
        if policy == Policy.KEEP:
            return False
        return blank or policy == Policy.OVERWRITE or (policy == Policy.NEWEST and newer)

    def write(self, cases: Sequence[Case]) -> Trace:
        """Make the new companies and change the others. Raises IntegrityError when another made one meanwhile."""
        made = [self._after[case.key] for case in cases if case.outcome == Outcome.NEW]
        changed = [case for case in cases if case.outcome == Outcome.CHANGED]
        accounts.change_many([(self._there[case.key], self._after[case.key]) for case in changed], now=self._now)
        before = [["account", self._there[case.key].pk, stored(case.news)] for case in changed]
        return Trace(accounts=accounts.create_many(made, now=self._now), changed=before)


class _Known:
    """The accounts that rows of a range may be about."""

    def __init__(self, cases: Sequence[Case], *, lock: bool) -> None:
        if lock:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        rows = [case.first for case in cases]
        numbers, domains = ({row[name] for row in rows if name in row} for name in ("business_number", "domain"))
        names = {name_key(row["name"]) for row in rows}
        some = (Q(business_number__in=numbers) | Q(domain__in=domains)) & ~Q(business_number="", domain="")
        found = Account.objects.filter(some | Q(name_key__in=names)).order_by("-pk")
        there = list(found.select_for_update(of=["self"]) if lock else found)
        self._by_number = {row.business_number: row for row in there if row.business_number}
        self._by_domain = {row.domain: row for row in there if row.domain}
        self._by_name = {row.name_key: row for row in there}

    def of(self, row: Row) -> Account | None:
        """Return the account a row is about. One of the same name that has another number or domain is another one."""
        number, domain = row.get("business_number", ""), row.get("domain", "")
        found = self._by_number.get(number) or self._by_domain.get(domain) or self._by_name.get(name_key(row["name"]))
        if found is None or (number and found.business_number == number):
            return found
        if number and found.business_number:
            return None
        return found if not domain or not found.domain or found.domain == domain else None


def _said(row: Row) -> dict[str, Any]:
    """Return what a row says of a company, by column of the account."""
    said = {name: _READ.get(name, lambda value: value)(row[name]) for name in _COLUMNS if name in row}
    own = {key.removeprefix(ATTRIBUTE): value for key, value in row.items() if key.startswith(ATTRIBUTE)}
    return said | ({"owner_id": row["owner"]} if "owner" in row else {}) | ({"attributes": own} if own else {})


def _profile(account: Account) -> AccountProfile:
    return AccountProfile(**{part.name: getattr(account, part.name) for part in fields(AccountProfile)})


def stored(news: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """Return [before, after] by column as JSON keeps it."""
    plain = (str, int, bool, dict, type(None))
    return {name: [value if isinstance(value, plain) else str(value) for value in pair] for name, pair in news.items()}
