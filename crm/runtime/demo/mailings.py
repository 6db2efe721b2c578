"""The mails that OnNote sent in the last six months: finished campaigns with recipients, opens, clicks and opt-outs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from campaigns.campaign.models import Campaign, CampaignState
from campaigns.senders.models import Sender
from campaigns.sending.models import Dispatch, DispatchState, Link, Message
from campaigns.templating.models import MailTemplate
from campaigns.templating.starters import ensure_starters
from campaigns.templating.versions import current_version
from contacts.consent.models import Suppression, SuppressionReason
from contacts.ledger.append import NewEvent
from contacts.topics.models import Topic
from crm.runtime.demo.cast import Cast, Persona
from crm.runtime.demo.company import ADDRESS, HOST, PHONE, SITE
from crm.team.models import User


@dataclass(frozen=True)
class _Issue:
    """One mailing: how many days ago, its name and subject, which starter, and to whom."""

    days_ago: int
    name: str
    subject: str
    starter: str
    to: str  # everyone, shopper or staff
    opened: float
    topic: str = ""  # a key of topics.py


_ISSUES = (
    _Issue(160, "뉴스레터 6월호", "6월의 온노트: 여름 업데이트", "newsletter", "everyone", 0.34, "news"),
    _Issue(131, "온펜 여름 할인", "온펜 전 상품 20% 할인, 일요일까지", "offer", "shopper", 0.29, "offers"),
    _Issue(98, "뉴스레터 8월호", "8월의 온노트: 템플릿 30개 추가", "newsletter", "everyone", 0.31, "news"),
    _Issue(66, "신규 고객 환영", "온노트에 오신 것을 환영합니다", "welcome", "staff", 0.52),
    _Issue(44, "추석 선물 제안", "추석 선물, 각인은 무료입니다", "offer", "shopper", 0.33, "offers"),
    _Issue(19, "뉴스레터 11월호", "11월의 온노트: 회의록 자동 요약", "newsletter", "everyone", 0.36, "news"),
    _Issue(3, "웨비나 초대", "회의 문화 바꾸기 웨비나에 초대합니다", "newsletter", "staff", 0.47, "events"),
)
_LINKS = ((1, "/product", "제품 소개"), (2, "/shop", "온노트 스토어"), (3, "/pricing", "요금제"))


def send(rng: Random, cast: Cast, by: User, topics: Mapping[str, Topic], now: datetime) -> list[NewEvent]:
    """Make the campaigns with all they left behind, and return their events."""
    ensure_starters(now, HOST)
    sender = Sender.objects.create(
        name="온노트", email="hello@onnote.example", organisation="주식회사 온노트", phone=PHONE,
        postal_address=ADDRESS, verified_at=now - timedelta(days=170),
    )  # fmt: skip
    templates = {row.starter: row for row in MailTemplate.objects.exclude(starter="")}
    events: list[NewEvent] = []
    gone: set[int] = set()
    for issue in _ISSUES:
        post = _Post(rng, issue, sender, templates[issue.starter], gone)
        post.topic = topics.get(issue.topic)
        events += post.out(cast, by, now)
    return events


class _Post:
    """One mailing on its way."""

    topic: Topic | None = None

    def __init__(self, rng: Random, issue: _Issue, sender: Sender, template: MailTemplate, gone: set[int]) -> None:
        self.rng, self.issue, self.sender, self.template, self.gone = rng, issue, sender, template, gone

    def out(self, cast: Cast, by: User, now: datetime) -> list[NewEvent]:
        """Store campaign, dispatch, links and messages; return what happened to them."""
        at = (now - timedelta(days=self.issue.days_ago)).replace(hour=1, minute=0, second=0, microsecond=0)
        dispatch = self._dispatch(at, by)
        people = [p for p in cast.personas if self._gets_it(p, at)]
        messages = Message.objects.bulk_create(
            [
                Message(dispatch=dispatch, contact_id=p.contact.pk, ordinal=place, email=p.contact.email or "")
                for place, p in enumerate(people, start=1)
            ],
            batch_size=2000,
        )
        Dispatch.objects.filter(pk=dispatch.pk).update(size=len(people), frozen_to=max(p.contact.pk for p in people))
        found = [
            self._told(dispatch, message, person, at, now) for message, person in zip(messages, people, strict=True)
        ]
        return [event for events in found for event in events]

    def _dispatch(self, at: datetime, by: User) -> Dispatch:
        version = current_version(self.template)
        assert version is not None  # ensure_starters makes one
        campaign = Campaign.objects.create(
            name=self.issue.name, sender=self.sender, template=self.template, subject=self.issue.subject,
            topic=self.topic,
            state=CampaignState.FINISHED, launched_at=at, launched_by=by, created_by=by, created_at=at,
        )  # fmt: skip
        dispatch = Dispatch.objects.create(
            campaign=campaign, sender=self.sender, template_version=version, subject=self.issue.subject,
            topic=self.topic,
            state=DispatchState.FINISHED, created_at=at, frozen_at=at, finished_at=at + timedelta(minutes=2),
        )  # fmt: skip
        Link.objects.bulk_create(
            Link(dispatch=dispatch, number=number, url=SITE + path, label=label) for number, path, label in _LINKS
        )
        return dispatch

    def _gets_it(self, persona: Persona, at: datetime) -> bool:
        wanted = self.issue.to in ("everyone", persona.kind)
        return wanted and persona.contact.pk not in self.gone and persona.may_be_mailed(at)

    def _told(
        self, dispatch: Dispatch, message: Message, persona: Persona, at: datetime, now: datetime
    ) -> list[NewEvent]:
        rng, subject = self.rng, ("dispatch", str(dispatch.pk))
        facts = {"message": message.pk, "mail": self.issue.subject}
        sent = at + timedelta(seconds=rng.random() * 100)

        def event(kind: str, when: datetime, **more: object) -> NewEvent:
            return NewEvent(persona.contact.pk, kind, when, subject=subject, properties={**facts, **more})

        told = [event("mail.sent", sent)]
        if rng.random() < 0.002:
            self._bounce(persona, sent)
            return [*told, event("mail.bounced_hard", sent + timedelta(seconds=4), reason="550 5.1.1 User unknown")]
        if not persona.tracked or rng.random() > self.issue.opened * (1.25 if persona.heat else 0.85):
            return told
        opened = sent + timedelta(minutes=rng.expovariate(1 / 240))
        told.append(event("mail.opened", opened))
        if rng.random() < 0.27:
            number, path, label = rng.choice(_LINKS)
            clicked = opened + timedelta(seconds=rng.randint(6, 90))
            told.append(event("mail.clicked", clicked, link=number, label=label))
            visit = {"path": path, "url": f"{SITE}{path}?utm_source=newsletter&utm_medium=email", "title": label}
            told.append(NewEvent(persona.contact.pk, "page.viewed", clicked, subject=("page", path), properties=visit))
        if persona.refused_at is None and rng.random() < 0.012:
            persona.refused_at = opened + timedelta(seconds=40)
            told.append(event("mail.unsubscribed", persona.refused_at))
        return [event for event in told if event.occurred_at < now]

    def _bounce(self, persona: Persona, at: datetime) -> None:
        self.gone.add(persona.contact.pk)
        Suppression.objects.get_or_create(
            email_key=persona.contact.email_key,
            defaults={"reason": SuppressionReason.HARD_BOUNCE, "detail": "550 5.1.1 User unknown", "at": at},
        )
