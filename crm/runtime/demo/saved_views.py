"""Views of the list of people that the demo's team has saved."""

from datetime import datetime
from urllib.parse import urlencode

from django.http import QueryDict

from crm.runtime.demo.company import Furniture
from crm.team.models import Role, User
from crm.team.saved_views import keeping

PAGE = "people"


def save(team: dict[Role, list[User]], has: Furniture, now: datetime) -> None:
    """Save them: two that everybody sees, and one of the first rep's own."""
    (marketer,), (rep, *_others) = team[Role.MARKETER], team[Role.SALES_REP]
    expo = has.lists["expo"].pk
    _save(marketer, "담당자 없는 엑스포 방문자", {"list": expo, "owner": "none", "sort": "-seen"}, now, shared=True)
    _save(
        marketer, "수신 동의한 VIP", {"tag": has.tags["VIP"].pk, "consent": "marketing.email.granted"}, now, shared=True
    )
    _save(rep, "내 고객, 최근 방문순", {"owner": "me", "sort": "-seen"}, now, shared=False)


def _save(by: User, name: str, query: dict[str, object], now: datetime, *, shared: bool) -> None:
    keeping.save(by, PAGE, name, QueryDict(urlencode(query)), shared=shared, now=now)
