"""Complaint rates of a dispatch: mailbox providers shut out who exceeds 0.3 %. Called when a complaint comes in."""

import logging
from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.sending import dispatches
from campaigns.tracking.hits import SUBJECT
from contacts.ledger.models import Event, SubjectCounter

logger = logging.getLogger(__name__)

WARN_AT, PAUSE_AT = 0.001, 0.003  # complaints per mail sent
FEWEST = 3  # complaints below which a rate says nothing: one among 300 is chance


@dataclass(frozen=True)
class Complaints:
    """How many people reported the mail as spam, of how many to whom it was sent."""

    complained: int
    sent: int

    @property
    def rate(self) -> float:
        """Return complaints per mail sent, 0 … 1."""
        return self.complained / self.sent if self.sent else 0.0

    @property
    def warns(self) -> bool:
        """Tell whether people should be warned of it."""
        return self.complained >= FEWEST and self.rate >= WARN_AT

    @property
    def stops(self) -> bool:
        """Tell whether sending must stop."""
        return self.complained >= FEWEST and self.rate >= PAUSE_AT


def complaints_of(dispatch_id: int) -> Complaints:
    """Return the complaints about one dispatch: the newest complaint counts at once, the sent as far as counted."""
    about = {"subject__type": SUBJECT, "subject__key": str(dispatch_id)}
    sent = SubjectCounter.objects.filter(kind__key="mail.sent", **about).values_list("n", flat=True).first()
    people = Event.objects.filter(kind__key="mail.complained", **about).values("contact_id").distinct().count()
    return Complaints(people, sent or 0)


def check_complaints(dispatch_id: int) -> Complaints:
    """Warn of a high rate, and pause the campaign at a dangerous one. A repeat is harmless."""
    found = complaints_of(dispatch_id)
    if found.stops:
        reason = _("%(share).2f %% of the people reported the mail as spam") % {"share": found.rate * 100}
        pause_for(dispatch_id, reason)
    elif found.warns:
        logger.warning("dispatch %d: %d of %d complained", dispatch_id, found.complained, found.sent)
    return found


def pause_for(dispatch_id: int, reason: str) -> bool:
    """Pause a dispatch and its campaign for a reason that is shown; False when it is not sending."""
    return dispatches.pause(dispatch_id, reason)
