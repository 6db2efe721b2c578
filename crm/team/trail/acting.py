"""Who acts right now, and from where: told to PostgreSQL's session, where the trail's triggers read it.

Entered by the middleware for each request that may change something, by the API's log-in, and by jobs that act for
somebody. Outside of it nothing is recorded but what `record` is told and what happens to users and the company.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection

from crm.team.models import User
from crm.team.trail.models import Door

SETTING = "wayfare.trail"


@dataclass(frozen=True)
class Actor:
    """Somebody, at a door. `network` is truncated; `through` names the API token, `place` the page."""

    user: User | None
    door: Door
    place: str = ""
    network: str = ""
    through: str = ""

    def as_json(self) -> str:
        """Return what the triggers read."""
        return json.dumps(
            {
                "by": self.user.pk if self.user else None,
                "door": self.door,
                "place": self.place[:80],
                "network": self.network,
                "through": self.through[:80],
            }
        )


_NOBODY = Actor(None, Door.SYSTEM)
_actor: ContextVar[Actor] = ContextVar("trail actor", default=_NOBODY)


def actor() -> Actor:
    """Return who acts; the system when nobody was said."""
    return _actor.get()


def begin(who: Actor) -> None:
    """Say who acts on this connection until `end`; a later call replaces an earlier one."""
    _actor.set(who)
    _tell(who.as_json())


def end() -> None:
    """Say that nobody acts any more. A repeat is harmless and asks the database nothing."""
    if _actor.get() is not _NOBODY:
        _actor.set(_NOBODY)
        _tell("")


@contextmanager
def acting(who: Actor) -> Iterator[None]:
    """Act as `who` within the block, and as before it afterwards."""
    before = actor()
    begin(who)
    try:
        yield
    finally:
        if before is _NOBODY:
            end()
        else:
            begin(before)


@contextmanager
def in_one_entry() -> Iterator[None]:
    """Record no single rows within the block: its caller changes very many, and records that once."""
    if actor() is _NOBODY:
        yield
        return
    _tell("")
    try:
        yield
    finally:
        _tell(actor().as_json())


def _tell(text: str) -> None:
    if connection.needs_rollback:
        return  # the rollback takes the setting back with everything else
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [SETTING, text])
