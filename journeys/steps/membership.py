"""Steps that put people on a list or take them off, and tag or untag them: one statement each, with its events."""

from abc import abstractmethod
from typing import ClassVar

from django import forms
from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from contacts.lists.models import FixedList, Tag
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.words import filled
from journeys.engine.batch import Batch
from journeys.steps.kind import Cleaned, Shelf, StepForm, StepKind
from journeys.steps.present import present
from journeys.steps.row_choice import RowChoice
from journeys.steps.telling import people, told

_ADD = """
WITH done AS (
    INSERT INTO {table} ({column}, contact_id, at) SELECT %s, id, %s FROM ({people}) AS p
    ON CONFLICT DO NOTHING RETURNING contact_id
)
"""
_REMOVE = """
WITH done AS (
    DELETE FROM {table} m WHERE {column} = %s AND contact_id IN ({people}) RETURNING contact_id
)
"""


class What(models.TextChoices):
    """Which way."""

    ADD = "add", _("Add")
    REMOVE = "remove", _("Take away")


class _Membership(StepKind):
    """What tags and lists have in common; `row` is the name of the field that chooses one."""

    shelf = Shelf.PERSON
    row: ClassVar[str]
    table: ClassVar[str]
    column: ClassVar[str]
    kinds_told: ClassVar[tuple[str, str]]

    def act(self, batch: Batch) -> None:
        """Add or remove the batch's people, and tell those who changed."""
        row = present(batch.cleaned[self.row])
        adding = batch.cleaned["what"] == What.ADD
        change = (_ADD if adding else _REMOVE).format(table=self.table, column=self.column, people=people(batch))
        told_as = self.kinds_told[0 if adding else 1]
        event = told(batch, told_as, (self.row, str(row.pk)), {"name": str(row)})
        first = (row.pk, batch.now) if adding else (row.pk,)
        whole = compose("{change} {event}", change=Sql(change, first), event=event)
        batch.cursor.execute(whole.text, whole.params)

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        pattern = self.sentences()[0 if cleaned["what"] == What.ADD else 1]
        return filled(pattern, name=str(cleaned[self.row]))

    @abstractmethod
    def sentences(self) -> tuple[str, str]:
        """Return the sentences of adding and of removing."""


class TagForm(StepForm):
    what = forms.ChoiceField(
        label=pgettext_lazy("step", "What happens"), choices=What, initial=What.ADD, widget=forms.RadioSelect
    )
    tag = RowChoice(Tag.objects.all(), label=_("Tag"))


class TagStep(_Membership):
    key = "tag"
    label = _("Tag")
    icon = "tag"
    form = TagForm
    row = "tag"
    table = "contacts_contacttag"
    column = "tag_id"
    kinds_told = ("tag.added", "tag.removed")

    def sentences(self) -> tuple[str, str]:
        """Return the sentences."""
        return gettext("Add the tag “%(name)s”"), gettext("Take the tag “%(name)s” away")


class ListForm(StepForm):
    what = forms.ChoiceField(
        label=pgettext_lazy("step", "What happens"), choices=What, initial=What.ADD, widget=forms.RadioSelect
    )
    list = RowChoice(FixedList.objects.all(), label=_("List"))


class ListStep(_Membership):
    key = "list"
    label = _("List")
    icon = "list-check"
    form = ListForm
    row = "list"
    table = "contacts_listmember"
    column = "fixed_list_id"
    kinds_told = ("list.joined", "list.left")

    def sentences(self) -> tuple[str, str]:
        """Return the sentences."""
        return gettext("Put on the list “%(name)s”"), gettext("Take off the list “%(name)s”")


TAG, LIST = TagStep(), ListStep()
