"""What segment rules know from the start: kinds of conditions and fields. Called by ContactsConfig.ready."""

from contacts.segments.rules.field_test import FIELD_LEAF
from contacts.segments.rules.fields.field import FIELDS
from contacts.segments.rules.fields.labels import LABEL_FIELDS
from contacts.segments.rules.fields.profile import PROFILE_FIELDS
from contacts.segments.rules.parsing import LEAVES


def register() -> None:
    """Enter the leaves and fields of this app; harmless to repeat."""
    LEAVES.register(FIELD_LEAF)
    FIELDS.register(*PROFILE_FIELDS, *LABEL_FIELDS)
