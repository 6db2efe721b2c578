"""All tables of contacts, gathered for Django; each noun keeps its own in its package."""

from contacts.attributes.models import Attribute
from contacts.commerce.models import Order, OrderLine, Product
from contacts.consent.models import ConsentEntry, ConsentState, Suppression
from contacts.leads.models import FollowUp
from contacts.ledger.models import ContactState, Event, FollowerState, LedgerKind, LedgerSubject
from contacts.lists.models import ContactTag, FixedList, ListMember, Tag
from contacts.people.models import Account, Contact
from contacts.scoring.models import Score, ScoreEntry, ScoreModel, ScoreRule
from contacts.stages.models import Stage, StageModel

__all__ = [
    "Account",
    "Attribute",
    "ConsentEntry",
    "ConsentState",
    "Contact",
    "ContactState",
    "ContactTag",
    "Event",
    "FixedList",
    "FollowUp",
    "FollowerState",
    "LedgerKind",
    "LedgerSubject",
    "ListMember",
    "Order",
    "OrderLine",
    "Product",
    "Score",
    "ScoreEntry",
    "ScoreModel",
    "ScoreRule",
    "Stage",
    "StageModel",
    "Suppression",
    "Tag",
]
