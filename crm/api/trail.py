"""The trail: who changed what, before and after. Read by admins; nobody writes it."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.api.fields import Body
from crm.api.problems import invalid
from crm.api.route import Asked, Listing, Param
from crm.api.users import DOOR
from crm.kit.paging import keyset_page
from crm.team.api_tokens import TokenScope
from crm.team.models import TrailEntry
from crm.team.permissions import Action
from crm.team.trail.kinds import KINDS
from crm.team.trail.queries import Wanted


class EntryShown(Body):
    """One thing that somebody did to one object."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    by_id = serializers.IntegerField(allow_null=True, help_text=_("Null: the system."))
    door = serializers.CharField(help_text=_("From where: page, api, admin, job, system."))
    through = serializers.CharField(allow_blank=True, help_text=_("The name of the API token."))
    network = serializers.CharField(allow_blank=True)
    kind = serializers.CharField()
    object_id = serializers.IntegerField(allow_null=True)
    label = serializers.CharField(allow_blank=True)
    verb = serializers.CharField()
    part = serializers.CharField(allow_blank=True, help_text=_("What belongs to the object, as a tag to a person."))
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)


_PLAIN = (
    "at", "by_id", "door", "through", "network", "kind", "object_id", "label", "verb", "part", "before", "after",
)  # fmt: skip


def _shown(row: TrailEntry) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in _PLAIN}}


@DOOR.get(
    "trail", Action.TRAIL_VIEW, _("Read who changed what"), gives=EntryShown, pages=True, scope=TokenScope.TRAIL_READ,
    query=(
        Param("kind", _("Of which kind of object, such as contact or campaign.")),
        Param("object_id", _("Of the object with this number."), number=True),
        Param("by_id", _("By this colleague."), number=True),
        Param("verb", _("What was done, such as changed.")),
        Param("since", _("Since this day, in your time zone."), example="2026-11-21"),
        Param("until", _("Until this day."), example="2026-11-22"),
    ),
)  # fmt: skip
def list_entries(asked: Asked) -> Listing:
    """Return entries, the newest first."""
    kind = asked.text("kind")
    if kind and kind not in KINDS:
        raise invalid("kind", str(_("There is no kind “%(kind)s”.")) % {"kind": kind[:60]})
    wanted = Wanted(
        kind=kind, object_id=asked.number("object_id"), by=asked.number("by_id"), verb=asked.text("verb"),
        since=_day(asked, "since"), until=_day(asked, "until"),
    )  # fmt: skip
    rows = TrailEntry.objects.filter(wanted.condition())
    return Listing.of(keyset_page(rows, ("-id",), cursor=asked.cursor, size=asked.size), _shown)


def _day(asked: Asked, name: str) -> date | None:
    try:
        return date.fromisoformat(asked.text(name)) if asked.text(name) else None
    except ValueError as error:
        raise invalid(name, str(_("Write a day as 2026-11-21."))) from error
