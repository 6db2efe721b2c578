"""Write an attribute of the person, or empty it."""

import json
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.attributes.models import Attribute, Target
from contacts.attributes.values import BadValue, parse, shown
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.words import filled
from journeys.engine.batch import Batch
from journeys.errors import StepBroken
from journeys.steps.kind import Cleaned, Shelf, StepForm, StepKind
from journeys.steps.present import present
from journeys.steps.retired import OfferedSelect, label_of
from journeys.steps.row_choice import RowChoice
from journeys.steps.telling import people, told

_WRITE = """
WITH held AS (
    SELECT c.id FROM contacts_contact c WHERE c.id IN ({people}) AND c.attributes -> %s IS DISTINCT FROM %s::jsonb
    ORDER BY c.id FOR NO KEY UPDATE
),
done AS (
    UPDATE contacts_contact c SET attributes = CASE WHEN %s::jsonb IS NULL THEN c.attributes - %s
            ELSE c.attributes || jsonb_build_object(%s::text, %s::jsonb) END,
        updated_at = %s, version = c.version + 1
    FROM held h WHERE c.id = h.id RETURNING c.id AS contact_id
)
"""


class What(models.TextChoices):
    """What becomes of it."""

    WRITE = "write", _("Write a value")
    EMPTY = "empty", _("Empty it")


class AttributeChoice(RowChoice):
    """One attribute of people."""

    widget = OfferedSelect

    def label_from_instance(self, obj: Any) -> str:
        """Return its name, and whether it is retired."""
        return label_of(obj)


class SetAttributeForm(StepForm):
    attribute = AttributeChoice(Attribute.objects.filter(target=Target.CONTACT), label=_("Attribute"))
    what = forms.ChoiceField(label=_("What to do"), choices=What, initial=What.WRITE, widget=forms.RadioSelect)
    value = forms.CharField(label=_("Value"), required=False, max_length=1_000)

    def clean(self) -> None:
        """Refuse a value that the attribute cannot have."""
        attribute, raw = self.cleaned_data.get("attribute"), self.cleaned_data.get("value", "")
        if attribute is None or self.cleaned_data.get("what") != What.WRITE or self.errors:
            return
        try:
            if parse(attribute, raw) is None:
                self.add_error("value", gettext("This is needed here."))
        except BadValue as error:
            self.add_error("value", str(error))


class SetAttributeStep(StepKind):
    key = "set_attribute"
    label = _("Write an attribute")
    icon = "forms"
    shelf = Shelf.PERSON
    form = SetAttributeForm

    def act(self, batch: Batch) -> None:
        """Write it for those for whom it differs. Raises StepBroken when the attribute is gone or of another type."""
        attribute = present(batch.cleaned["attribute"])
        value = _value(attribute, batch.cleaned)
        raw = None if value is None else json.dumps(value, ensure_ascii=False)
        key = attribute.key
        params = (key, raw, raw, key, key, raw, batch.now)
        event = told(batch, "contact.updated", None, {"changed": ["attributes"]})
        change = compose("{write} {event}", write=Sql(_WRITE.format(people=people(batch)), params), event=event)
        batch.cursor.execute(change.text, change.params)

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        attribute = cleaned["attribute"]
        if cleaned["what"] == What.EMPTY:
            return filled(gettext("Empty “%(field)s”"), field=label_of(attribute))
        value = shown(attribute, parse(attribute, cleaned["value"]))
        return filled(gettext("Write “%(field)s”: %(value)s"), field=label_of(attribute), value=value)


def _value(attribute: Attribute, cleaned: Cleaned) -> Any:
    if cleaned["what"] == What.EMPTY:
        return None
    try:
        return parse(attribute, cleaned["value"])
    except BadValue as error:
        raise StepBroken(f"{attribute.label}: {error}") from error


SET_ATTRIBUTE = SetAttributeStep()
