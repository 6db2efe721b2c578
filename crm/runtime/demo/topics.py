"""The topics of OnNote's mails, and who of those who agreed refused some, all after the last mailing of each."""

from datetime import datetime, timedelta
from random import Random

from contacts.consent.record import Proof
from contacts.topics import said
from contacts.topics.models import Topic
from crm.runtime.demo.cast import Cast

_SEED = 20261122  # of its own, so that nothing else of the demo changes with it
# By what each is called in mailings.py: names, descriptions, how many days ago its last mail went, and who refused it.
_TOPICS = {
    "news": (
        ("Product news", "제품 소식", "What is new, once a month.", "매달 새로운 기능을 알려 드립니다."), 19, 0.03
    ),
    "events": (("Events", "행사와 웨비나", "Webinars and fairs.", "웨비나와 전시회 안내입니다."), 3, 0.02),
    "offers": (("Offers", "할인과 혜택", "Discounts of the store.", "스토어의 할인 소식입니다."), 44, 0.06),
}  # fmt: skip
_WORDS = ("name", "name_ko", "description", "description_ko")
_NETWORK = "203.0.113.0"  # a range for documentation


def make() -> dict[str, Topic]:
    """Make the topics and return them by key."""
    return {
        key: Topic.objects.create(**dict(zip(_WORDS, words, strict=True)), position=position)
        for position, (key, (words, _days, _share)) in enumerate(_TOPICS.items(), start=1)
    }


def refuse(cast: Cast, topics: dict[str, Topic], now: datetime) -> None:
    """Record who refused what, each with its proof."""
    rng = Random(_SEED)  # noqa: S311 - the same data every time is the point
    agreed = [persona for persona in cast.personas if persona.agreed_at]
    for key, (words, days, share) in _TOPICS.items():
        proof = Proof("preference page", wording=words[1], ip_prefix=_NETWORK)
        last = now - timedelta(days=days - 1)
        for persona in agreed:
            start = max(persona.agreed_at or last, last)
            at = start + (now - start) * rng.uniform(0.05, 0.95)
            if rng.random() < share:
                said.record([persona.contact.pk], {topics[key].pk: False}, at=at, proof=proof, now=now)
