"""Filters of the people list that campaigns bring: who would be, or was, left out of a mail, and why."""

from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from campaigns.campaign.audience import ids_of
from campaigns.campaign.models import Campaign
from campaigns.sending.models import LeftOut, Link
from campaigns.sending.queries import ids_at_launch, ids_in_doubt
from contacts.people.filters import Asked, Filter
from crm.kit import clock

_FOLLOWED = """
SELECT e.contact_id FROM event e
WHERE e.kind_id = (SELECT id FROM ledger_kind WHERE key = 'mail.clicked')
  AND e.subject_id = (SELECT id FROM ledger_subject WHERE type = 'dispatch' AND key = %s)
  AND e.properties ->> 'link' = %s
"""


def _pair(value: str) -> tuple[int, str]:
    """Read "12:no_consent" ("12:" for those who get it). Raises ValueError."""
    number, colon, reason = value.partition(":")
    if not colon or (reason and reason not in LeftOut.values):
        raise ValueError(value)
    return int(number), reason


def _would(value: str, _asked: Asked) -> Q:
    number, reason = _pair(value)
    campaign = Campaign.objects.filter(pk=number).first()
    if campaign is None:
        raise ValueError(value)
    return Q(pk__in=ids_of(campaign, reason, clock.now()))


def _was(value: str, _asked: Asked) -> Q:
    number, reason = _pair(value)
    return Q(pk__in=ids_at_launch(number, reason))


def _in_doubt(value: str, _asked: Asked) -> Q:
    return Q(pk__in=ids_in_doubt(int(value)))


def _words(value: str) -> str:
    reason = value.partition(":")[2]
    return str(LeftOut(reason).label) if reason in LeftOut.values else str(_("gets the mail"))


def _campaign_words(value: str) -> str:
    if not value.isdecimal():
        return value
    return Campaign.objects.filter(dispatches=int(value)).values_list("name", flat=True).first() or value


def _clicked(value: str, _asked: Asked) -> Q:
    dispatch, colon, link = value.partition(":")
    if not (colon and dispatch.isdecimal() and link.isdecimal()):
        raise ValueError(value)
    return Q(pk__in=RawSQL(_FOLLOWED, [dispatch, link]))  # noqa: S611 - a constant


def _link_words(value: str) -> str:
    dispatch, _colon, link = value.partition(":")
    if not (dispatch.isdecimal() and link.isdecimal()):
        return value
    return Link.objects.filter(dispatch_id=dispatch, number=link).values_list("url", flat=True).first() or value


CAMPAIGN_FILTERS = (
    Filter("campaign", _("Campaign"), _would, _words),
    Filter("sending", _("Sending"), _was, _words),
    Filter("doubt", _("Arrival being checked"), _in_doubt, _campaign_words),
    Filter("clicked", _("Followed the link"), _clicked, _link_words),
)
