"""The mails of a rehearsal: who would get one at a step that mails, who would be left out and why.

Consent and excluded addresses are those of today. The cap counts what the person was really sent before that time, and
what the rehearsal sent her.
"""

from collections import Counter
from datetime import timedelta

from campaigns.campaign.audience import audience_in
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


def mails_of(batch: Batch, cap: FrequencyCap | None) -> Counter[tuple[str, str]]:
    """Return how many mails the step would send to the batch, by (step, reason); "" for those that go."""
    advertising = _kind(batch.cleaned["template"]) == MailKind.ADVERTISING
    audience = audience_in(batch.rows, advertising=advertising, cap=None, now=batch.now)
    limit = cap if advertising else None
    sql = _JUDGE.format(people=audience.with_people(), rows=batch.rows, capped=_CAPPED if limit else "false")
    batch.cursor.execute(sql, audience.params(is_capped=LeftOut.CAPPED.value, **_limits(limit)))
    return Counter({(batch.place.key, reason): n for reason, n in batch.cursor.fetchall()})


def _limits(cap: FrequencyCap | None) -> dict[str, object]:
    if cap is None:
        return {}
    return {"sent": kind_ids(["mail.sent"])["mail.sent"], "within": timedelta(days=cap.days), "most": cap.sends}


def _kind(template: MailTemplate) -> str:
    """Return what the template's newest version is; the one a published step would send."""
    return template.versions.order_by("-number").values_list("kind", flat=True).first() or MailKind.ADVERTISING
