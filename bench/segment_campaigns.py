"""Forty campaigns, of which the people of benches opened and clicked mails."""

from datetime import datetime


def campaigns(now: datetime) -> tuple[int, list[int]]:
    """Make forty campaigns with a dispatch each; return the first one's number and the subjects' numbers."""
    from bench.send import _campaign, _chosen
    from campaigns.sending.models import Dispatch
    from contacts.ledger.dictionary import subject_ids

    make = _campaign(_chosen(now), conditional=False)
    campaigns = [make() for _ in range(40)]
    version = campaigns[0].template.versions.get()
    sent = [
        Dispatch.objects.create(campaign=campaign, sender=campaign.sender, template_version=version, state="finished")
        for campaign in campaigns
    ]
    subjects = subject_ids([("dispatch", str(dispatch.pk)) for dispatch in sent])
    return campaigns[0].pk, [subjects["dispatch", str(dispatch.pk)] for dispatch in sent]
