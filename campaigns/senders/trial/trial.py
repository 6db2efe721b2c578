"""Trying a sender and keeping what was found. Called by the sender's page."""

from datetime import datetime

from campaigns.senders.models import Sender, SenderTrial
from campaigns.senders.trial.conversation import talk
from campaigns.senders.trial.domain import examine
from campaigns.senders.trial.findings import BAD, Finding


def run(sender: Sender, to: str, selector: str, now: datetime) -> SenderTrial:
    """Send a test mail to `to`, ask DNS about the sender's domain, keep and return what was found.

    Takes some ten seconds where a server is silent. The trial before is replaced.
    """
    said, handed_over, by_provider = talk(sender, to)
    found = [*handed_over, *examine(sender.email.rpartition("@")[2], selector, by_provider=by_provider)]
    kept = {
        "at": now,
        "email": sender.email,
        "selector": selector,
        "findings": [finding.stored() for finding in found],
        "conversation": said,
        "passed": not any(finding.tone == BAD for finding in found),
    }
    trial, _new = SenderTrial.objects.update_or_create(sender=sender, defaults=kept)
    return trial


def trial_of(sender: Sender) -> SenderTrial | None:
    """Return the trial of a sender's present address; None when there was none."""
    return SenderTrial.objects.filter(sender=sender, email=sender.email).first()


def findings_of(trial: SenderTrial) -> list[Finding]:
    """Return what a trial found, to be told in the reader's language."""
    return [Finding(code, values) for code, values in trial.findings]
