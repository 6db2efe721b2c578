"""The people an act is for: those ticked on a page, or everyone a filter finds. Used by bulk actions and export."""

from dataclasses import dataclass

from django.http import QueryDict

from contacts.people.filters import BadFilter, filtered
from contacts.people.models import Contact, ContactQuerySet
from crm.team.models import User

LIMIT = 1_000_000  # people in one act, or in one file


@dataclass(frozen=True)
class Selection:
    """`ids` are ticked rows; when there are none, `query` (a query string of the list) says who."""

    ids: tuple[int, ...] = ()
    query: str = ""

    @classmethod
    def posted(cls, data: QueryDict) -> "Selection":
        """Read a selection from a form: `everyone` with `query`, else every `contact`. Raises BadFilter."""
        if data.get("everyone"):
            return cls(query=data.get("query", ""))
        try:
            ids = dict.fromkeys(int(value) for value in data.getlist("contact")[:1000])
            return cls(ids=tuple(number for number in ids if 0 < number < 2**63))
        except ValueError as error:
            raise BadFilter("contact", str(error)) from error

    @property
    def is_everyone(self) -> bool:
        """Tell whether a filter is meant and no ticked rows."""
        return not self.ids

    def people(self, user: User) -> ContactQuerySet:
        """Return who is meant, as far as `user` may see them."""
        visible = Contact.objects.visible_to(user)
        return visible.filter(pk__in=self.ids) if self.ids else filtered(visible, QueryDict(self.query), user)
