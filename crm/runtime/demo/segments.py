"""Segments of the demo, made from the templates that every team needs; the install's workers count them."""

from datetime import datetime

from django.utils import translation

from contacts.segments import saving
from contacts.segments.starters import STARTERS
from crm.team.models import User

_KEYS = ("active", "customers", "bought-again", "at-risk", "cart-left", "hot-without-owner")


def make(by: User, now: datetime) -> None:
    """Make them with names in the company's language."""
    with translation.override("ko"):
        for key in _KEYS:
            starter = STARTERS[key]
            draft = saving.Draft(str(starter.name), str(starter.description), starter.definition)
            saving.create(draft, by=by, now=now)
