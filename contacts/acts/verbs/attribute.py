"""The act that writes an attribute. Put back are those who still have what the act wrote."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.acts.verb import ActForm, Done, Gone, Params, Verb
from contacts.attributes import writing
from contacts.attributes.models import Attribute, Target
from contacts.attributes.values import BadValue, parse, shown
from crm.team.models import User
from crm.team.permissions import Action


class What(models.TextChoices):
    """What becomes of it."""

    WRITE = "write", gettext_lazy("Write a value")
    EMPTY = "empty", gettext_lazy("Empty it")


class AttributeForm(ActForm):
    attribute = forms.ModelChoiceField(Attribute.objects.offered(Target.CONTACT), label=gettext_lazy("Attribute"))
    what = forms.ChoiceField(
        label=gettext_lazy("What to do"), choices=What, initial=What.WRITE, widget=forms.RadioSelect
    )
    value = forms.CharField(label=gettext_lazy("Value"), required=False, max_length=1_000)

    def clean(self) -> None:
        """Refuse a value that the attribute cannot have."""
        attribute = self.cleaned_data.get("attribute")
        if attribute is None or self.cleaned_data.get("what") != What.WRITE or self.errors:
            return
        try:
            if (value := parse(attribute, self.cleaned_data["value"])) is None:
                self.add_error("value", _("This is needed here."))
            self.cleaned_data["parsed"] = value
        except BadValue as error:
            self.add_error("value", str(error))

    def params(self, by: User, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """Return the attribute and its new value, None to empty it."""
        return {"attribute": self.cleaned_data["attribute"].pk, "value": self.cleaned_data.get("parsed")}


def _found(params: Params) -> Attribute:
    row = Attribute.objects.offered(Target.CONTACT).filter(pk=params["attribute"]).first()
    if row is None:
        raise Gone
    return row


def _write(params: Params, ids: Sequence[int], by: User, now: datetime) -> dict[int, Any]:
    before = writing.write(_found(params).key, params["value"], ids, by=by, now=now)
    return {pk: {"value": held} for pk, held in before.items()}


def _put_back(params: Params, rows: Sequence[Done], by: User, now: datetime) -> list[int]:
    before = {row.contact_id: row.before["value"] for row in rows}
    return writing.put_back(_found(params).key, params["value"], before, by=by, now=now)


def _words(params: Params) -> str:
    row = Attribute.objects.filter(pk=params["attribute"]).first()
    if row is None:
        return _("deleted")
    value = _("empty") if params["value"] is None else shown(row, params["value"])
    return _("%(field)s: %(value)s") % {"field": row.label, "value": value}


ATTRIBUTE = Verb(
    "attribute", Action.CONTACT_EDIT, gettext_lazy("Write an attribute"),
    gettext_lazy("The attribute gets this value in all of them, whatever it was before."),
    "forms", AttributeForm, _write, _words, _put_back,
)  # fmt: skip
