"""What can be wrong with a campaign; shown by pages, the API and the scheduler."""

from dataclasses import dataclass

from campaigns.campaign.models import Campaign


class CampaignError(Exception):
    """Base of all refusals; nothing was changed."""


class WrongState(CampaignError):
    """The verb has no arrow from the state the campaign is in (docs/sending.md)."""

    def __init__(self, campaign: Campaign, verb: str) -> None:
        super().__init__(f'campaign {campaign.pk}: cannot {verb} while it is "{campaign.state}"')
        self.campaign = campaign
        self.verb = verb


class StaleCampaign(CampaignError):
    """Somebody saved the campaign since this edit began; `current` is what stands now."""

    def __init__(self, current: Campaign) -> None:
        super().__init__(f"campaign {current.pk} was saved by somebody else")
        self.current = current


@dataclass(frozen=True)
class Problem:
    """One thing that stands in the way of a launch: a stable code, and a sentence that says what to do."""

    code: str
    message: str


class LaunchRefused(CampaignError):
    """The campaign must not be launched; the user must put the problems right."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems
