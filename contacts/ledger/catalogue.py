"""What the contacts app brings to the ledger: its event kinds and its followers. Registered by ContactsConfig.ready."""

from django.utils.translation import gettext_lazy as _

from contacts.hooks.follower import HOOKS
from contacts.ledger.followers import FOLLOWERS
from contacts.ledger.followers.classifier.follower import CLASSIFIER, DUE_HITS
from contacts.ledger.followers.identity import IDENTITY_FOLLOWER
from contacts.ledger.followers.seen import SEEN
from contacts.ledger.followers.states import STATES
from contacts.ledger.followers.subjects import SUBJECTS
from contacts.ledger.followers.totals import TOTALS
from contacts.ledger.followers.touches.follower import TOUCHES
from contacts.ledger.kinds import KINDS, BySubject, EventKind, tell
from contacts.ledger.partitions import Hourly
from contacts.ledger.ticks import TICKS, Tick
from contacts.people import sentences
from contacts.scoring import given
from contacts.scoring.follower import SCORES
from contacts.segments.flips import FLIPS
from contacts.segments.follower import SEGMENTS
from contacts.segments.refreshing import TOUCHED
from contacts.stages.following import STAGES, SWEEP

CONTACT_KINDS = [
    EventKind("contact.created", _("Added"), tell(_("Added as a contact")), "user-plus"),
    EventKind("contact.updated", _("Profile changed"), sentences.profile_changed, "edit"),
    EventKind("contact.imported", _("Imported"), tell(_("Imported from {file}"), _("Imported")), "file-import"),
    EventKind("contact.merged", _("Merged"), tell(_("Merged with another record of the same person")), "git-merge"),
    EventKind("contact.unmerged", _("Separated"), tell(_("Separated from another record")), "git-branch"),
    EventKind("consent.asked", _("Asked to confirm"), tell(_("Was asked by mail to confirm consent")), "mail-question"),
    EventKind("consent.granted", _("Consent given"), sentences.agreed, "circle-check"),
    EventKind("consent.withdrawn", _("Consent withdrawn"), sentences.refused, "ban"),
    EventKind("topic.wanted", _("Topic wanted"), sentences.topic_wanted, "mail-heart"),
    EventKind("topic.refused", _("Topic refused"), sentences.topic_refused, "mail-minus"),
    EventKind(
        "address.excluded",
        _("Excluded from sending"),
        tell(_("Excluded from sending: {why}"), _("Excluded from sending")),
        "mail-off",
    ),
    EventKind(
        "address.readmitted",
        _("May be sent to again"),
        tell(_("May be sent to again: {why}"), _("May be sent to again")),
        "mail-check",
    ),
    EventKind("list.joined", _("Joined a list"), tell(_("Joined the list {name}"), _("Joined a list")), "list-check"),
    EventKind("list.left", _("Left a list"), tell(_("Left the list {name}"), _("Left a list")), "list"),
    EventKind("tag.added", _("Tag added"), tell(_("Tagged {name}"), _("Tagged")), "tag"),
    EventKind("tag.removed", _("Tag removed"), tell(_("Tag {name} removed"), _("Tag removed")), "tag-off"),
    EventKind("stage.entered", _("Stage entered"), sentences.stage_entered, "stairs-up", by_subject=BySubject.PEOPLE),
    EventKind(
        "page.viewed",
        _("Page viewed"),
        tell(_("Viewed the page {title}"), _("Viewed a page")),
        "eye",
        activity=True,
        by_subject=BySubject.TOTALS,
    ),
    EventKind(
        "form.submitted",
        _("Form sent"),
        tell(_("Sent the form {name}"), _("Sent a form")),
        "forms",
        activity=True,
        by_subject=BySubject.PEOPLE,
    ),
    EventKind(
        "product.viewed",
        _("Product viewed"),
        tell(_("Viewed the product {name}"), _("Viewed a product")),
        "shopping-bag",
        activity=True,
        by_subject=BySubject.PEOPLE,
    ),
    EventKind(
        "event.tracked",
        _("Event of a program"),
        tell("{name}", _("Something happened in another program")),
        "activity",
        activity=True,
        by_subject=BySubject.PEOPLE,
    ),
    EventKind("cart.updated", _("Cart changed"), tell(_("Changed the shopping cart")), "shopping-cart", activity=True),
    EventKind(
        "order.placed",
        _("Order placed"),
        tell(_("Placed an order of {value}"), _("Placed an order")),
        "receipt",
        activity=True,
    ),
    EventKind(
        "order.refunded",
        _("Order refunded"),
        tell(_("Got a refund of {value}"), _("Got a refund")),
        "receipt-refund",
    ),
    EventKind("order.cancelled", _("Order cancelled"), tell(_("Cancelled an order")), "receipt-off"),
    EventKind("account.updated", _("Account changed"), tell(_("The account changed")), "building", timeline=False),
    # Never appended: by this name rules learn that ranks were counted anew (contacts/habits/buyers.py).
    EventKind("score.recounted", _("Score counted anew"), tell(_("Score counted anew")), "refresh", timeline=False),
    EventKind("buyer.ranked", _("Ranked among buyers"), tell(_("Ranked among buyers")), "trophy", timeline=False),
    EventKind("call.logged", _("Call"), sentences.called, "phone"),
    EventKind("note.added", _("Note"), tell(_("Note: {text}"), _("Note")), "note"),
    EventKind("file.added", _("File"), tell(_("A file was kept")), "paperclip"),
    EventKind("owner.changed", _("Owner changed"), tell(_("Handed to {owner}"), _("Owner removed")), "user-share"),
    EventKind(
        "segment.entered",
        _("Entered a segment"),
        sentences.segment_entered,
        "circle-plus",
    ),
    EventKind("segment.left", _("Left a segment"), sentences.segment_left, "circle-minus"),
    EventKind("stage_rule.began", _("A stage's rule began to hold"), tell(_("Fits a stage")), "stairs", timeline=False),
    EventKind("stage_rule.ended", _("A stage's rule ended"), tell(_("Fits a stage no more")), "stairs", timeline=False),
    EventKind(given.KIND, _("Points given"), sentences.points_given, "star"),
    EventKind("lead.hot", _("Hot lead"), tell(_("Became a hot lead")), "flame"),
    EventKind(
        "hit.reclassified",
        _("Counted differently"),
        tell(_("An earlier opening or click is no longer counted")),
        "robot",
        timeline=False,
    ),
]


# In the order in which they run.
CONTACT_FOLLOWERS = [
    IDENTITY_FOLLOWER,
    CLASSIFIER,
    STATES,
    SUBJECTS,
    TOTALS,
    SEEN,
    TOUCHES,
    SCORES,
    SEGMENTS,
    STAGES,
    HOOKS,
]

MONTHS_AHEAD = Tick("months_ahead", Hourly().run)


def register() -> None:
    """Enter the kinds, followers and timed work of this app; harmless to repeat."""
    KINDS.register(*CONTACT_KINDS)
    FOLLOWERS.register(*CONTACT_FOLLOWERS)
    TICKS.register(DUE_HITS, MONTHS_AHEAD, FLIPS, TOUCHED, SWEEP)
