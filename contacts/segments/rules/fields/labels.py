"""Tags, fixed lists and other segments: of which of them a person is."""

from django.utils.translation import gettext_lazy as _

from contacts.lists.models import FixedList, Tag
from contacts.segments.models import Purpose, Segment
from contacts.segments.rules.expression import Expression
from contacts.segments.rules.fields.choices import Rows as RowsOf
from contacts.segments.rules.fields.field import Field, FieldGroup
from contacts.segments.rules.fields.sources import Rows
from contacts.segments.rules.sql import Sql
from contacts.segments.rules.value_type import Type

_TAGS = Rows("contacts_contacttag", Expression(Sql("t.tag_id")))
_SEGMENTS = Rows("contacts_membership", Expression(Sql("t.segment_id")), Sql("t.left_at IS NULL"))
_SEGMENTS_OF_PEOPLE = RowsOf(Segment, "name", only=(("purpose", Purpose.AUDIENCE.value),))
_MOVED = ("segment.entered", "segment.left")
_LISTS = Rows("contacts_listmember", Expression(Sql("t.fixed_list_id")))

# fmt: off
# ruff: noqa: E501
LABEL_FIELDS = (
    Field("tags", _("tags"), FieldGroup.LISTS, Type.MANY, _TAGS, ("tag.added", "tag.removed"), RowsOf(Tag, "name")),
    Field("segments", _("segments"), FieldGroup.LISTS, Type.MANY, _SEGMENTS, _MOVED, _SEGMENTS_OF_PEOPLE, reads_segments=True),
    Field("lists", _("lists"), FieldGroup.LISTS, Type.MANY, _LISTS, ("list.joined", "list.left"), RowsOf(FixedList, "name")),
)
# fmt: on
