"""What the pages of people read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.attributes import sorting
from contacts.attributes.models import PREFIX, Attribute
from contacts.consent.models import Channel, ConsentEntry, ConsentState, Decision, Purpose, Suppression
from contacts.everybody import at_most
from contacts.lists.models import ContactTag, FixedList, ListMember, Tag
from contacts.people.filters import filtered
from contacts.people.models import Contact, ContactQuerySet
from contacts.people.seen_window import stretch
from crm.kit import figures
from crm.kit.paging import BadCursor, Page, keyset_page, place
from crm.team.models import User

SORTS: dict[str, tuple[str, ...]] = {
    "-created": ("-created_at", "-id"),
    "created": ("created_at", "id"),
    "name": ("sort_key", "id"),
    "-name": ("-sort_key", "-id"),
    "-seen": ("-seen__last_seen_at", "-id"),
    "seen": ("seen__last_seen_at", "id"),
    "email": ("email", "id"),
    "-email": ("-email", "-id"),
    "city": ("city", "-created_at", "-id"),
    "-city": ("-city", "created_at", "id"),
    "since": ("stage_since", "id"),
    "-since": ("-stage_since", "-id"),
}
_BY_SEEN = frozenset({"seen", "-seen"})
# These orders leave out who has no value there; the conditions are those of their indexes.
HAVING = {"seen": Q(seen__isnull=False), "email": ~Q(email=None), "city": ~Q(city=""), "since": ~Q(stage_since=None)}
DEFAULT_SORT = "-created"
COUNT_LIMIT = 2_000  # of a page, which is shown before everybody is counted
FEW = COUNT_LIMIT  # so many people are found first and sorted then
PATIENCE = 5.0  # seconds for the exact number that follows
_COUNTED = "SELECT count(*), (array_agg(found.id))[1:%s] FROM ({found}) AS found(id)"


def people_page(user: User, query: QueryDict, *, size: int = 50, found: "Counted | None" = None) -> Page[Contact]:
    """Return one page of the people list; `found` says how many there are, where it is known.

    Raises BadFilter, BadCursor.
    """
    order = order_of(query)
    people = people_found(user, query, many=found is not None and not found.exact)
    if found is not None:
        people = found.first_found(people)
    people, cursor = valued(people, query), query.get("cursor", "")
    if query.get("sort") in _BY_SEEN and (page := _page_by_stretch(people, order, cursor, size)):
        return page
    return keyset_page(with_rows(people), order, cursor=cursor, size=size)


def _page_by_stretch(people: ContactQuerySet, order: tuple[str, ...], cursor: str, size: int) -> Page[Contact] | None:
    """Return the page when a stretch of time holds it and one person more, else None."""
    back, values = place(cursor, order)
    try:
        start = datetime.fromisoformat(values[0]) if values else None
    except (TypeError, ValueError) as error:
        raise BadCursor from error
    near = stretch(start, falling=order[0].startswith("-") != back)
    if near is None:
        return None
    page = keyset_page(with_rows(people.filter(near)), order, cursor=cursor, size=size)
    return page if (page.previous_cursor if back else page.next_cursor) else None


def people_found(user: User, query: QueryDict, *, many: bool = False) -> ContactQuerySet:
    """Return everyone the list shows; `many` when they are known to be a great many. Raises BadFilter."""
    people = filtered(Contact.objects.visible_to(user), query, user, many=many)
    if attribute := _attribute(query):
        return people.filter(sorting.having(attribute))
    return people.filter(HAVING.get(query.get("sort", "").removeprefix("-"), Q()))


def _attribute(query: QueryDict) -> Attribute | None:
    """Return the attribute whose order is asked for; None for another order, or while no index bears it."""
    asked = query.get("sort", "").removeprefix("-")
    if not asked.startswith(PREFIX):
        return None
    ready = Attribute.objects.sorting().exclude(sort_ready_at=None)
    return ready.filter(key=asked.removeprefix(PREFIX)).first()


def valued(people: ContactQuerySet, query: QueryDict) -> ContactQuerySet:
    """Return `people`, each with the value that the order of an attribute goes by."""
    attribute = _attribute(query)
    return people.annotate(own_value=sorting.value_of(attribute)) if attribute else people


def order_of(query: QueryDict) -> tuple[str, ...]:
    """Return the fields of the order that is asked for; the usual one when it is not known."""
    asked = query.get("sort", "")
    if _attribute(query):
        return ("-own_value", "-id") if asked.startswith("-") else ("own_value", "id")
    return SORTS.get(asked, SORTS[DEFAULT_SORT])


def leaves_out(query: QueryDict) -> bool:
    """Tell whether the order leaves out who has no value there."""
    return query.get("sort", "").removeprefix("-") in HAVING or _attribute(query) is not None


def with_rows(people: ContactQuerySet) -> ContactQuerySet:
    """Load with each person what a row of a list shows."""
    tags = Prefetch("tag_links", ContactTag.objects.select_related("tag").order_by("tag__name"))
    mail = ConsentState.objects.filter(purpose=Purpose.MARKETING, channel=Channel.EMAIL)
    return people.select_related("stage", "owner", "account", "seen").prefetch_related(
        tags, Prefetch("consents", mail, to_attr="mail_consent")
    )


@dataclass(frozen=True)
class Counted:
    """How many people there are: exact up to COUNT_LIMIT, "more than" above. `ids` says who, where they are FEW."""

    number: int
    exact: bool
    ids: Sequence[int] | None = None

    def __str__(self) -> str:
        if not self.exact:
            return _("More than %(number)s people") % {"number": figures.count(self.number)}
        return ngettext("%(number)s person", "%(number)s people", self.number) % {"number": figures.count(self.number)}

    def first_found(self, people: ContactQuerySet) -> ContactQuerySet:
        """Return `people`, of whom this is the count, so that a few of them are not looked for once more.

        PostgreSQL takes conditions for independent and walks the index of the order, hoping to meet 50 soon; where
        hardly anybody meets them all it walks to the end (a rep's people in a city of colleagues: 3.9 s of 10^6). And
        a search found those who hold four digits twice, of which each time cost 170 ms.
        """
        if self.ids is None:
            return people
        return Contact.objects.filter(_one_of(self.ids)) if self.ids else people.none()


def _one_of(ids: Sequence[int]) -> RawSQL:
    """One parameter; `pk__in` would write thousands of them."""
    return RawSQL("contacts_contact.id = ANY(%s::bigint[])", [list(ids)], BooleanField())


def counted(people: ContactQuerySet, limit: int) -> Counted:
    """Count people without reading more than `limit` of them; a few are noted."""
    try:
        text, params = people.order_by().values("pk")[: limit + 1].query.sql_with_params()
    except EmptyResultSet:  # it is known without a question that there is nobody
        return Counted(0, True, ())
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED.format(found=text), [FEW, *params])
        found, ids = cursor.fetchone()
    return Counted(min(found, limit), found <= limit, (ids or ()) if found <= min(FEW, limit) else None)


def people_count(user: User, query: QueryDict) -> Counted:
    """Count who the list shows, up to COUNT_LIMIT. Raises BadFilter."""
    return counted(people_found(user, query), COUNT_LIMIT)


def everybody_counted(user: User, query: QueryDict) -> Counted:
    """Count who the list shows, however many. Raises BadFilter, TooSlow."""
    with at_most(PATIENCE):
        return Counted(people_found(user, query).count(), exact=True)


@dataclass(frozen=True)
class ConsentLine:
    """What holds for one purpose and channel, with all its proof, newest first."""

    purpose: Any
    channel: Any
    state: ConsentState | None
    entries: Sequence[ConsentEntry]


def consent_lines(contact: Contact) -> list[ConsentLine]:
    """Return a line for each purpose and channel that was ever spoken of; marketing by e-mail always."""
    states = {(state.purpose, state.channel): state for state in contact.consents.all()}
    proofs: dict[tuple[str, str], list[ConsentEntry]] = {}
    for entry in contact.consent_entries.select_related("recorded_by").order_by("-at", "-id")[:200]:
        proofs.setdefault((entry.purpose, entry.channel), []).append(entry)
    keys = [(purpose.value, channel.value) for purpose in Purpose for channel in Channel]
    always = (Purpose.MARKETING.value, Channel.EMAIL.value)
    return [
        ConsentLine(Purpose(key[0]), Channel(key[1]), states.get(key), proofs.get(key, []))
        for key in keys
        if key in states or key in proofs or key == always
    ]


def guardian_agreed(lines: Sequence[ConsentLine]) -> bool:
    """Tell whether a guardian's consent to marketing by e-mail stands among these lines."""
    wanted = (Purpose.GUARDIAN, Channel.EMAIL)
    states = [line.state for line in lines if (line.purpose, line.channel) == wanted]
    return any(state is not None and state.decision == Decision.GRANTED for state in states)


def suppression_of(contact: Contact) -> Suppression | None:
    """Return why this address gets nothing, or None."""
    if hasattr(contact, "excluded_as"):  # looked up with the person (views.door.person)
        reason = contact.excluded_as
        return Suppression(email_key=contact.email_key, reason=reason) if reason else None
    return Suppression.objects.filter(email_key=contact.email_key).first() if contact.email_key else None


def survivor_of(contact_id: int) -> int | None:
    """Follow a merged contact to the one that lives on; None when there is no such contact."""
    seen: set[int] = set()
    current: int | None = contact_id
    while current is not None and current not in seen:
        seen.add(current)
        row = Contact.objects.filter(pk=current).values_list("merged_into", flat=True)
        if not row:
            return None
        into = row[0]
        if into is None:
            return current
        current = into
    return None


def lists_with_counts() -> list[FixedList]:
    """Return all lists, each with `people`: how many are on it."""
    people = _how_many(ListMember.objects.filter(fixed_list=OuterRef("pk")), "fixed_list")
    return list(FixedList.objects.annotate(people=people).select_related("created_by").order_by("name"))


def tags_with_counts() -> list[Tag]:
    """Return all tags, each with `people`: how many wear it."""
    people = _how_many(ContactTag.objects.filter(tag=OuterRef("pk")), "tag")
    return list(Tag.objects.annotate(people=people).order_by("name"))


def _how_many(rows: QuerySet[Any], label: str) -> Coalesce:
    """Count the rows of each label by an index alone; a join counts 500,000 of them six times as long."""
    counted = rows.order_by().values(label).annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counted), 0)


def members_page(fixed_list: FixedList, user: User, cursor: str) -> Page[Contact]:
    """Return one page of a list's people that `user` may see, by name."""
    people = Contact.objects.visible_to(user).filter(
        pk__in=ListMember.objects.filter(fixed_list=fixed_list).values("contact")
    )
    return page_by_name(people, cursor)


def page_by_name(people: ContactQuerySet, cursor: str, size: int = 50) -> Page[Contact]:
    """Return one page of `people` by name, with what a row shows. Raises BadCursor."""
    return keyset_page(with_rows(counted(people, FEW).first_found(people)), SORTS["name"], cursor=cursor, size=size)
