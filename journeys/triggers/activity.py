"""Way in: something happens. Keyed by a property, such as an order's number, two of them run side by side."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.sql import Sql
from contacts.segments.rules.words import filled
from journeys.steps.happening import HappeningField
from journeys.steps.kind import Cleaned
from journeys.triggers.kind import TriggerForm
from journeys.triggers.of_event import FACTS, NO_KEY, EventTrigger, about, of_kind


class ActivityForm(TriggerForm):
    event = HappeningField(label=_("What happens"))
    key_property = forms.RegexField(
        r"[^\x00-\x1f]{1,60}\Z",
        label=_("One journey for each"),
        required=False,
        help_text=_("The name of a property, such as order: a second order begins a second journey beside the first."),
    )


class Activity(EventTrigger):
    key = "event"
    label = _("Does something")
    icon = "activity"
    form = ActivityForm

    def kinds(self, cleaned: Cleaned) -> frozenset[str]:
        """Return the kinds that are meant."""
        return frozenset(cleaned["event"].kinds())

    def test(self, cleaned: Cleaned) -> Sql:
        """Return that it is one of those, narrowed as they are."""
        found: Sql = cleaned["event"].tests()
        return found

    def key_of(self, cleaned: Cleaned) -> Sql:
        """Return the property's value; an event without it has no key."""
        name = cleaned["key_property"]
        return Sql("coalesce(left(e.properties ->> %s, 120), '')", (name,)) if name else NO_KEY

    def facts_of(self, cleaned: Cleaned) -> Sql:
        """Return the event's properties."""
        del cleaned
        return FACTS

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        what = str(cleaned["event"].said())
        if not cleaned["key_property"]:
            return what
        return filled(gettext("%(what)s; one journey for each “%(name)s”"), what=what, name=cleaned["key_property"])


class FormForm(TriggerForm):
    form_keys = forms.CharField(
        label=_("Forms"),
        required=False,
        max_length=1_000,
        help_text=_("Keys of forms, separated by commas. Empty: any form."),
    )

    def clean_form_keys(self) -> str:
        """Return the keys, each once."""
        keys = dict.fromkeys(key.strip() for key in self.cleaned_data["form_keys"].split(",") if key.strip())
        return ", ".join(keys)


class FormSubmitted(EventTrigger):
    key = "form_submitted"
    label = _("Sends a form")
    icon = "forms"
    form = FormForm
    kind = "form.submitted"

    def test(self, cleaned: Cleaned) -> Sql:
        """Return that it is one of these forms."""
        keys = _keys(cleaned)
        return about(self.kind, *(("form", key) for key in keys)) if keys else of_kind(self.kind)

    def facts_of(self, cleaned: Cleaned) -> Sql:
        """Return what was sent."""
        del cleaned
        return FACTS

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        names = cleaned["form_keys"]
        return filled(gettext("Sends the form %(names)s"), names=names) if names else gettext("Sends any form")


def _keys(cleaned: Cleaned) -> list[str]:
    return [key for key in cleaned["form_keys"].split(", ") if key]


ACTIVITY, FORM_SUBMITTED = Activity(), FormSubmitted()
