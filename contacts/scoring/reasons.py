"""Why a person has her score, in plain words with dates: for the rep's list and the contact page."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext

from contacts.scoring.decay import kept
from contacts.scoring.models import ScoreEntry, ScoreModel

_SHOWN = 3
_LOOK_BACK = timedelta(days=90)

# What each rule or given reason brought each person, faded to now; grouped, so that "three times" reads as one.
_REASONS = """
WITH given AS (
    SELECT contact_id, rule_id, reason, count(*) AS times, max(occurred_at) AS last_at,
        sum(points * 2::float8 ^ (extract(epoch FROM occurred_at - %s)::float8 / 86400 / %s)) AS points
    FROM contacts_scoreentry
    WHERE contact_id = ANY(%s) AND model_id = %s AND occurred_at > %s AND points > 0
    GROUP BY contact_id, rule_id, reason
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY contact_id ORDER BY points DESC, coalesce(rule_id, 0), reason) AS place
    FROM given
)
SELECT contact_id, coalesce(r.name, ''), times, last_at, ranked.points, reason
FROM ranked LEFT JOIN contacts_scorerule AS r ON r.id = rule_id
WHERE place <= %s AND (rule_id IS NULL OR r.id IS NOT NULL) ORDER BY contact_id, place
"""


@dataclass(frozen=True)
class Reason:
    """What warmed a person, a rule or points given for a reason: how often, when last, and what is left of it."""

    rule: str
    times: int
    last_at: datetime
    points: float
    given: str = ""  # the reason as it was written, where no rule gave the points

    def sentence(self, now: datetime) -> str:
        """Return it as the reader says it: “Viewed pricing 3 times, last yesterday”."""
        pattern = ngettext("%(what)s, %(when)s", "%(what)s %(times)d times, last %(when)s", self.times)
        return pattern % {
            "what": self.given or gettext(self.rule),
            "times": self.times,
            "when": day_in_words(self.last_at, now),
        }


def reasons_for(contact_ids: Collection[int], model: ScoreModel, now: datetime) -> dict[int, list[Reason]]:
    """Return up to three reasons per person, the strongest now first; people without points are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_REASONS, [now, model.half_life, list(contact_ids), model.pk, now - _LOOK_BACK, _SHOWN])
        found: dict[int, list[Reason]] = defaultdict(list)
        for contact_id, *reason in cursor.fetchall():
            found[contact_id].append(Reason(*reason))
    return dict(found)


def reasons_in(entries: Iterable[ScoreEntry], model: ScoreModel, now: datetime) -> list[Reason]:
    """Return the same for one person whose entries (with rules) are known, without a query."""
    by_rule: dict[tuple[int, str], list[ScoreEntry]] = defaultdict(list)
    for entry in entries:
        if entry.points > 0 and entry.occurred_at > now - _LOOK_BACK:
            by_rule[entry.rule_id or 0, entry.reason].append(entry)
    ordered = sorted(by_rule.items(), key=lambda given: (-_left(given[1], model, now), given[0]))
    return [
        Reason(_rule(own[0]), len(own), max(entry.occurred_at for entry in own), _left(own, model, now), given)
        for (_number, given), own in ordered[:_SHOWN]
    ]


def _rule(entry: ScoreEntry) -> str:
    return entry.rule.name if entry.rule else ""


def _left(entries: Iterable[ScoreEntry], model: ScoreModel, now: datetime) -> float:
    return sum(kept(each.points, each.occurred_at, anchor=now, half_life=model.half_life) for each in entries)


def day_in_words(at: datetime, now: datetime) -> str:
    """Return the day of `at` in the reader's time zone: today, yesterday, n days ago, or its date."""
    days = (timezone.localdate(now) - timezone.localdate(at)).days
    if days <= 0:
        return gettext("today")
    if days == 1:
        return gettext("yesterday")
    if days < 7:
        return ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days}
    return formats.date_format(timezone.localtime(at), "MONTH_DAY_FORMAT")
