"""People: the list with the filters of the page, one person, adding and changing her."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from django.conf import settings
from django.http import Http404, QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.attributes.models import Attribute, Target
from contacts.consent.models import Decision
from contacts.errors import StaleEdit
from contacts.people import profile, queries
from contacts.people.filters import FILTERS
from contacts.people.models import Contact
from contacts.people.profile import Profile
from contacts.privacy import erasure
from contacts.privacy.models import Reason
from crm.api import attribute_values
from crm.api.fields import Body, Choice, Day, Free, Text, Whole, Yes, several
from crm.api.problems import stale
from crm.api.route import Asked, Door, Listing, Param
from crm.kit.paging import Page
from crm.team.api_tokens import TokenScope
from crm.team.models import Role, User
from crm.team.permissions import Action

DOOR = Door("Contacts", TokenScope.CONTACTS_READ, TokenScope.CONTACTS_WRITE)
UNKNOWN = "unknown"
EXAMPLE = {"email": "cs.kim@hanbit.example.com", "name": "김철수", "company": "한빛", "attributes": {"plan": "pro"}}


class ContactIn(Body):
    """A person as she is written; what is left out stays as it is."""

    email = Text(required=False, max_length=320)
    name = Text(required=False, max_length=200)
    phone = Text(required=False, max_length=40, help_text="As people write it: 010-1234-5678, +82 10 1234 5678.")
    title = Text(required=False, max_length=120)
    company = Text(required=False, max_length=200, help_text="Finds or makes the account of this name.")
    account_roles = several(Text(max_length=40), 20, required=False)
    language = Choice(["", *dict(settings.LANGUAGES)], required=False)
    time_zone = Text(required=False, max_length=40)
    country = Text(required=False, max_length=2, help_text="ISO 3166: KR.")
    region = Text(required=False, max_length=80)
    city = Text(required=False, max_length=80)
    postcode = Text(required=False, max_length=12)
    street = Text(required=False, max_length=200)
    birthday = Day(required=False, allow_null=True)
    under_14 = Yes(required=False)
    source = Text(required=False, max_length=80)
    attributes = Free(required=False, help_text="Custom attributes by key; null takes one away.")


class ContactPatch(ContactIn):
    """What is to change; `version` is that of the contact when it was read."""

    version = Whole()


class ContactShown(Body):
    """A person."""

    id = serializers.IntegerField()
    email = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True, help_text="E.164.")
    title = serializers.CharField(allow_blank=True)
    company = serializers.CharField(allow_blank=True)
    account_id = serializers.IntegerField(allow_null=True)
    account_roles = serializers.ListField(child=serializers.CharField())
    owner_id = serializers.IntegerField(allow_null=True)
    stage = serializers.CharField(allow_null=True, help_text="Its key.")
    stage_since = serializers.DateTimeField(allow_null=True)
    language = serializers.CharField(allow_blank=True)
    time_zone = serializers.CharField(allow_blank=True)
    country = serializers.CharField(allow_blank=True)
    region = serializers.CharField(allow_blank=True)
    city = serializers.CharField(allow_blank=True)
    postcode = serializers.CharField(allow_blank=True)
    street = serializers.CharField(allow_blank=True)
    birthday = serializers.DateField(allow_null=True)
    under_14 = serializers.BooleanField()
    source = serializers.CharField(allow_blank=True)
    attributes = serializers.DictField()
    tags = serializers.ListField(child=serializers.CharField())
    mail_consent = serializers.ChoiceField([*Decision.values, UNKNOWN], help_text="Marketing by e-mail.")
    last_seen_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class CountedShown(Body):
    people = serializers.IntegerField(help_text=_("Whom you may see, exactly."))


class CountShown(Body):
    number = serializers.IntegerField()
    exact = serializers.BooleanField(help_text="False: there are more than `number`.")


_PLAIN = (
    "email", "name", "phone", "title", "company", "account_id", "account_roles", "owner_id", "stage_since", "language",
    "time_zone", "country", "region", "city", "postcode", "street", "birthday", "under_14", "source", "created_at",
    "updated_at", "version",
)  # fmt: skip


def shown(contact: Contact, known: list[Attribute]) -> dict[str, Any]:
    """Return a person, loaded by queries.with_rows, as JSON values."""
    said = [state.decision for state in contact.mail_consent]  # type: ignore[attr-defined]  # by with_rows
    return {
        "id": contact.pk,
        **{name: getattr(contact, name) for name in _PLAIN},
        "stage": contact.stage.key if contact.stage else None,
        "attributes": attribute_values.shown(known, contact.attributes),
        "tags": [link.tag.name for link in contact.tag_links.all()],
        "mail_consent": said[0] if said else UNKNOWN,
        "last_seen_at": contact.seen_at,
    }


def found(user: User, contact_id: int) -> Contact:
    """Return a person that `user` may see, for a merged one who lives on. Raises Http404."""
    rows = queries.with_rows(Contact.objects.visible_to(user))
    contact = rows.filter(pk=contact_id).first()
    if contact is None and (into := queries.survivor_of(contact_id)) is not None and into != contact_id:
        contact = rows.filter(pk=into).first()
    if contact is None:
        raise Http404
    return contact


def one(user: User, contact_id: int) -> dict[str, Any]:
    """Return a person as JSON values. Raises Http404."""
    return shown(found(user, contact_id), attribute_values.defined(Target.CONTACT))


def filter_params() -> tuple[Param, ...]:
    """Return the filters of the list of people as parameters."""
    known = {row.key: Param(row.key, str(row.label), several=True) for row in FILTERS}
    beside = {
        row.beside: Param(row.beside, str(row.label)) for row in FILTERS if row.beside and row.beside not in known
    }
    return (*known.values(), *beside.values())


def without_page(query: QueryDict) -> QueryDict:
    """Return the query as the list of people reads it."""
    kept = query.copy()
    for name in ("limit", "fields"):
        kept.pop(name, None)
    return kept


_FOUND_BY = (
    Param("q", _("Parts of name, e-mail, company or phone; initial consonants too."), example="김철"),
    *filter_params(),
)


@DOOR.get(
    "contacts", Action.CONTACT_VIEW, _("List people"), gives=ContactShown, pages=True,
    text=_("Every filter of the people page, by the same name; a parameter given twice means either."),
    query=(*_FOUND_BY, Param("sort", _("The order."), choices=tuple(queries.SORTS))),
    beside={"total": CountShown()}, refuses=(422,),
)  # fmt: skip
def list_contacts(asked: Asked) -> Listing:
    """Return people with the filters of their page."""
    query, size = without_page(asked.query), asked.size
    total = queries.people_count(asked.user, query)
    page: Page[Contact] = queries.people_page(asked.user, query, size=size, found=total)
    known = attribute_values.defined(Target.CONTACT)
    counted = {"number": total.number, "exact": total.exact}
    return Listing.of(page, lambda contact: shown(contact, known), total=counted)


@DOOR.get(
    "contacts/count", Action.CONTACT_VIEW, _("Count people"), gives=CountedShown, query=_FOUND_BY, refuses=(422,),
    text=_("However many. The list counts no further than 2,000, so as to be quick."),
)  # fmt: skip
def count_contacts(asked: Asked) -> dict[str, int]:
    """Return how many people the filters find."""
    return {"people": queries.everybody_counted(asked.user, asked.query).number}


@DOOR.get(
    "contacts/<row:contact_id>", Action.CONTACT_VIEW, _("Read a person"), gives=ContactShown,
    text=_("A contact that was merged is answered with the one that lives on: look at `id`."),
)  # fmt: skip
def read_contact(asked: Asked, contact_id: int) -> dict[str, Any]:
    """Return one person."""
    return one(asked.user, contact_id)


@DOOR.post(
    "contacts", Action.CONTACT_ADD, _("Add a person"), takes=ContactIn, gives=ContactShown, status=201, example=EXAMPLE,
    text=_("An address that another person has is refused with 409; see the upsert for “add or change”."),
)  # fmt: skip
def add_contact(asked: Asked) -> dict[str, Any]:
    """Add a person."""
    typed = written(Profile(), asked.body, attribute_values.defined(Target.CONTACT))
    owner = asked.user if asked.user.role == Role.SALES_REP else None
    made = profile.create(typed, owner=owner, by=asked.user, now=asked.now)
    return one(asked.user, made.pk)


@DOOR.patch(
    "contacts/<row:contact_id>", Action.CONTACT_EDIT, _("Change a person"), takes=ContactPatch, gives=ContactShown,
    text=_("Changes what is given. When somebody saved since `version`, 409 tells the present state as `current`."),
    refuses=(409,), example={"version": 3, "city": "부산", "attributes": {"plan": None}},
)  # fmt: skip
def change_contact(asked: Asked, contact_id: int) -> dict[str, Any]:
    """Change what is given."""
    contact = found(asked.user, contact_id)
    typed = written(Profile.of(contact), asked.body, attribute_values.defined(Target.CONTACT))
    try:
        profile.update(contact.pk, typed, version=asked.body["version"], by=asked.user, now=asked.now)
    except StaleEdit:
        raise stale(one(asked.user, contact.pk)) from None
    return one(asked.user, contact.pk)


class ErasureShown(Body):
    """The work that erases, and the number of its certificate."""

    erasure = serializers.CharField()


@DOOR.delete(
    "contacts/<row:contact_id>", Action.CONTACT_DELETE, _("Erase a person"), gives=ErasureShown, status=202,
    scope=TokenScope.CONTACTS_DELETE, refuses=(422,),
    query=(
        Param("reason", _("Why the person is erased; request unless given."), choices=tuple(Reason.values)),
        Param("proof", _("What shows it, such as “letter of 3 May”; never the person’s name or address.")),
    ),
    text=_("All that is known of the person goes, in the background; no mail from now on. It cannot be undone."),
)  # fmt: skip
def erase_contact(asked: Asked, contact_id: int) -> dict[str, str]:
    """Have a person erased."""
    contact, reason = found(asked.user, contact_id), asked.text("reason") or Reason.REQUEST.value
    made = erasure.request([contact.pk], by=asked.user, reason=reason, proof=asked.text("proof"), now=asked.now)
    return {"erasure": made.number}


_PARTS = frozenset(part.name for part in fields(Profile)) - {"attributes"}


def written(before: Profile, body: Mapping[str, Any], known: list[Attribute]) -> Profile:
    """Return the profile with what the body gives. Raises Invalid."""
    given = {name: value for name, value in body.items() if name in _PARTS}
    if "attributes" in body:
        given["attributes"] = attribute_values.merged(known, before.attributes, body["attributes"])
    return replace(before, **given)
