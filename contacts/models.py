"""All tables of contacts, gathered for Django; each noun keeps its own in its package."""

from contacts.account_roles.models import AccountRole
from contacts.acts.models import BulkAct, BulkActRow
from contacts.attributes.models import Attribute
from contacts.commerce.models import Order, OrderLine, OrderRefund, Product
from contacts.consent.models import ConsentEntry, ConsentState, Suppression
from contacts.duplicates.models import DuplicateKey, DuplicateMerge, DuplicatePair, DuplicateSearch
from contacts.exports.models import Export
from contacts.files.models import KeptFile
from contacts.habits.models import ActivityLimits, BuyerCount, BuyerRank
from contacts.hooks.models import Hook, HookDelivery, HookEvent
from contacts.identity.models import Merge
from contacts.imports.models import ImportJob, ImportRefusal
from contacts.keys.models import ContactKey
from contacts.leads.models import FollowUp
from contacts.ledger.models import (
    ContactSeen,
    ContactState,
    ContactTouch,
    Event,
    FollowerState,
    LedgerKind,
    LedgerSubject,
    SubjectCounter,
    SubjectState,
)
from contacts.lists.models import ContactTag, FixedList, ListMember, Tag
from contacts.notes.models import Note, NoteMention, NoteVersion
from contacts.opt_in.models import OptIn
from contacts.people.models import Account, Contact, PeopleExport, PostedForm
from contacts.privacy.models import ErasedPerson, Erasure
from contacts.scoring.models import Score, ScoreEntry, ScoreModel, ScoreRule
from contacts.segments.models import (
    ByHand,
    Membership,
    Segment,
    SegmentBuild,
    SegmentSize,
    SegmentTouch,
    SegmentVersion,
    SegmentWaiting,
)
from contacts.stages.models import Stage, StageModel, StageRule
from contacts.topics.models import Topic, TopicEntry, TopicState

__all__ = [
    "Account",
    "AccountRole",
    "ActivityLimits",
    "Attribute",
    "BulkAct",
    "BulkActRow",
    "BuyerCount",
    "BuyerRank",
    "ByHand",
    "ConsentEntry",
    "ConsentState",
    "Contact",
    "ContactKey",
    "ContactSeen",
    "ContactState",
    "ContactTag",
    "ContactTouch",
    "DuplicateKey",
    "DuplicateMerge",
    "DuplicatePair",
    "DuplicateSearch",
    "ErasedPerson",
    "Erasure",
    "Event",
    "Export",
    "FixedList",
    "FollowUp",
    "FollowerState",
    "Hook",
    "HookDelivery",
    "HookEvent",
    "ImportJob",
    "ImportRefusal",
    "KeptFile",
    "LedgerKind",
    "LedgerSubject",
    "ListMember",
    "Membership",
    "Merge",
    "Note",
    "NoteMention",
    "NoteVersion",
    "OptIn",
    "Order",
    "OrderLine",
    "OrderRefund",
    "PeopleExport",
    "PostedForm",
    "Product",
    "Score",
    "ScoreEntry",
    "ScoreModel",
    "ScoreRule",
    "Segment",
    "SegmentBuild",
    "SegmentSize",
    "SegmentTouch",
    "SegmentVersion",
    "SegmentWaiting",
    "Stage",
    "StageModel",
    "StageRule",
    "SubjectCounter",
    "SubjectState",
    "Suppression",
    "Tag",
    "Topic",
    "TopicEntry",
    "TopicState",
]
