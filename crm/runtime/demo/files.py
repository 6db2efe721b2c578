"""Two files that the demo's rep keeps with his people: a quote as a workbook, and what was said in a meeting."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import xlsxwriter  # type: ignore[import-untyped]
from django.core.files.base import ContentFile

from contacts.files.kinds import kind_of
from contacts.files.models import KeptFile
from contacts.ledger.append import NewEvent
from crm.runtime.demo.cast import Cast, Persona
from crm.team.models import Role, User

_QUOTE = (("항목", "수량", "단가", "금액"), ("온노트 Business (1인, 1년)", 30, 168_000, 5_040_000),
          ("온보딩 교육 (2시간)", 1, 300_000, 300_000), ("합계", "", "", 5_340_000))  # fmt: skip
_MEETING = """온노트 도입 미팅

- 참석: 총무팀 2명, 개발팀 1명
- 기존 회의록은 공유 폴더에 흩어져 있음
- 시범 사용: 20명, 4주
- 다음: 보안 점검표를 보내고 12월 첫 주에 다시 만나기
"""


def keep(cast: Cast, now: datetime) -> list[NewEvent]:
    """Keep them with two of the rep's customers and return their events."""
    (rep, *_others) = cast.team[Role.SALES_REP]
    first, second = [row for row in cast.personas if row.contact.owner_id == rep.pk and row.reached >= 3][:2]
    return [
        _kept("온노트_도입_견적.xlsx", _workbook(now), first, rep, now - timedelta(days=4)),
        _kept("도입_미팅_메모.txt", _MEETING.encode(), second, rep, now - timedelta(days=2)),
    ]


def _kept(name: str, content: bytes, persona: Persona, by: User, at: datetime) -> NewEvent:
    row = KeptFile(contact=persona.contact, name=name, type=kind_of(name, content).type, size=len(content), at=at)
    row.by = by
    row.stored.save(name, ContentFile(content), save=False)
    row.save()
    return NewEvent(persona.contact.pk, "file.added", at, properties={"file": row.pk, "by": by.pk})


def _workbook(now: datetime) -> bytes:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"title": "온노트 도입 견적", "created": now.astimezone(UTC).replace(tzinfo=None)})
        sheet = book.add_worksheet("견적")
        sheet.set_column(0, 0, 32)
        for place, row in enumerate(_QUOTE):
            sheet.write_row(place, 0, row)
    return buffer.getvalue()
