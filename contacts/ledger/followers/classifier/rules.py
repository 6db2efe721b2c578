"""The rules by which the hits on one mail are judged. Pure, in event time: the same hits give the same verdicts.

A hit that alone proves nothing is a person's; soon after the hand-over it waits, since a scanner that follows all
links shows itself only some seconds later. Whatever is learnt later changes verdicts, and the changes are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contacts.ledger.followers.classifier.agents import is_image_proxy, is_scanner

IMPOSSIBLE = timedelta(seconds=2)  # nobody gets, opens and clicks a mail within this of its hand-over
SOON = timedelta(seconds=60)  # scanners work within this
WAIT = timedelta(seconds=20)  # how long a soon hit waits for what else comes
AT_ONCE = timedelta(seconds=5)  # clicks on many links within this are no person's
MANY_LINKS = 3
AFTER_TRAP = timedelta(seconds=30)  # around a hit on the hidden link everything is a machine's
HONEYPOT = "0"  # the number of the link that no person can see


class Verdict(StrEnum):
    """What a hit is taken for."""

    HUMAN = "human"
    MACHINE = "machine"
    WAITING = "waiting"


@dataclass(frozen=True)
class Hit:
    """One raw hit: `link` is "" for an opening; `links` is how many the mail has, 0 when unknown."""

    id: int
    at: datetime
    link: str = ""
    method: str = "GET"
    agent: str = ""
    proxy: str = ""
    links: int = 0

    @property
    def is_click(self) -> bool:
        """Tell a click from an opening."""
        return bool(self.link)


def judge(hits: Sequence[Hit], sent_at: datetime | None, now: datetime) -> dict[int, Verdict]:
    """Return a verdict for each hit of one mail. `sent_at`: its hand-over, None when it is unknown or long past."""
    return {hit.id: _judge(hit, hits, sent_at, now) for hit in hits}


def _judge(hit: Hit, hits: Sequence[Hit], sent_at: datetime | None, now: datetime) -> Verdict:
    if _shows_itself(hit) or _near_a_trap(hit, hits) or _among_many(hit, hits):
        return Verdict.MACHINE
    after = hit.at - sent_at if sent_at is not None else None
    if after is not None and after < IMPOSSIBLE:
        return Verdict.MACHINE
    if after is not None and after < SOON and now < hit.at + WAIT:
        return Verdict.WAITING
    return Verdict.HUMAN


def _shows_itself(hit: Hit) -> bool:
    """Tell whether the hit alone proves a machine: HEAD, the hidden link, a known program, a privacy proxy."""
    if hit.method == "HEAD" or hit.link == HONEYPOT or is_scanner(hit.agent):
        return True
    return not hit.is_click and (bool(hit.proxy) or is_image_proxy(hit.agent))


def _near_a_trap(hit: Hit, hits: Sequence[Hit]) -> bool:
    return any(other.link == HONEYPOT and abs(other.at - hit.at) <= AFTER_TRAP for other in hits)


def _among_many(hit: Hit, hits: Sequence[Hit]) -> bool:
    """Tell whether the click is one of a run over many links, or over all links of the mail, at once."""
    if not hit.is_click:
        return False
    links = {other.link for other in hits if other.is_click and abs(other.at - hit.at) <= AT_ONCE}
    return len(links) >= MANY_LINKS or 2 <= hit.links <= len(links)
