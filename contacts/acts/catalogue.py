"""The acts of this app, in the order of the menu."""

from contacts.acts.filters import ACT_FILTER
from contacts.acts.verb import VERBS
from contacts.acts.verbs.attribute import ATTRIBUTE
from contacts.acts.verbs.erasing import ERASE
from contacts.acts.verbs.labels import LIST, TAG, UNLIST, UNTAG
from contacts.acts.verbs.permission import CONSENT, EXCLUDE
from contacts.acts.verbs.standing import OWNER, STAGE
from contacts.acts.verbs.topic import TOPIC
from contacts.people.filters import FILTERS


def register() -> None:
    """Enter the verbs and the filter of acts; harmless to repeat."""
    VERBS.register(TAG, LIST, OWNER, STAGE, UNTAG, UNLIST, ATTRIBUTE, CONSENT, TOPIC, EXCLUDE, ERASE)
    FILTERS.register(ACT_FILTER)
