"""Notes of the demo: what reps wrote after calls (story.py), colleagues' questions of today, insights on companies."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from contacts.ledger.append import NewEvent
from contacts.notes.models import Note, NoteMention
from contacts.notes.writing import news_of
from contacts.people.models import Account
from contacts.stages.choice import stages_in_use
from crm.runtime.demo.cast import Cast, Persona
from crm.team.models import Role, User
from crm.team.notices import tell

# Who asks whom, how many hours ago, and what; each is on another of the first rep's people.
_QUESTIONS: tuple[tuple[Role, Role, int, str], ...] = (
    (Role.MARKETER, Role.SALES_REP, 3, "@{} 님, 요금제 페이지를 다시 보셨어요. 이번 주에 전화 한번 부탁드립니다."),
    (Role.SALES_REP, Role.MARKETER, 7, "@{} 님, 보안 자료 최신본 있을까요? 다음 주 화요일까지 달라고 하십니다."),
    (Role.SALES_REP, Role.CUSTOMER_SUCCESS, 20, "@{} 님, 계약 직전입니다. 첫 주 온보딩 일정 잡아 주세요."),
    (Role.CUSTOMER_SUCCESS, Role.ADMIN, 26, "@{} 님, 이 고객사는 워크스페이스를 하나로 합치고 싶어 하십니다."),
)
# On which company, how many days ago, by whom, at which stage it is an insight, and what.
_ON_ACCOUNTS: tuple[tuple[int, int, Role, str, str], ...] = (
    (0, 12, Role.SALES_REP, "", "총무팀이 결재선을 바꾸는 중. 갱신 견적은 본사로 보내기."),
    (0, 30, Role.CUSTOMER_SUCCESS, "retain", "팀장이 회의록을 공유한 팀은 한 달 뒤에도 모두 남아 있음."),
    (4, 9, Role.MARKETER, "convert", "보안 검토가 끝나야 구매팀이 움직임. 자료를 먼저 보낼 것."),
)


def write(notes: Sequence[Note]) -> list[NewEvent]:
    """Store notes on people and return their events."""
    Note.objects.bulk_create(notes)
    return list(_told(notes))


def ask(cast: Cast, now: datetime) -> list[NewEvent]:
    """Store the questions, of which nobody asked has seen hers yet, and return their events. No mail leaves."""
    (rep, *_others) = cast.team[Role.SALES_REP]
    asked = zip(_QUESTIONS, _leads(cast, rep), strict=False)
    notes = [_question(cast, question, persona, now) for question, persona in asked]
    told = write(notes)
    meant = [cast.team[whom][0] for _who, whom, _hours, _text in _QUESTIONS[: len(notes)]]
    NoteMention.objects.bulk_create(NoteMention(note=note, user=user) for note, user in zip(notes, meant, strict=True))
    for note, user in zip(notes, meant, strict=True):
        assert note.by  # each has its author
        tell([news_of(note, user, note.by)], by_mail=False, now=note.at)
    return told


def on_accounts(cast: Cast, now: datetime) -> None:
    """Store what colleagues wrote about companies."""
    accounts, stages = list(Account.objects.order_by("pk")), {stage.key: stage for stage in stages_in_use()}
    Note.objects.bulk_create(
        Note(account=accounts[place], stage=stages.get(key), text=text, by=cast.team[by][0],
             at=now - timedelta(days=days))
        for place, days, by, key, text in _ON_ACCOUNTS
    )  # fmt: skip


def _leads(cast: Cast, rep: User) -> list[Persona]:
    """Return the rep's people at work whom one talks about, the longest known first."""
    mine = [persona for persona in cast.personas if persona.contact.owner_id == rep.pk and persona.reached >= 2]
    return sorted(mine, key=lambda persona: (persona.born, persona.contact.pk))


def _question(cast: Cast, question: tuple[Role, Role, int, str], persona: Persona, now: datetime) -> Note:
    who, whom, hours, text = question
    by, named = cast.team[who][0], cast.team[whom][0].name
    return Note(contact=persona.contact, text=text.format(named), by=by, at=now - timedelta(hours=hours))


def _told(notes: Sequence[Note]) -> Iterator[NewEvent]:
    for note in notes:
        assert note.contact_id  # those on companies are told to nobody
        facts = {"note": note.pk, "by": note.by_id}
        yield NewEvent(note.contact_id, "note.added", note.at, properties=facts)
