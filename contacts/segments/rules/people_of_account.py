"""The leaf that asks about the people of a person's account, herself among them: any, every, at least n of them match.

A person without an account is no answer to any of these: false. Whatever changes one of them may change all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.segments.errors import Problem
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.parsing import LeafKind, Path, parse_group, unknown_keys
from contacts.segments.rules.sentence import sentence
from contacts.segments.rules.shapes import PEOPLE_OF_ACCOUNT
from contacts.segments.rules.sql import Sql, compose, negated
from contacts.segments.rules.tree import Form, Group, leaves
from contacts.segments.rules.words import filled
from crm.kit import figures

_MOST = 10_000
# The inner rule is over an alias `c` of its own, so hers goes in by another name.
_PEERS = """
FROM (SELECT c.account_id AS id) AS her CROSS JOIN LATERAL (
    SELECT FROM contacts_contact c WHERE c.account_id = her.id AND c.merged_into_id IS NULL AND {test} LIMIT %s
) AS peer
"""
_COUNTED = """(
SELECT jsonb_build_object('match', count(*) FILTER (WHERE peer.fits), 'of', count(*))
FROM (SELECT c.account_id AS id) AS her CROSS JOIN LATERAL (
    SELECT {test} AS fits FROM contacts_contact c WHERE c.account_id = her.id AND c.merged_into_id IS NULL
) AS peer HAVING count(*) > 0
)"""
_ACCOUNTS = """
SELECT c.account_id FROM contacts_contact c WHERE c.account_id IS NOT NULL AND c.merged_into_id IS NULL AND {test}
"""


class HowMany(StrEnum):
    """How many of the people have to match."""

    ANY = "any"
    EVERY = "every"
    AT_LEAST = "at_least"


@dataclass(frozen=True)
class PeopleOfAccount:
    """So many of the people of her account match a rule."""

    how_many: HowMany
    rule: Group
    n: int = 1
    widens_to_account: ClassVar[bool] = True  # read by Rule: an event touches everybody of the account

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal leaf."""
        n = {"n": self.n} if self.how_many is HowMany.AT_LEAST else {}
        return {"people_of_account": self.how_many.value} | n | {"rule": self.rule.stored()}

    def sql(self, form: Form, at: Moment) -> Sql:
        """Return a condition that is never null."""
        test = self.rule.sql(form, at)
        if self.how_many is HowMany.EVERY:
            return compose("(c.account_id IS NOT NULL AND NOT {some})", some=_some(negated(test), form, 1))
        return _some(test, form, self.n)

    def crossings(self, since: Moment, until: Moment) -> tuple[Sql, ...]:
        """Return everybody of the accounts of those whose own answer may change by time alone."""
        return tuple(
            compose(
                "SELECT c.id FROM contacts_contact c WHERE c.account_id IN "
                "(SELECT p.account_id FROM contacts_contact p WHERE p.id IN ({moved}))",
                moved=moved,
            )
            for leaf in leaves(self.rule)
            for moved in leaf.crossings(since, until)
        )

    def kinds(self) -> frozenset[str]:
        """Return the event kinds of colleagues after which the answer may differ; who is a colleague changes too."""
        return frozenset({"contact.updated", "contact.imported"}).union(*(leaf.kinds() for leaf in leaves(self.rule)))

    def segments(self) -> frozenset[int]:
        """Return the ids of the segments that the inner rule reads."""
        return frozenset().union(*(leaf.segments() for leaf in leaves(self.rule)))

    def sentence(self) -> str:
        """Return the question in words."""
        inner = sentence(self.rule)
        if self.how_many is HowMany.EVERY:
            return filled(_("everybody of the account: %(rule)s"), rule=inner)
        if self.n == 1:
            return filled(_("anybody of the account: %(rule)s"), rule=inner)
        pattern = ngettext(
            "at least %(n)s person of the account: %(rule)s", "at least %(n)s people of the account: %(rule)s", self.n
        )
        return filled(pattern, n=figures.count(self.n), rule=inner)

    def decided_by(self, at: Moment) -> Sql:
        """Return how many of the account match, and how many there are."""
        return compose(_COUNTED, test=self.rule.sql(Form.SCALAR, at))

    def shown(self, value: Any) -> str:
        """Return such a value in words."""
        if value is None:
            return _("no account")
        return _("%(match)s of %(of)s") % {name: figures.count(value[name]) for name in ("match", "of")}


def _some(test: Sql, form: Form, n: int) -> Sql:
    """Return the condition that at least n live people of her account pass the test."""
    if form is Form.SCALAR:
        return compose("(SELECT count(*) >= %s {peers})", n, peers=compose(_PEERS, n, test=test))
    accounts = compose(_ACCOUNTS, test=test)
    if n > 1:
        accounts = compose("{accounts} GROUP BY c.account_id HAVING count(*) >= %s", n, accounts=accounts)
    return compose("(c.account_id IS NOT NULL AND c.account_id IN ({accounts}))", accounts=accounts)


# --- reading --------------------------------------------------------------------------------------------------------
def _parse(raw: Mapping[str, Any], path: Path, problems: list[Problem]) -> PeopleOfAccount | None:
    how_many = raw["people_of_account"]
    counted = how_many == HowMany.AT_LEAST
    problems += unknown_keys(raw, {"people_of_account", "rule"} | ({"n"} if counted else set()), path)
    if how_many not in list(HowMany):
        message = _("Of the people of the account: %(words)s.") % {"words": ", ".join(HowMany)}
        problems.append(Problem((*path, "people_of_account"), message))
        return None
    n = raw.get("n") if counted else 1
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= _MOST:
        message = _("Write a whole number from 1 to %(limit)s.") % {"limit": figures.count(_MOST)}
        problems.append(Problem((*path, "n"), message))
        return None
    rule = parse_group(raw.get("rule"), (*path, "rule"), problems)
    return PeopleOfAccount(HowMany(how_many), rule, n)


PEOPLE_OF_ACCOUNT_LEAF = LeafKind("people_of_account", _parse, PEOPLE_OF_ACCOUNT)
