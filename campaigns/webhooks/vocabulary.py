"""The closed vocabulary: what each of Anymail's normalised events is called here. One line an event."""

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason

from campaigns.mailers.replies import Outcome, classify, enhanced_status
from campaigns.tracking.hits import CLICKED, OPENED

DELIVERED, COMPLAINED, UNSUBSCRIBED = "mail.delivered", "mail.complained", "mail.unsubscribed"
REJECTED = Outcome.REJECTED.kind
LONGEST_REASON = 300

_KINDS = {
    EventType.DELIVERED: DELIVERED,
    EventType.DEFERRED: Outcome.DEFERRED.kind,
    EventType.FAILED: Outcome.FAILED.kind,
    EventType.COMPLAINED: COMPLAINED,
    EventType.UNSUBSCRIBED: UNSUBSCRIBED,
    EventType.OPENED: OPENED,
    EventType.CLICKED: CLICKED,
}
# A provider that refuses to send says why by its own list of addresses; the sender is not at fault.
_REFUSED = {
    RejectReason.INVALID: Outcome.BOUNCED_HARD.kind,
    RejectReason.BOUNCED: Outcome.BOUNCED_HARD.kind,
    RejectReason.SPAM: COMPLAINED,
    RejectReason.UNSUBSCRIBED: UNSUBSCRIBED,
    RejectReason.TIMED_OUT: Outcome.BOUNCED_SOFT.kind,
}
# Used where a bounce comes without words of the server that say anything.
_HARD = {"hard_bounce", "HardBounce"}
_BOUNCED = {RejectReason.INVALID: Outcome.BOUNCED_HARD, RejectReason.SPAM: Outcome.REJECTED}


def kind_of(event: AnymailTrackingEvent) -> str | None:
    """Return our kind for a provider's event; None for news that mean nothing here (queued, sent, auto-replies)."""
    if event.event_type == EventType.BOUNCED:
        return _bounce(event).kind
    if event.event_type == EventType.REJECTED:
        return _REFUSED.get(event.reject_reason, Outcome.FAILED.kind)
    return _KINDS.get(event.event_type)


def _bounce(event: AnymailTrackingEvent) -> Outcome:
    """Tell whose fault a bounce is, by the server's words; a provider's own word for it counts where there are none."""
    words = event.mta_response or event.description or ""
    raw = event.esp_event or {}
    told = classify(0, str(raw.get("status", "")), words)
    if told in (Outcome.SENT, Outcome.DEFERRED):  # the provider gave up on what the server called temporary
        return Outcome.BOUNCED_SOFT
    if told is not Outcome.BOUNCED_SOFT or enhanced_status(words):
        return told
    if _HARD & {str(raw.get(name)) for name in ("event", "Type", "type")}:
        return Outcome.BOUNCED_HARD
    return _BOUNCED.get(event.reject_reason, told)


def reason_of(event: AnymailTrackingEvent) -> str:
    """Return why, in the words of the server or the provider, on one line."""
    text = event.mta_response or event.description or event.reject_reason or ""
    return " ".join(str(text).split())[:LONGEST_REASON]
