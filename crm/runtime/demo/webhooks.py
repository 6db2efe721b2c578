"""A webhook of the demo, paused, to an address that belongs to nobody."""

import secrets
from datetime import datetime, timedelta

from contacts.hooks.models import Hook, HookState
from crm.team.models import User

_URL = "https://erp.example.com/onnote/orders"
_KINDS = ["order.placed", "order.refunded"]


def subscribe(by: User, now: datetime) -> None:
    """Set it up; it is told nothing of what the demo begins with, which is recorded at `now`."""
    Hook.objects.create(
        name="ERP 주문 연동", url=_URL, kinds=_KINDS, owner=by, state=HookState.PAUSED,
        salt=secrets.token_hex(16), since=now + timedelta(seconds=1), created_at=now,
    )  # fmt: skip
