"""Work of the reader's own that waits for her: imports, files, acts on many; and segments nobody can count."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from contacts.acts.models import BulkAct
from contacts.exports.models import Export
from contacts.imports import queries as imports
from contacts.imports.models import ImportSource
from contacts.segments.models import Segment, SegmentState
from crm.home.needs.waiting import Asked, Waiting
from crm.kit.work import WorkState
from crm.team.permissions import Action

LATELY = timedelta(days=1)  # so long a file that is ready, or an act that failed, is spoken of


def _broken(_asked: Asked) -> QuerySet[Segment]:
    return Segment.objects.audiences().filter(state=SegmentState.BROKEN)


def _asking(asked: Asked) -> QuerySet[Any]:
    return imports.asking(asked.user)


def _refused(asked: Asked) -> QuerySet[Any]:
    return imports.with_refused_rows(asked.user, asked.now)


def _silent(_asked: Asked) -> QuerySet[ImportSource]:
    return ImportSource.objects.filter(failures__gt=0)


def _failed(asked: Asked) -> QuerySet[BulkAct]:
    return BulkAct.objects.filter(by=asked.user, state=WorkState.FAILED, created_at__gte=asked.now - LATELY)


def _written(asked: Asked) -> QuerySet[Export]:
    mine = Export.objects.filter(by=asked.user, state=WorkState.DONE, created_at__gte=asked.now - LATELY)
    return mine.exclude(file="").filter(fetched_at=None, kept_until__gt=asked.now)


WAITING = (
    Waiting(
        (Action.SEGMENT_EDIT,), _broken, _("%(n)s segments cannot be counted any more: their rules need you."),
        "contacts:segments", "target-off", "warn", {"state": SegmentState.BROKEN.value},
        one=_("The segment “%(name)s” cannot be counted any more: its rule needs you."),
        named="name", page="contacts:segment",
    ),
    Waiting(
        (Action.CONTACT_IMPORT,), _asking, _("%(n)s of your imports wait for you."),
        "contacts:imports", "file-import", query={"only": "asking"},
        one=_("Your import of “%(name)s” waits for you."), named="file_name", page="contacts:import",
    ),
    Waiting(
        (Action.CONTACT_IMPORT,), _refused, _("%(n)s of your imports of this week refused rows."),
        "contacts:imports", "file-alert", "warn", {"only": "refused"},
        one=_("Your import of “%(name)s” refused rows: see why, mend them and bring them in."),
        named="file_name", page="contacts:import",
    ),
    Waiting(
        (Action.CONTACT_IMPORT,), _silent,
        ngettext_lazy("From %(n)s address a file could not be fetched.",
                      "From %(n)s addresses files could not be fetched.", "count"),
        "contacts:import_sources", "cloud-off", "warn",
    ),
    Waiting(
        (Action.CONTACT_EDIT,), _failed,
        ngettext_lazy("%(n)s change for many people failed.", "%(n)s changes for many people failed.", "count"),
        "contacts:acts", "alert-triangle", "warn", page="contacts:act",
    ),
    Waiting(
        (Action.CONTACT_EXPORT,), _written, _("%(n)s of your files are ready."),
        "contacts:exports", "file-download", one=_("Your file “%(name)s” is ready."),
        named="file_name", page="contacts:export",
    ),
)  # fmt: skip
