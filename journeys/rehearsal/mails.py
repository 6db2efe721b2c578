"""The mails of a rehearsal: who would get one at a step that mails, who would be left out and why.

Consent and excluded addresses are those of today. The cap counts what the person was really sent before that time, and
what the rehearsal sent her.
"""

from collections import Counter
from datetime import timedelta
from typing import Any

from campaigns.campaign.audience import judged, judging
from campaigns.sending.models import FrequencyCap, LeftOut
from campaigns.templating.models import MailKind, MailTemplate
from contacts.ledger.dictionary import kind_ids
from journeys.engine.batch import Batch

_JUDGE = """
{people}, mails AS (
    SELECT b.contact_id, b.at,
           CASE WHEN p.reason <> '' THEN p.reason WHEN {capped} THEN %(is_capped)s ELSE '' END AS reason
    FROM {rows} b JOIN people p ON p.id = b.contact_id
), sent AS (
    INSERT INTO rehearsal_mail (contact_id, at) SELECT contact_id, at FROM mails WHERE reason = '' AND %(consent)s
)
SELECT reason, count(*) FROM mails GROUP BY reason
"""
_CAPPED = """(
    SELECT count(*) FROM event e WHERE e.contact_id = b.contact_id AND e.kind_id = %(sent)s
      AND e.occurred_at > b.at - %(within)s AND e.occurred_at < b.at
) + (
    SELECT count(*) FROM rehearsal_mail m WHERE m.contact_id = b.contact_id
      AND m.at > b.at - %(within)s AND m.at < b.at
) >= %(most)s"""


def advertises(template: MailTemplate) -> bool:
    """Return whether the template's newest version does; it is what a published step would send."""
    kind = template.versions.order_by("-number").values_list("kind", flat=True).first()
    return (kind or MailKind.ADVERTISING) == MailKind.ADVERTISING


def mails_of(batch: Batch, cap: FrequencyCap | None, *, advertising: bool) -> Counter[tuple[str, str]]:
    """Return how many mails the step would send to the batch, by (step, reason); "" for those that go."""
    limit = cap if advertising else None
    topic = batch.cleaned.get("topic")
    members = f"SELECT DISTINCT contact_id FROM {batch.rows}"  # noqa: S608 - a name of ours
    people = judged(members, capped=False, topic=topic is not None)
    sql = _JUDGE.format(people=people, rows=batch.rows, capped=_CAPPED if limit else "false")
    asked = judging(None, batch.now, advertising=advertising, topic_id=topic.pk if topic else None)
    params = asked | {"is_capped": LeftOut.CAPPED.value} | _limits(limit)
    batch.cursor.execute(sql, params)
    return Counter({(batch.place.key, reason): n for reason, n in batch.cursor.fetchall()})


def _limits(cap: FrequencyCap | None) -> dict[str, Any]:
    if cap is None:
        return {}
    return {"sent": kind_ids(["mail.sent"])["mail.sent"], "within": timedelta(days=cap.days), "most": cap.sends}
