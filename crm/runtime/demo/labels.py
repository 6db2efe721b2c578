"""Tags and lists of the demo's people."""

from collections.abc import Iterator
from datetime import datetime
from random import Random

from contacts.ledger.append import NewEvent
from contacts.lists.models import ContactTag, FixedList, ListMember, Tag
from crm.runtime.demo.cast import Cast, Persona
from crm.runtime.demo.company import Furniture


def put_on(rng: Random, cast: Cast, has: Furniture) -> list[NewEvent]:
    """Tag people, put them on lists, and return the events of it."""
    worn, joined = [], []
    for persona in cast.personas:
        at = persona.moves[-1][1]
        worn += [(has.tags[name], persona, at) for name in _tags(rng, persona)]
        joined += [(has.lists[key], persona, at) for key in _lists(rng, persona)]
    ContactTag.objects.bulk_create(ContactTag(tag=tag, contact=p.contact, at=at) for tag, p, at in worn)
    ListMember.objects.bulk_create(ListMember(fixed_list=row, contact=p.contact, at=at) for row, p, at in joined)
    return [_event("tag.added", "tag", *row) for row in worn] + [_event("list.joined", "list", *row) for row in joined]


def _event(kind: str, noun: str, row: Tag | FixedList, persona: Persona, at: datetime) -> NewEvent:
    return NewEvent(persona.contact.pk, kind, at, subject=(noun, str(row.pk)), properties={"name": row.name})


def _tags(rng: Random, persona: Persona) -> Iterator[str]:
    if persona.channel.source == "스마트워크 엑스포":
        yield "스마트워크 엑스포"
    if persona.channel.source == "지인 추천":
        yield "추천인"
    if persona.reached == 4:
        yield "VIP" if rng.random() < 0.5 else "재구매"
        if rng.random() < 0.4:
            yield "리뷰 작성"
    if persona.kind == "shopper" and rng.random() < 0.05:
        yield "학생"
    if persona.kind == "staff" and rng.random() < 0.03:
        yield rng.choice(("파트너", "언론"))


def _lists(rng: Random, persona: Persona) -> Iterator[str]:
    if persona.contact.email is None:
        return
    if persona.channel.source == "스마트워크 엑스포":
        yield "expo"
    if persona.reached == 4 and rng.random() < 0.6:
        yield "vip"
    if persona.kind == "staff" and rng.random() < 0.2:
        yield "webinar"
    if rng.random() < 0.006:
        yield "press"
