"""Where a person stands, since when, and where she ever stood."""

from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.fields.choices import Rows as RowsOf
from contacts.segments.rules.fields.field import Field, FieldGroup
from contacts.segments.rules.fields.sources import column
from contacts.segments.rules.fields.subjects import subjects
from contacts.segments.rules.value_type import Type
from contacts.stages.models import Stage

_MOVED = ("stage.entered",)
_STAGES = RowsOf(Stage, "name")

# fmt: off
STAGE_FIELDS = (
    Field("stage", _("stage"), FieldGroup.STAGE, Type.CHOICE, column("stage_id"), _MOVED, _STAGES),
    Field("stage_since", _("in the stage since"), FieldGroup.STAGE, Type.DATETIME, column("stage_since"), _MOVED),
    Field(
        "stage_ever",
        _("stages ever entered"),
        FieldGroup.STAGE,
        Type.MANY,
        subjects("stage.entered", "stage"),
        _MOVED,
        _STAGES,
    ),
)
# fmt: on
