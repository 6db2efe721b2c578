"""Forgetting the personal data of old imports: refused rows, samples, and files nobody imported. Run every night."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q

from contacts.imports import jobs, undo
from contacts.imports.models import ImportJob, Step
from crm.kit.work import WorkState

_SLICE = 10_000  # rows changed in one transaction
GONE = "…"
# Codes whose value is a number of the file, and tells nothing of a person.
_HARMLESS = ["duplicate", "too_few_cells", "too_many_cells", "cell_too_long", "too_long"]
_REFUSALS = """
UPDATE contacts_importrefusal SET "row" = '', value = CASE WHEN value = '' OR code = ANY(%s) THEN value ELSE %s END
WHERE id = ANY(ARRAY(
    SELECT r.id FROM contacts_importrefusal r JOIN contacts_importjob j ON j.id = r.job_id
    WHERE j.finished_at < %s AND (r."row" <> '' OR NOT (r.value IN ('', %s) OR r.code = ANY(%s))) LIMIT %s
))
"""
_SAMPLES = """
UPDATE contacts_importjob SET preview = preview - 'new_sample' - 'changed_sample'
WHERE finished_at < %s AND preview ?| ARRAY['new_sample', 'changed_sample']
"""


def forget(now: datetime) -> int:
    """Forget what imports older than IMPORT_DAYS keep of people, and return how many refused rows were emptied.

    Their line, reason and number stay. An import that nobody went on with for so long is cancelled, its file deleted.
    """
    before = now - timedelta(days=settings.IMPORT_DAYS)
    waiting = Q(step__in=[Step.UPLOADED, Step.CHECKED], state=WorkState.DONE) | Q(state=WorkState.FAILED)
    for job in ImportJob.objects.filter(waiting, created_at__lt=before, finished_at=None):
        jobs.cancel(job, now=now)
    undo.forget(now)
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLES, [before])
        emptied = 0
        while True:
            cursor.execute(_REFUSALS, [_HARMLESS, GONE, before, GONE, _HARMLESS, _SLICE])
            emptied += int(cursor.rowcount)
            if cursor.rowcount < _SLICE:
                return emptied
