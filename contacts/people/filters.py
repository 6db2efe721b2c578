"""The table of filters of the people list: one row is one filter, its value stands in the query string.

Every number on another page opens its people through one of them; apps above add theirs with FILTERS.register.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.account_roles.models import AccountRole
from contacts.commerce.models import OrderLine, Product
from contacts.consent.models import Channel, ConsentState, Decision, Purpose, Suppression
from contacts.errors import ContactsError
from contacts.ledger.kinds import KINDS, words_of
from contacts.lists.models import ContactTag, FixedList, ListMember, Tag
from contacts.people.models import Account, ContactQuerySet
from contacts.people.place import city
from contacts.people.search import matching
from contacts.stages.models import Stage
from crm.kit.registry import Registry
from crm.team.models import User
from crm.team.permissions import Action, Scope, scope


class BadFilter(ContactsError):
    """The address asks for a filter that cannot be understood; nobody is shown rather than everybody."""

    def __init__(self, key: str, value: str) -> None:
        super().__init__(
            _("The filter “%(key)s=%(value)s” is not understood. Remove it from the address.")
            % {"key": key[:40], "value": value[:80]}
        )


@dataclass(frozen=True)
class Asked:
    """Who asks, and with which query string."""

    user: User
    query: QueryDict


@dataclass(frozen=True)
class Filter:
    """One filter. `condition` raises ValueError for a value it does not know; several values are joined by or.

    `words` says a value on a chip; `beside` is another key of the query string that only belongs to this filter.
    """

    key: str
    label: Any  # lazily translated
    condition: Callable[[str, Asked], Q]
    words: Callable[[str], str]
    beside: str = ""


FILTERS: Registry[Filter] = Registry("people filters", Filter, lambda row: row.key)


@dataclass(frozen=True)
class Chip:
    """A filter in use: what it says, and the address of the page without it."""

    label: str
    url: str


def filtered(people: ContactQuerySet, query: QueryDict, user: User, *, many: bool = False) -> ContactQuerySet:
    """Keep the people whom the query string asks for (`q` and every registered filter). Raises BadFilter.

    `many`: it is known that a great many are found (see matching).
    """
    for row in FILTERS:
        values = [value for value in query.getlist(row.key) if value]
        if values:
            people = people.filter(_any(row, values, Asked(user, query)))
    return matching(people, query.get("q", ""), many=many)


def _any(row: Filter, values: Iterable[str], asked: Asked) -> Q:
    joined = Q()
    for value in values:
        try:
            joined |= row.condition(value, asked)
        except (ValueError, OverflowError) as error:
            raise BadFilter(row.key, value) from error
    return joined


def chips(query: QueryDict) -> list[Chip]:
    """Return a chip for each filter in use, in the order of the table."""
    found = []
    for row in FILTERS:
        for value in query.getlist(row.key):
            if value:
                words = f"{row.label}: {row.words(value)}"
                about = f" ({query[row.beside]})" if row.beside and query.get(row.beside) else ""
                found.append(Chip(words + about, _without(query, row, value)))
    return found


def _without(query: QueryDict, row: Filter, value: str) -> str:
    gone = {"cursor", row.beside}
    pairs = [(k, v) for k, values in query.lists() for v in values if (k, v) != (row.key, value) and k not in gone]
    return "?" + urlencode(pairs)


def in_use(query: QueryDict) -> bool:
    """Tell whether the query string narrows the list at all."""
    return bool(query.get("q", "").strip()) or any(query.get(key) for key in [row.key for row in FILTERS])


# --- the conditions -------------------------------------------------------------------------------------------------
def _number(value: str) -> int:
    number = int(value)
    if not 0 < number < 2**63:
        raise ValueError(value)
    return number


def _stage(value: str, _asked: Asked) -> Q:
    return Q(stage=None) if value == "none" else Q(stage=_number(value))


def _owner(value: str, asked: Asked) -> Q:
    if value == "none":
        return Q(owner=None)
    number = asked.user.pk if value == "me" else _number(value)
    if number != asked.user.pk and scope(asked.user, Action.CONTACT_VIEW) is Scope.OWN:
        return Q(pk__in=())  # nobody whom she may see is a colleague's; it costs no query to say so
    return Q(owner=number)


def _tag(value: str, _asked: Asked) -> Q:
    return Q(Exists(ContactTag.objects.filter(tag=_number(value), contact=OuterRef("pk"))))


def _list(value: str, _asked: Asked) -> Q:
    return Q(Exists(ListMember.objects.filter(fixed_list=_number(value), contact=OuterRef("pk"))))


def _role(value: str, _asked: Asked) -> Q:
    if not AccountRole.objects.filter(key=value).exists():
        raise ValueError(value)
    return ~Q(account_roles=[]) & Q(account_roles__contains=[value])  # the first half is the index's condition


def _consent(value: str, _asked: Asked) -> Q:
    purpose, channel, decision = value.split(".")
    states = ConsentState.objects.filter(contact=OuterRef("pk"), purpose=Purpose(purpose), channel=Channel(channel))
    if decision == "unknown":
        return ~Q(Exists(states))
    return Q(Exists(states.filter(decision=Decision(decision))))


def _yes(value: str) -> bool:
    if value not in ("yes", "no"):
        raise ValueError(value)
    return value == "yes"


def _excluded(value: str, _asked: Asked) -> Q:
    kept_out = Q(Exists(Suppression.objects.filter(email_key=OuterRef("email_key"))))
    return kept_out if _yes(value) else ~kept_out


def _known(value: str, _asked: Asked) -> Q:
    return ~Q(email=None) if _yes(value) else Q(email=None)


def _day(value: str) -> date:
    return date.fromisoformat(value)


def _midnight(day: date) -> datetime:
    return (
        timezone.make_aware(datetime.combine(day, time.min)) if day.year > 1 else datetime.combine(day, time.min, UTC)
    )


def _created_from(value: str, _asked: Asked) -> Q:
    return Q(created_at__gte=_midnight(_day(value)))


def _created_to(value: str, _asked: Asked) -> Q:
    return Q(created_at__lt=_midnight(_day(value) + timedelta(days=1)))


_OF_EVENT = """
SELECT e.contact_id FROM event e WHERE e.kind_id = (SELECT id FROM ledger_kind WHERE key = %s)
"""
_OF_SUBJECT = """
AND e.subject_id = (SELECT id FROM ledger_subject WHERE type = %s AND key = %s)
"""


def behind(kind: str, subject: tuple[str, str] | None = None) -> Q:
    """Return the condition for the people with an event of `kind` (about `subject`, given as type and key)."""
    if kind not in KINDS:
        raise ValueError(kind)
    if subject is None:
        return Q(pk__in=RawSQL(_OF_EVENT, [kind]))  # noqa: S611 - constants of this module
    return Q(pk__in=RawSQL(_OF_EVENT + _OF_SUBJECT, [kind, *subject]))  # noqa: S611 - constants of this module


def _event(value: str, asked: Asked) -> Q:
    subject = asked.query.get("subject", "")
    if not subject:
        return behind(value)
    noun, _colon, key = subject.partition(":")
    if not (noun and key):
        raise ValueError(subject)
    return behind(value, (noun, key))


def _import(value: str, _asked: Asked) -> Q:
    return behind("contact.imported", ("import", str(_number(value))))


def _bought(value: str, _asked: Asked) -> Q:
    return Q(Exists(OrderLine.objects.filter(product=_number(value), order__contact=OuterRef("pk"))))


# --- the words of chips ---------------------------------------------------------------------------------------------
def _name_of(model: Any, none: Any = "") -> Callable[[str], str]:
    def words(value: str) -> str:
        if value == "none":
            return str(none)
        if value == "me":
            return _("me")
        row = model.objects.filter(pk=value).first() if value.isdecimal() else None
        return str(row) if row else _("deleted")

    return words


def _role_words(value: str) -> str:
    role = AccountRole.objects.filter(key=value).first()
    return role.label if role else _("deleted")


def _consent_words(value: str) -> str:
    try:
        purpose, channel, decision = value.split(".")
        said = _("unknown") if decision == "unknown" else str(Decision(decision).label)
        return f"{Purpose(purpose).label}, {Channel(channel).label}: {said}"
    except ValueError:
        return value


def _yes_words(value: str) -> str:
    return _("yes") if value == "yes" else _("no")


def _same(value: str) -> str:
    return value


def _equal(field: str) -> Callable[[str, Asked], Q]:
    return lambda value, _asked: Q(**{field: value})


FILTERS.register(
    Filter("stage", gettext_lazy("Stage"), _stage, _name_of(Stage, gettext_lazy("none"))),
    Filter("owner", gettext_lazy("Owner"), _owner, _name_of(User, gettext_lazy("nobody"))),
    Filter("tag", gettext_lazy("Tag"), _tag, _name_of(Tag)),
    Filter("list", gettext_lazy("List"), _list, _name_of(FixedList)),
    Filter("account", gettext_lazy("Account"), lambda value, _asked: Q(account=_number(value)), _name_of(Account)),
    Filter("role", gettext_lazy("Role in the account"), _role, _role_words),
    Filter("consent", gettext_lazy("Consent"), _consent, _consent_words),
    Filter("excluded", gettext_lazy("Excluded from sending"), _excluded, _yes_words),
    Filter("known", gettext_lazy("Address known"), _known, _yes_words),
    Filter("source", gettext_lazy("Source"), _equal("source"), _same),
    Filter("city", gettext_lazy("City"), lambda value, _asked: Q(city__in={value, city(value)}), _same),
    Filter("language", gettext_lazy("Language"), _equal("language"), _same),
    Filter("created_from", gettext_lazy("Added from"), _created_from, _same),
    Filter("created_to", gettext_lazy("Added until"), _created_to, _same),
    Filter("bought", gettext_lazy("Bought"), _bought, _name_of(Product)),
    Filter("import", gettext_lazy("Import"), _import, _same),
    Filter("event", gettext_lazy("Did"), _event, words_of, beside="subject"),
)
