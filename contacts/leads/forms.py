"""What a rep posts: an outcome, or a new person."""

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.leads.models import Outcome
from contacts.people.address_check import AsksOfTypos


class OutcomeForm(forms.Form):
    """The outcome of reaching out; `token` makes a repeated post harmless."""

    token = forms.UUIDField()
    outcome = forms.ChoiceField(choices=Outcome)
    due_on = forms.DateField(required=False)


class QuickAddForm(AsksOfTypos):
    """A person met just now, with what she agreed to."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput({"autocomplete": "off"}))
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, widget=forms.TextInput({"type": "tel", "inputmode": "tel"})
    )
    email = forms.CharField(
        label=_("E-mail"),
        max_length=320,
        required=False,
        widget=forms.TextInput({"type": "email", "inputmode": "email", "autocapitalize": "off"}),
    )
    company = forms.CharField(label=_("Company"), max_length=200, required=False)
    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    marketing = forms.BooleanField(
        label=_("Agreed to marketing mails"),
        required=False,
        help_text=_("Only when the person said so. Without it they get no marketing mails."),
    )
    said = forms.CharField(
        label=_("Where and in what words"),
        max_length=300,
        required=False,
        help_text=_("Kept as the proof, for example: “Yes, send me your newsletter”, at the Seoul fair."),
    )

    confirm = forms.BooleanField(
        label=_("Let the person confirm it by mail"),
        required=False,
        initial=True,
        help_text=_("The safe way: it counts once the person has pressed the button in a mail we send now."),
    )

    def clean(self) -> dict[str, object]:
        """Ask for a way to reach the person, and for the proof of her consent."""
        data = super().clean() or {}
        if not self.errors and not (data.get("phone") or data.get("email")):
            self.add_error("phone", _("Give a phone number or an e-mail address."))
        if data.get("marketing") and not data.get("email"):
            self.add_error("email", _("Marketing mails need an address."))
        if data.get("marketing") and not data.get("said"):
            self.add_error("said", _("Write down where and how the person agreed."))
        return data
