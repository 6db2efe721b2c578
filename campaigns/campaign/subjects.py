"""What mails' events are about, for segment rules: campaigns and links. Registered by CampaignsConfig.ready.

The events name the dispatch; a campaign stands for all of its own, a link for its address in every mail.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from campaigns.campaign.models import Campaign
from campaigns.kinds import CAME_BACK, HANDED_OVER
from campaigns.sending.models import Dispatch, Link
from contacts.ledger.models import LedgerSubject
from contacts.segments.rules.fields.choices import Rows
from contacts.segments.rules.fields.field import Suggestion
from contacts.segments.rules.sql import Sql
from contacts.segments.rules.subjects import SubjectType
from crm.team.models import User

_SHOWN = 20
_FOLLOWED = """(e.subject_id, e.properties ->> 'link') IN (
    SELECT s.id, l.number::text FROM campaigns_link l
    JOIN ledger_subject s ON s.type = 'dispatch' AND s.key = l.dispatch_id::text WHERE l.url = ANY(%s)
)"""


def _dispatches(keys: Sequence[str]) -> list[int]:
    """Return the numbers of the subjects of all dispatches of these campaigns."""
    of_them = Dispatch.objects.filter(campaign__in=[int(key) for key in keys])
    wanted = of_them.values_list(Cast(F("pk"), TextField()), flat=True)
    found = LedgerSubject.objects.filter(type="dispatch", key__in=wanted)
    return list(found.order_by("pk").values_list("pk", flat=True))


@dataclass(frozen=True)
class _Addresses:
    """The addresses of links that were sent: offered, not required."""

    closed: bool = False

    def labels(self, values: Collection[Any]) -> Mapping[Any, str]:
        """Return the addresses themselves."""
        return {value: str(value) for value in values}

    def search(self, typed: str, user: User) -> list[Suggestion]:  # noqa: ARG002 - addresses are no secret
        """Return the addresses that contain what was typed, those in most mails first."""
        found = Link.objects.filter(url__icontains=typed).values("url").annotate(n=Count("pk")).order_by("-n", "url")
        return [Suggestion(row["url"], row["url"]) for row in found[:_SHOWN]]


def _clicked(keys: Sequence[str]) -> Sql:
    return Sql(_FOLLOWED, (list(keys),))


CAMPAIGN_SUBJECTS = (
    SubjectType(
        "campaign",
        _("campaign"),
        tuple(kind.key for kind in (*HANDED_OVER, *CAME_BACK)),
        Rows(Campaign, "name"),
        _dispatches,
    ),
    SubjectType("link", _("link"), ("mail.clicked",), _Addresses(), lambda _keys: [], {"mail.clicked": _clicked}),
)
