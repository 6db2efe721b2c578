"""What journeys bring to the ledger and to rules: two kinds of events, and journeys as what they are about."""

from django.utils.translation import gettext_lazy as _

from contacts.ledger.kinds import KINDS, BySubject, EventKind, tell
from contacts.segments.rules.fields.choices import Rows
from contacts.segments.rules.subjects import SUBJECT_TYPES, SubjectType, numbers_of
from journeys.journey.models import Journey

ENTERED, LEFT = "journey.entered", "journey.left"
JOURNEY_KINDS = [
    EventKind(
        ENTERED,
        _("Journey begun"),
        tell(_("Began the journey {name}"), _("Began a journey")),
        "route",
        by_subject=BySubject.PEOPLE,
    ),
    EventKind(
        LEFT,
        _("Journey over"),
        tell(_("Is through with the journey {name}"), _("Is through with a journey")),
        "route-off",
        by_subject=BySubject.PEOPLE,
    ),
]
JOURNEY_SUBJECT = SubjectType("journey", _("journey"), (ENTERED, LEFT), Rows(Journey, "name"), numbers_of("journey"))


def register() -> None:
    """Enter them; harmless to repeat."""
    KINDS.register(*JOURNEY_KINDS)
    SUBJECT_TYPES.register(JOURNEY_SUBJECT)
