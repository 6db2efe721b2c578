"""How many requests a token may make: counted in the database, so that it holds over all web processes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from crm.api.problems import Refusal
from crm.team.throttle import COUNT_ONE

WINDOW = timedelta(minutes=1)


@dataclass(frozen=True)
class Pace:
    """Where an asker stands in the running minute: requests allowed, left, and whole seconds to the next one."""

    limit: int
    left: int
    seconds: int

    def headers(self) -> dict[str, str]:
        """Return them as the answer tells them."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.seconds),
        }


def take(asker: str, now: datetime) -> Pace:
    """Count one request of `asker` and return where it stands. Raises Refusal when there were too many."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ONE, {"key": f"api:{asker}", "now": now, "cutoff": now - WINDOW})
        tries, since = cursor.fetchone()
    seconds = max(1, round((since + WINDOW - now).total_seconds()))
    limit = int(settings.API_RATE)
    pace = Pace(limit, max(0, limit - tries), seconds)
    if tries > limit:
        text = _("At most %(limit)d requests a minute. Wait %(seconds)d seconds.")
        said = text % {"limit": limit, "seconds": seconds}
        raise Refusal("too-many-requests", said, headers=pace.headers() | {"Retry-After": str(seconds)})
    return pace
