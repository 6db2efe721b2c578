"""Ways in: a stage is entered, a list is joined, a tag is put on."""

from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.lists.models import FixedList, Tag
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql
from contacts.segments.rules.words import filled
from contacts.stages.models import Stage
from journeys.steps.kind import Cleaned
from journeys.steps.row_choice import RowChoice
from journeys.triggers.kind import TriggerForm
from journeys.triggers.of_event import EventTrigger, about


class _PutIn(EventTrigger):
    """`row` names the field that chooses one, and the subject's type; `members` selects who is in it now."""

    row: ClassVar[str]
    members: ClassVar[str]

    def test(self, cleaned: Cleaned) -> Sql:
        """Return that it is about this one."""
        return about(self.kind, (self.row, str(cleaned[self.row].pk)))

    def fits_now(self, cleaned: Cleaned, at: Moment) -> Sql:
        """Return who is there."""
        del at
        return Sql(self.members, (cleaned[self.row].pk,))

    def named(self, pattern: str, row: Any) -> str:
        """Return a sentence with the row's name."""
        return filled(pattern, name=str(row))


class StageForm(TriggerForm):
    stage = RowChoice(Stage.objects.filter(model__in_use=True).order_by("position"), label=_("Stage"))


class StageEntered(_PutIn):
    key = "stage_entered"
    label = _("Comes to a stage")
    icon = "stairs-up"
    form = StageForm
    kind = "stage.entered"
    row = "stage"
    members = "SELECT id FROM contacts_contact WHERE stage_id = %s AND merged_into_id IS NULL"

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        return self.named(gettext("Comes to the stage “%(name)s”"), cleaned["stage"])


class ListForm(TriggerForm):
    list = RowChoice(FixedList.objects.order_by("name"), label=_("List"))


class ListJoined(_PutIn):
    key = "list_joined"
    label = _("Joins a list")
    icon = "list-check"
    form = ListForm
    kind = "list.joined"
    row = "list"
    members = "SELECT contact_id FROM contacts_listmember WHERE fixed_list_id = %s"

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        return self.named(gettext("Joins the list “%(name)s”"), cleaned["list"])


class TagForm(TriggerForm):
    tag = RowChoice(Tag.objects.order_by("name"), label=_("Tag"))


class TagAdded(_PutIn):
    key = "tag_added"
    label = _("Gets a tag")
    icon = "tag"
    form = TagForm
    kind = "tag.added"
    row = "tag"
    members = "SELECT contact_id FROM contacts_contacttag WHERE tag_id = %s"

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        return self.named(gettext("Gets the tag “%(name)s”"), cleaned["tag"])


STAGE_ENTERED, LIST_JOINED, TAG_ADDED = StageEntered(), ListJoined(), TagAdded()
