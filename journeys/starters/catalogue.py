"""Every ready journey, in the order of the lifecycle; one line in _STARTERS is one card of "New journey"."""

from django.utils.translation import gettext_lazy as _

from contacts.segments.starters import STARTERS as SEGMENTS
from contacts.stages.choice import stages_in_use
from journeys.starters.drawings import keeping, selling, welcoming
from journeys.starters.lanes import Meaning, lane_of
from journeys.starters.rules import AGREED, KNOWN, field, whole
from journeys.starters.starter import Ask, ReadySegment, Starter
from journeys.steps.date_of_person import BIRTHDAY, date_choices
from journeys.steps.retired import Retired


def _of(key: str) -> ReadySegment:
    """Return the ready-made segment of the builder."""
    segment = SEGMENTS[key]
    return ReadySegment(segment.name, segment.description, segment.definition)


_NEW = ReadySegment(
    _("New and agreed to mails"),
    _("Added within 30 days, with consent to marketing mails."),
    whole(KNOWN, AGREED, field("created_at", "in_last", {"n": 30, "unit": "days"})),
)
_UNDECIDED = ReadySegment(
    _("Interested, not yet buying"),
    _("Agreed to mails, warm, and without an order."),
    whole(KNOWN, AGREED, field("grade", "is_any_of", ["warm"]), field("orders", "equals", 0)),
)
_STAFF = ReadySegment(
    _("People of companies, not yet customers"),
    _("Belong to an account, agreed to mails, and have not ordered."),
    whole(AGREED, field("account", "given"), field("orders", "equals", 0)),
)
_BEST = ReadySegment(
    _("Best customers"),
    _("Ordered lately, often and for much: the upper two fifths of buyers in each."),
    whole(*(field(f"rfm_{rank}", "at_least", 4) for rank in ("recency", "frequency", "monetary"))),
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
        "nurture",
        _("Nurture by persona"),
        _("Answers what buyers doubt, by their job: the price, the change, the daily work; then a customer's story."),
        "messages",
        17,
        (Meaning.DISCOVER, Meaning.EDUCATE, Meaning.CONVERT),
        ("price", "change", "daily", "story", "safe"),
        welcoming.nurture,
        frozenset({Ask.SEGMENT}),
        _UNDECIDED,
    ),
    Starter(
        "hot_lead",
        _("Hot lead to its rep"),
        _("Gives a lead that becomes hot to a rep, tells the rep at once, and raises the alarm when nobody calls."),
        "flame",
        3,
        (Meaning.CONVERT,),
        ("talk",),
        selling.hot_lead,
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
        "account_roles",
        _("Companies, by role"),
        _("Writes to each person of a company for their part in the purchase, and tells the owner who clicked."),
        "building",
        14,
        (Meaning.DISCOVER, Meaning.EDUCATE, Meaning.CONVERT),
        ("decider", "champion", "user", "meet"),
        selling.account_roles,
        frozenset({Ask.SEGMENT}),
        _STAFF,
    ),
    Starter(
        "after_purchase",
        _("After a purchase"),
        _("Tips while the order is new, then the request for an opinion, and thanks to those who gave one."),
        "package",
        32,
        (Meaning.RETAIN, Meaning.ADVOCATE),
        ("tips", "opinion", "thanks"),
        keeping.after_purchase,
    ),
    Starter(
        "milestone",
        _("Milestone reward"),
        _("Thanks people for the third, fifth and tenth order, more each time."),
        "trophy",
        3,
        (Meaning.RETAIN, Meaning.ADVOCATE),
        ("third", "fifth", "tenth"),
        keeping.milestone,
    ),
    Starter(
        "renewal",
        _("Renewal of a contract"),
        _("Looks back 90 days before the date, offers choices at 60, reminds at 30, and tells the owner."),
        "calendar-repeat",
        66,
        (Meaning.RETAIN,),
        ("ninety", "sixty", "thirty"),
        keeping.renewal,
        frozenset({Ask.DATE}),
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
    Starter(
        "seasonal",
        _("Season for the best customers"),
        _("Shows the new season to your best customers first, and reminds those who have not ordered."),
        "star",
        10,
        (Meaning.ADVOCATE,),
        ("first", "last_days", "thanks"),
        keeping.seasonal,
        frozenset({Ask.SEGMENT, Ask.DAY}),
        _BEST,
    ),
)
STARTERS = {starter.key: starter for starter in _STARTERS}
READY_SEGMENTS = (_NEW, _UNDECIDED, _STAFF, _BEST)  # those that the builder has not


def contract_dates() -> list[tuple[str, object]]:
    """Return the dates of people that a contract may end on: the company's own, not birthdays."""
    return [(key, label) for key, label in date_choices() if key != BIRTHDAY and not isinstance(label, Retired)]


def available() -> list[Starter]:
    """Return those that can work here: one that goes by a date needs such a field of people."""
    has_dates = bool(contract_dates())
    return [starter for starter in STARTERS.values() if has_dates or Ask.DATE not in starter.asks]


def stages_of(starter: Starter) -> list[str]:
    """Return the names of the stages in use that it lies at, each once."""
    stages = stages_in_use()
    found = (lane_of(meaning, stages) for meaning in starter.stages)
    return list(dict.fromkeys(stage.label for stage in found if stage))
