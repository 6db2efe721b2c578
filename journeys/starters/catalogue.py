"""Every ready journey, in the order of the lifecycle; one line in _STARTERS is one card of "New journey"."""

from django.utils.translation import gettext_lazy as _

from contacts.segments.starters import STARTERS as SEGMENTS
from contacts.stages.choice import stages_in_use
from journeys.starters.drawings import keeping, selling, welcoming
from journeys.starters.lanes import Meaning, lane_of
from journeys.starters.rules import AGREED, KNOWN, field, whole
from journeys.starters.starter import Ask, ReadySegment, Starter
from journeys.steps.date_of_person import BIRTHDAY, date_choices


def _of(key: str) -> ReadySegment:
    """Return the ready-made segment of the builder."""
    segment = SEGMENTS[key]
    return ReadySegment(segment.name, segment.description, segment.definition)


_NEW = ReadySegment(
    _("New and agreed to mails"),
    _("Added within 30 days, with consent to marketing mails."),
    whole(KNOWN, AGREED, field("created_at", "in_last", {"n": 30, "unit": "days"})),
)
_STARTERS = (
    Starter(
        "welcome",
        _("Newsletter welcome"),
        _("Greets new readers, shows where others begin, and invites them in the first week."),
        "mail-heart",
        12,
        (Meaning.DISCOVER, Meaning.EDUCATE),
        ("hello", "begin", "invite"),
        welcoming.welcome,
        frozenset({Ask.SEGMENT}),
        _NEW,
    ),
    Starter(
        "cart",
        _("Abandoned cart"),
        _("Reminds people of a cart they left, then asks what kept them; an order ends it at once."),
        "shopping-cart",
        8,
        (Meaning.CONVERT,),
        ("waiting", "why"),
        selling.cart,
    ),
    Starter(
        "win_back",
        _("Win back who fell silent"),
        _("Writes three times in three weeks to people you have not seen; whoever comes back is left in peace."),
        "heart-handshake",
        28,
        (Meaning.RETAIN,),
        ("miss", "news", "stop"),
        keeping.win_back,
        frozenset({Ask.SEGMENT}),
        _of("at-risk"),
    ),
)
STARTERS = {starter.key: starter for starter in _STARTERS}


def contract_dates() -> list[tuple[str, object]]:
    """Return the dates of people that a contract may end on: the company's own, not birthdays."""
    return [(key, label) for key, label in date_choices() if key != BIRTHDAY]


def available() -> list[Starter]:
    """Return those that can work here: one that goes by a date needs such a field of people."""
    has_dates = bool(contract_dates())
    return [starter for starter in STARTERS.values() if has_dates or Ask.DATE not in starter.asks]


def stages_of(starter: Starter) -> list[str]:
    """Return the names of the stages in use that it lies at, each once."""
    stages = stages_in_use()
    found = (lane_of(meaning, stages) for meaning in starter.stages)
    return list(dict.fromkeys(stage.label for stage in found if stage))
