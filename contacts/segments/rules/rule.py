"""A parsed rule as the rest of the product uses it: everybody who matches, some who may have changed, what it reads."""

from dataclasses import dataclass
from typing import Any

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sentence import sentence
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.tree import Form, Group, leaves

# After these a contact is new, or another one's past is hers.
BIRTHS = frozenset({"contact.created", "contact.imported", "contact.merged", "contact.unmerged"})


@dataclass(frozen=True)
class Rule:
    """The whole rule; made by parsing.parse."""

    root: Group

    def stored(self) -> dict[str, Any]:
        """Return the definition as JSON."""
        return {"version": 1, "rule": self.root.stored()}

    def sentence(self) -> str:
        """Return the whole rule in words, in the active language."""
        return sentence(self.root)

    def everybody(self, at: Moment) -> Sql:
        """Return a SELECT of the ids of all live contacts that match at that moment."""
        return compose(
            "SELECT c.id FROM contacts_contact c WHERE c.merged_into_id IS NULL AND {test}",
            test=self.root.sql(Form.SET, at),
        )

    def test(self, at: Moment) -> Sql:
        """Return the condition over the alias `c`, for few contacts at a time."""
        return self.root.sql(Form.SCALAR, at)

    def crossings(self, since: Moment, until: Moment) -> tuple[Sql, ...]:
        """Return SELECTs of contact ids: those whose membership may flip in (since, until] by time alone."""
        return tuple(sql for leaf in leaves(self.root) for sql in leaf.crossings(since, until))

    def kinds(self) -> frozenset[str]:
        """Return the event kinds that may change who matches; a new or merged person may match anything."""
        return BIRTHS.union(*(leaf.kinds() for leaf in leaves(self.root)))

    def segments(self) -> frozenset[int]:
        """Return the ids of the segments whose members it reads."""
        return frozenset().union(*(leaf.segments() for leaf in leaves(self.root)))

    def widens_to_account(self) -> bool:
        """Tell whether what happens to a person may change the answer for everybody of the account."""
        return any(getattr(leaf, "widens_to_account", False) for leaf in leaves(self.root))
