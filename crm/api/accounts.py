"""Accounts: companies with their people."""

from dataclasses import fields, replace
from typing import Any

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.attributes.models import Attribute, Target
from contacts.errors import Invalid, StaleEdit
from contacts.people import account_queries, accounts
from contacts.people.accounts import AccountProfile
from contacts.people.models import Account
from crm.api import attribute_values
from crm.api.fields import Amount, Body, Day, Free, Id, Text, Whole
from crm.api.problems import stale
from crm.api.route import Asked, Door, Listing, Param
from crm.team.api_tokens import TokenScope
from crm.team.models import User
from crm.team.permissions import Action

DOOR = Door("Accounts", TokenScope.CONTACTS_READ, TokenScope.CONTACTS_WRITE)
_SORTS = tuple(key for key in account_queries.SORTS if not key.endswith("heat"))


class AccountIn(Body):
    """A company as it is written."""

    name = Text(max_length=200, allow_blank=False)
    domain = Text(max_length=253, required=False)
    business_number = Text(max_length=20, required=False, help_text=_("Ten digits with their check digit."))
    industry = Text(max_length=80, required=False)
    employees = Whole(required=False, allow_null=True, max_value=2**31 - 1)
    country = Text(max_length=2, required=False)
    city = Text(max_length=80, required=False)
    owner_id = Id(required=False, allow_null=True)
    parent_id = Id(required=False, allow_null=True)
    contract_end = Day(required=False, allow_null=True)
    renewal_probability = Whole(required=False, allow_null=True, max_value=100, help_text=_("Percent."))
    renewal_value = Amount(required=False, allow_null=True, help_text=_("Money, in the company's currency."))
    attributes = Free(required=False, help_text=_("Custom attributes by key; null takes one away."))


class AccountPatch(AccountIn):
    """What is to change; `version` is that of the account when it was read."""

    name = Text(max_length=200, allow_blank=False, required=False)
    version = Whole()


class AccountShown(Body):
    """A company."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    domain = serializers.CharField(allow_blank=True)
    business_number = serializers.CharField(allow_blank=True)
    industry = serializers.CharField(allow_blank=True)
    employees = serializers.IntegerField(allow_null=True)
    country = serializers.CharField(allow_blank=True)
    city = serializers.CharField(allow_blank=True)
    owner_id = serializers.IntegerField(allow_null=True)
    parent_id = serializers.IntegerField(allow_null=True)
    contract_end = serializers.DateField(allow_null=True)
    renewal_probability = serializers.IntegerField(allow_null=True)
    renewal_value = serializers.CharField(allow_null=True)
    attributes = serializers.DictField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    version = serializers.IntegerField()


_PLAIN = (
    "name", "domain", "business_number", "industry", "employees", "country", "city", "owner_id", "parent_id",
    "contract_end", "renewal_probability", "created_at", "updated_at", "version",
)  # fmt: skip


def _shown(row: Account, known: list[Attribute]) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in _PLAIN}
    worth = None if row.renewal_value is None else str(row.renewal_value)
    return {
        "id": row.pk, **own, "renewal_value": worth, "attributes": attribute_values.shown(known, row.attributes)
    }  # fmt: skip


def _one(account_id: int) -> dict[str, Any]:
    row = get_object_or_404(Account, pk=account_id)
    return _shown(row, attribute_values.defined(Target.ACCOUNT))


@DOOR.get(
    "accounts", Action.CONTACT_VIEW, _("List accounts"), gives=AccountShown, pages=True,
    query=(
        Param("q", _("Parts of the name or web domain.")),
        Param("sort", _("The order."), choices=_SORTS),
        Param("owner", _("The number of a colleague, “me” or “none”.")),
        Param("industry", _("Exactly this industry.")),
        Param("city", _("Exactly this city.")),
        Param("renewal", _("Contracts that end within so many days.")),
    ),
)  # fmt: skip
def list_accounts(asked: Asked) -> Listing:
    """Return companies by name, unless sorted otherwise."""
    query = QueryDict(mutable=True)
    query.update({name: asked.text(name) for name in ("q", "sort", "owner", "industry", "city", "renewal", "cursor")})
    known = attribute_values.defined(Target.ACCOUNT)
    page = account_queries.accounts_page(asked.user, query, now=asked.now, size=asked.size)
    return Listing.of(page, lambda row: _shown(row, known))


@DOOR.get("accounts/<row:account_id>", Action.CONTACT_VIEW, _("Read an account"), gives=AccountShown)
def read_account(asked: Asked, account_id: int) -> dict[str, Any]:  # noqa: ARG001 - every role sees accounts
    """Return one company."""
    return _one(account_id)


@DOOR.post(
    "accounts", Action.CONTACT_EDIT, _("Add an account"), takes=AccountIn, gives=AccountShown, status=201,
    example={"name": "㈜한빛", "domain": "hanbit.example.com", "employees": 120},
)  # fmt: skip
def add_account(asked: Asked) -> dict[str, Any]:
    """Add a company."""
    made = accounts.create(_written(AccountProfile(""), asked), now=asked.now)
    return _one(made.pk)


@DOOR.patch(
    "accounts/<row:account_id>", Action.CONTACT_EDIT, _("Change an account"), takes=AccountPatch, gives=AccountShown,
    refuses=(409,), example={"version": 1, "industry": "retail"},
)  # fmt: skip
def change_account(asked: Asked, account_id: int) -> dict[str, Any]:
    """Change what is given."""
    row = get_object_or_404(Account, pk=account_id)
    before = AccountProfile(**{part.name: getattr(row, part.name) for part in fields(AccountProfile)})
    try:
        accounts.update(row.pk, _written(before, asked), version=asked.body["version"], now=asked.now)
    except StaleEdit:
        raise stale(_one(row.pk)) from None
    return _one(row.pk)


def _written(before: AccountProfile, asked: Asked) -> AccountProfile:
    given = {name: value for name, value in asked.body.items() if name not in ("version", "attributes")}
    errors = {}
    if given.get("owner_id") and not User.objects.filter(pk=given["owner_id"], is_active=True).exists():
        errors["owner_id"] = str(_("There is no such colleague."))
    if given.get("parent_id") and not Account.objects.filter(pk=given["parent_id"]).exists():
        errors["parent_id"] = str(_("There is no such account."))
    if errors:
        raise Invalid(errors)
    if "attributes" in asked.body:
        known = attribute_values.defined(Target.ACCOUNT)
        given["attributes"] = attribute_values.merged(known, before.attributes, asked.body["attributes"])
    return replace(before, **given)
