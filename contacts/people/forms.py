"""Forms of people and accounts. They read text; the verbs check it and say what is wrong."""

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.conf import settings
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from contacts.account_roles.models import AccountRole
from contacts.attributes import values
from contacts.attributes.models import Attribute, AttributeType, Target
from contacts.consent.models import Channel, Decision, Purpose
from contacts.errors import Invalid
from contacts.people import company, phone
from contacts.people.accounts import RENEWAL, AccountProfile
from contacts.people.address_check import AsksOfTypos
from contacts.people.country import country_choices
from contacts.people.industry import industry_name
from contacts.people.models import Account, Contact
from contacts.people.profile import Profile
from crm.kit.locking import Lockable
from crm.team.models import User

PREFIX = "attribute-"


class WithAttributes(Lockable):
    """A form whose last fields are the custom attributes of a target."""

    target: Target = Target.CONTACT

    def __init__(self, *args: Any, attributes: list[Attribute] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Attribute.objects.offered(self.target) if attributes is None else attributes
        self.attributes = list(rows)
        for attribute in self.attributes:
            self.fields[PREFIX + attribute.key] = _field(attribute)

    def clean(self) -> dict[str, Any]:
        """Check the attributes by their types."""
        data: dict[str, Any] = super().clean() or {}
        typed = {row.key: _as_typed(data.get(PREFIX + row.key)) for row in self.attributes}
        self.attribute_values, errors = values.checked(self.attributes, typed)
        for key, error in errors.items():
            self.add_error(PREFIX + key, error)
        return data

    def keep_choice(self, name: str, value: str) -> None:
        """Offer `value` in a choice, even if it is none of the usual ones."""
        choice = self.fields[name]
        if isinstance(choice, forms.ChoiceField) and value and value not in dict(choice.choices):  # type: ignore[arg-type]
            choice.choices = [*choice.choices, (value, value)]  # type: ignore[misc]

    def refuse(self, error: Invalid) -> None:
        """Show what a verb found wrong beside its fields."""
        for name, text in error.errors.items():
            self.add_error(name if name in self.fields else None, text)


def _as_typed(data: Any) -> str:
    return "\n".join(data) if isinstance(data, list) else str(data or "")


def _field(attribute: Attribute) -> forms.Field:
    """Return the control of an attribute; what is typed is checked by contacts.attributes.values alone."""
    kind = AttributeType(attribute.type)
    choices = [(choice, choice) for choice in attribute.choices]
    if kind == AttributeType.CHOICES:
        return forms.MultipleChoiceField(
            label=attribute.label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
        )
    if kind in (AttributeType.CHOICE, AttributeType.BOOLEAN):
        known = choices or [("yes", str(_("Yes"))), ("no", str(_("No")))]
        return forms.ChoiceField(label=attribute.label, choices=[("", "–"), *known], required=False)
    widget: forms.Widget = forms.TextInput()
    if kind == AttributeType.DATE:
        widget = forms.DateInput(attrs={"type": "date"})
    if kind in (AttributeType.NUMBER, AttributeType.MONEY):
        widget = forms.TextInput(attrs={"inputmode": "decimal"})
    return forms.CharField(label=attribute.label, required=False, widget=widget)


def attribute_initial(attributes: list[Attribute], stored: dict[str, Any]) -> dict[str, Any]:
    """Return what the attribute fields show for stored values."""
    shown: dict[str, Any] = {}
    for row in attributes:
        value = stored.get(row.key)
        shown[PREFIX + row.key] = value if row.type == AttributeType.CHOICES else values.as_text(row, value)
    return shown


class CountryField(forms.ChoiceField):
    """A country. Imports may have written a code that no list has; it can be kept."""

    def valid_value(self, value: str) -> bool:
        """Tell whether it is one of the choices, or has their form."""
        return super().valid_value(value) or (len(value) == len("KR") and value.isascii() and value.isalpha())


def _text(label: Any, limit: int, **attrs: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, required=False, widget=forms.TextInput(attrs=attrs))


class ContactForm(AsksOfTypos, WithAttributes):
    """A contact's profile. `version` is what the reader saw; `token` makes a second post harmless."""

    name = _text(_("Name"), 200, autocomplete="off")
    email = _text(_("E-mail"), 320, inputmode="email", autocomplete="off")
    phone = _text(_("Phone"), 30, inputmode="tel", autocomplete="off")
    title = _text(_("Title"), 120)
    company = _text(_("Company"), 200)
    account_roles = forms.MultipleChoiceField(
        label=_("Roles in the account"), required=False, widget=forms.CheckboxSelectMultiple
    )
    city = _text(_("City"), 80)
    region = _text(_("Region"), 80)
    postcode = _text(_("Postcode"), 12, inputmode="numeric")
    street = _text(_("Street address"), 200)
    country = CountryField(label=_("Country"), required=False, choices=country_choices)
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", "–"), ("ko", _("Korean")), ("en", _("English"))]
    )
    birthday = forms.DateField(label=_("Birthday"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    under_14 = forms.BooleanField(
        label=_("Under 14"),
        required=False,
        help_text=_("Counts where no birthday is known. No advertising goes out before a guardian’s consent."),
    )
    source = _text(_("Source"), 80)
    token = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = cast("forms.MultipleChoiceField", self.fields["account_roles"])
        offered.choices = [(role.key, role.label) for role in AccountRole.objects.all()]

    @classmethod
    def of(cls, contact: Contact) -> "ContactForm":
        """Return the form filled with a stored contact."""
        attributes = list(Attribute.objects.offered(Target.CONTACT))
        profile = Profile.of(contact)
        initial = {name: getattr(profile, name) for name in cls.base_fields if hasattr(profile, name)}
        initial |= {"version": contact.version, "phone": phone.shown(contact.phone) if contact.phone else ""}
        initial |= attribute_initial(attributes, contact.attributes)
        # A stored value outside of the choices is offered too, so that saving does not lose it.
        form = cls(initial=initial, attributes=attributes)
        form.keep_choice("country", contact.country)
        form.keep_choice("language", contact.language)
        form.opened()
        return form

    def profile(self, base: Profile) -> Profile:
        """Return the profile as typed; what the form does not show is kept from `base`."""
        data = self.cleaned_data
        known = {row.key for row in self.attributes}
        kept = {key: value for key, value in base.attributes.items() if key not in known}
        names = [name for name in self.base_fields if name not in ("version", "seen", "token", "email_sure")]
        typed = {name: data[name] for name in names}
        own = {"time_zone": base.time_zone, "account_roles": tuple(typed["account_roles"])}
        return Profile(**{**typed, **own, "attributes": kept | self.attribute_values})


class AccountForm(WithAttributes):
    """An account's profile."""

    target = Target.ACCOUNT
    name = forms.CharField(label=_("Name"), max_length=200)
    business_number = _text(_("Business registration number"), 12, inputmode="numeric", placeholder="123-45-67890")
    domain = _text(_("Web domain"), 253, placeholder="example.com")
    industry = _text(_("Industry"), 80)
    employees = forms.IntegerField(label=_("Employees"), required=False, min_value=0, max_value=10_000_000)
    city = _text(_("City"), 80)
    country = CountryField(label=_("Country"), required=False, choices=country_choices)
    parent = _text(_("Parent company"), 200, list="account-names")
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=User.objects.filter(is_active=True), required=False, empty_label="–"
    )
    contract_end = forms.DateField(
        label=_("Contract ends"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    renewal_probability = forms.IntegerField(
        label=_("Chance of renewal (%)"), required=False, min_value=0, max_value=100
    )
    renewal_value = forms.DecimalField(
        label=format_lazy("{} ({})", _("Value of the renewal"), settings.COMPANY_CURRENCY),
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=2,
    )
    token = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid4)

    @classmethod
    def of(cls, account: Account) -> "AccountForm":
        """Return the form filled with a stored account."""
        attributes = list(Attribute.objects.offered(Target.ACCOUNT))
        initial = {name: getattr(account, name) for name in cls.base_fields if hasattr(account, name)}
        initial["business_number"] = company.shown_business_number(account.business_number)
        initial["industry"] = industry_name(account.industry)
        if account.renewal_value is not None:
            initial["renewal_value"] = f"{account.renewal_value.normalize():f}"
        initial["parent"] = account.parent.name if account.parent else ""
        form = cls(initial=initial | attribute_initial(attributes, account.attributes), attributes=attributes)
        form.keep_choice("country", account.country)
        form.opened()
        return form

    def clean_parent(self) -> Account | None:
        """Find the parent company by its name: the very name before another spelling, the oldest first."""
        typed = self.cleaned_data["parent"].strip()
        if not typed:
            return None
        found = Account.objects.filter(name_key=company.name_key(typed)).order_by("pk")
        parent = next((row for row in found if row.name == typed), found.first())
        if parent is None:
            raise forms.ValidationError(_("There is no account of this name. Add it first."))
        return parent

    def profile(self) -> AccountProfile:
        """Return the profile as typed."""
        data = self.cleaned_data
        parent = data["parent"]
        names = ("name", "business_number", "domain", "industry", "employees", "city", "country", *RENEWAL)
        owner = data["owner"]
        return AccountProfile(
            **{name: data[name] for name in names},
            owner_id=owner.pk if owner else None,
            parent_id=parent.pk if parent else None,
            attributes=self.attribute_values,
        )


class ConsentForm(forms.Form):
    """What a person said about consent, recorded by a colleague with its proof."""

    purpose = forms.ChoiceField(label=_("What for"), choices=Purpose.choices, initial=Purpose.MARKETING)
    channel = forms.ChoiceField(label=_("How"), choices=Channel.choices, initial=Channel.EMAIL)
    decision = forms.ChoiceField(label=_("What the person said"), choices=Decision.choices, widget=forms.RadioSelect)
    at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    source = forms.CharField(
        label=_("Where"), max_length=80, help_text=_("For example: by phone, at the trade fair, signed contract.")
    )
    wording = forms.CharField(
        label=_("Words the person agreed to"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )


class NoteText(forms.Textarea):
    """A note's text; static/contacts/mentions.js offers colleagues after an @."""

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        """Say where the names of colleagues come from."""
        return super().build_attrs(base_attrs, extra_attrs) | {"data-mentions": reverse_lazy("contacts:colleagues")}


class NoteForm(forms.Form):
    """A quick note."""

    text = forms.CharField(
        label=_("Note"),
        max_length=5000,
        widget=NoteText(attrs={"rows": 2, "placeholder": _("Write a note… @ names a colleague")}),
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
