"""What segment rules know from the start: kinds of conditions and fields. Called by ContactsConfig.ready."""

from contacts.segments.rules.did import DID_LEAF
from contacts.segments.rules.field_test import FIELD_LEAF
from contacts.segments.rules.fields.account import ACCOUNT_FIELDS
from contacts.segments.rules.fields.consent import CONSENT_FIELDS
from contacts.segments.rules.fields.field import FIELDS
from contacts.segments.rules.fields.habits import HABIT_FIELDS
from contacts.segments.rules.fields.labels import LABEL_FIELDS
from contacts.segments.rules.fields.orders import ORDER_FIELDS
from contacts.segments.rules.fields.profile import PROFILE_FIELDS
from contacts.segments.rules.fields.score import SCORE_FIELDS
from contacts.segments.rules.fields.stage import STAGE_FIELDS
from contacts.segments.rules.fields.topics import TOPIC_FIELDS
from contacts.segments.rules.fields.touch import TOUCH_FIELDS
from contacts.segments.rules.parsing import LEAVES
from contacts.segments.rules.people_of_account import PEOPLE_OF_ACCOUNT_LEAF
from contacts.segments.rules.sequence import SEQUENCE_LEAF
from contacts.segments.rules.subjects import CONTACT_SUBJECTS, SUBJECT_TYPES


def register() -> None:
    """Enter the leaves and fields of this app; harmless to repeat."""
    LEAVES.register(FIELD_LEAF, DID_LEAF, SEQUENCE_LEAF, PEOPLE_OF_ACCOUNT_LEAF)
    SUBJECT_TYPES.register(*CONTACT_SUBJECTS)
    FIELDS.register(*PROFILE_FIELDS, *ACCOUNT_FIELDS, *STAGE_FIELDS, *SCORE_FIELDS, *TOUCH_FIELDS)
    FIELDS.register(*LABEL_FIELDS, *CONSENT_FIELDS, *TOPIC_FIELDS, *ORDER_FIELDS, *HABIT_FIELDS)
