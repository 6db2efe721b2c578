"""What is known of the account of a person, and her roles in it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _

from contacts.account_roles.models import AccountRole
from contacts.attributes.models import Attribute, Target
from contacts.people import place
from contacts.people.country import country_name
from contacts.people.industry import industry_name
from contacts.people.industry import written as industry_written
from contacts.people.models import Account
from contacts.segments.errors import Wrong
from contacts.segments.rules.expression import Expression
from contacts.segments.rules.fields.attributes import Home, field_of
from contacts.segments.rules.fields.choices import Keyed, Used
from contacts.segments.rules.fields.choices import Rows as RowsOf
from contacts.segments.rules.fields.field import Field, FieldGroup
from contacts.segments.rules.fields.profile import EDITED
from contacts.segments.rules.fields.sources import Own, Rows, Source, column
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.value_type import Type
from crm.team.models import User

PREFIX = "account.attribute."
# After an edit of an account its people are touched as if they had been edited (contacts/people/accounts.py).
_CHANGED = EDITED
_COMPANY = FieldGroup.COMPANY


def _of(x: Expression) -> Rows:
    return Rows("contacts_account", x, link="c.account_id", key="t.id")


def _column(name: str) -> Rows:
    return _of(Expression(Sql(f"t.{name}")))


def _text(name: str) -> Rows:
    return _of(Expression(Sql(f"nullif(t.{name}, '')")))


def _has_role(key: str) -> Sql:
    return Sql("(c.account_roles <> '{}' AND c.account_roles @> ARRAY[%s]::varchar[])", (key,))


def _only_roles(keys: Collection[str]) -> Sql:
    return Sql("(c.account_roles <@ %s::varchar[])", (list(keys),))


@dataclass(frozen=True)
class Roles(Own):
    """The array of keys of roles; the partial index serves whoever asks for one."""

    def each(self, entries: bool) -> Sql:  # noqa: ARG002 - an array of texts, not of jsonb
        """Return a SELECT of the roles."""
        return compose("SELECT unnest({x})", x=self.x.sql)

    def counted(self) -> Own:
        """Return how many roles a person has."""
        return Own(Expression(Sql("cardinality(c.account_roles)")))


_ROLES = Roles(Expression(Sql("nullif(c.account_roles, '{}')"), _has_role, several=True, inside=_only_roles))


@dataclass(frozen=True)
class AccountEntries(Rows):
    """A jsonb array of the account."""

    def counted(self) -> Source:
        """Return the number of entries; 0 without an account."""
        count = compose("coalesce(jsonb_array_length({x}), 0)", x=self.x.sql)
        return Rows(self.table, Expression(count), self.where, self.link, self.key, Sql("0"))


def _of_account(x: Expression, type_: Type) -> Rows:
    kind: Callable[..., Rows] = AccountEntries if type_ is Type.ENTRIES else Rows
    return kind("contacts_account", x, link="c.account_id", key="t.id")


_HOME = Home(PREFIX, "t.attributes", _of_account, FieldGroup.COMPANY, _CHANGED)


def find(key: str) -> Field | None:
    """Return the field of a custom attribute of accounts by key, None for a key of another kind. Raises Wrong."""
    if not key.startswith(PREFIX):
        return None
    name = key.removeprefix(PREFIX)
    attribute = Attribute.objects.filter(target=Target.ACCOUNT, key=name).first()
    if attribute is None:
        raise Wrong(_say("The field “%(key)s” of accounts was deleted.") % {"key": name[:40]}, gone=True)
    return _field_of(attribute)


def _field_of(attribute: Attribute) -> Field:
    return field_of(attribute, _HOME)


def every() -> list[Field]:
    """Return the fields of all custom attributes of accounts."""
    return [_field_of(attribute) for attribute in Attribute.objects.offered(Target.ACCOUNT)]


# fmt: off
# ruff: noqa: E501
ACCOUNT_FIELDS = (
    Field("account", _("account"), _COMPANY, Type.CHOICE, column("account_id"), EDITED, RowsOf(Account, "name")),
    Field("account_roles", _("roles in the account"), _COMPANY, Type.MANY, _ROLES, EDITED, Keyed(AccountRole)),
    Field("account.name", _("name of the account"), _COMPANY, Type.TEXT, _text("name"), _CHANGED),
    Field("account.domain", _("web domain of the account"), _COMPANY, Type.TEXT, _text("domain"), _CHANGED),
    Field("account.industry", _("industry of the account"), _COMPANY, Type.TEXT, _text("industry"), _CHANGED, Used("industry", Account, words=industry_name), written=industry_written),
    Field("account.employees", _("employees of the account"), _COMPANY, Type.NUMBER, _column("employees"), _CHANGED),
    Field("account.country", _("country of the account"), _COMPANY, Type.CHOICE, _text("country"), _CHANGED, Used("country", Account, words=country_name)),
    Field("account.city", _("city of the account"), _COMPANY, Type.TEXT, _text("city"), _CHANGED, Used("city", Account), written=place.city),
    Field("account.owner", _("owner of the account"), _COMPANY, Type.CHOICE, _column("owner_id"), _CHANGED, RowsOf(User, "name")),
    Field("account.parent", _("parent of the account"), _COMPANY, Type.CHOICE, _column("parent_id"), _CHANGED, RowsOf(Account, "name")),
    Field("account.created_at", _("account added"), _COMPANY, Type.DATETIME, _column("created_at"), _CHANGED),
)
# fmt: on
