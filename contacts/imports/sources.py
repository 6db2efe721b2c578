"""Imports from an address, again and again: fetched through the one door, with the choices of an earlier import.

A file that has not changed (ETag) is not read. Whoever set it up is told of a failure; after some in a row it is off.
"""

import logging
import re
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core.files import File
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from contacts.imports import jobs
from contacts.imports.errors import BadPlan, ImportProblem
from contacts.imports.models import Every, ImportJob, ImportSource, Step
from contacts.imports.plan import Plan
from crm.kit import outgoing
from crm.kit.outgoing import CallFailed
from crm.kit.sealing import BrokenSeal, seal, unseal
from crm.kit.work import WorkState
from crm.team import notices
from crm.team.models import User
from crm.team.notices import News
from crm.team.permissions import Action, may

MOST_BYTES = 200 * 2**20
MOST_FAILURES = 5
SEALED_FOR = "import source"
LEASE = 600.0  # seconds: longer than a fetch may last
_PAUSE = {Every.HOUR: timedelta(hours=1), Every.DAY: timedelta(days=1), Every.WEEK: timedelta(weeks=1)}
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,79}")
_UNCHANGED, _OK = 304, 200
log = logging.getLogger(__name__)


def repeat(
    job: ImportJob, user: User, *, url: str, every: str, header_name: str = "", header_value: str = "", now: datetime
) -> ImportSource:
    """Have a file fetched from `url` and imported as `job` was, from now on. Raises BadPlan; nothing is changed."""
    if job.step != Step.FINISHED:
        raise BadPlan(_("Only a finished import can be repeated."))
    try:
        outgoing.read_url(url)
    except CallFailed as error:
        raise BadPlan(str(error)) from error
    if bool(header_name) != bool(header_value) or (header_name and not _HEADER.fullmatch(header_name)):
        raise BadPlan(_("A header has a name and a value."))
    if not header_value.isascii() or (not header_value.isprintable() and header_value):
        raise BadPlan(_("The value of a header has no line breaks, and Latin letters only."))
    return ImportSource.objects.create(
        url=url, every=Every(every), kind=job.kind, plan=job.plan, header=job.header, created_by=user, due_at=now,
        header_name=header_name, header_value=seal(header_value, SEALED_FOR),
    )  # fmt: skip


def switch(source: ImportSource, *, on: bool, now: datetime) -> None:
    """Switch it on, to be fetched at once, or off. A repeat is harmless."""
    state = WorkState.READY if on else WorkState.CANCELLED
    values = {"state": state, "due_at": now, "failures": 0, "last_error": "", "lease_until": None, "attempts": 0}
    ImportSource.objects.filter(pk=source.pk).update(**values)
    source.refresh_from_db()


def fetch_due(now: datetime) -> bool:
    """Fetch one file that is due, have it imported, and return whether there was one."""
    claimed = ImportSource.claim(now, seconds=LEASE)
    if not claimed:
        return False
    (source,) = claimed
    try:
        with translation.override(source.created_by.language or None):
            tag = _fetch(source, now)
    except (CallFailed, ImportProblem) as error:
        _failed(source, str(error), now)
    else:
        source.retry(now + _PAUSE[Every(source.every)], attempts=0, failures=0, tag=tag, fetched_at=now)
    return True


def _fetch(source: ImportSource, now: datetime) -> str:
    """Fetch the file and start its import; return the tag under which it stood."""
    user = source.created_by
    if not user.is_active or not may(user, Action.CONTACT_IMPORT):
        raise BadPlan(_("Whoever set this up may no longer import."))
    headers = {source.header_name: _header_value(source)} if source.header_name else {}
    if source.tag:
        headers["If-None-Match"] = source.tag
    with tempfile.TemporaryFile() as file:
        got = outgoing.fetch(source.url, headers, file, most=MOST_BYTES)
        if got.status == _UNCHANGED:
            return source.tag
        if got.status != _OK:
            raise CallFailed(_("The address answered with %(status)d.") % {"status": got.status})
        _import(source, File(file, "fetched"), now)
    return got.tag


def _header_value(source: ImportSource) -> str:
    try:
        return unseal(source.header_value, SEALED_FOR)
    except BrokenSeal as error:
        raise BadPlan(_("The secret of the header can no longer be read. Set the import up again with it.")) from error


def _import(source: ImportSource, file: File, now: datetime) -> None:  # type: ignore[type-arg]
    name = urlsplit(source.url).path.rpartition("/")[2] or urlsplit(source.url).hostname or "file"
    job = jobs.upload(source.created_by, file, name, now=now, kind=source.kind)
    ImportJob.objects.filter(pk=job.pk).update(source=source)
    job.source = source
    try:
        jobs.check(job, _plan_for(source, job), now=now)
    except BadPlan:
        jobs.cancel(job, now=now)
        raise


def _plan_for(source: ImportSource, job: ImportJob) -> Plan:
    """Return the choices with the columns where they stand now, by name; a column that is new is left out."""
    plan = Plan.from_json(source.plan)
    chosen = dict(zip(source.header, plan.columns, strict=True))
    if missing := [name for name, key in chosen.items() if key and name not in job.header]:
        raise BadPlan(_("The file no longer has the column “%(column)s”.") % {"column": missing[0]})
    return replace(plan, columns=tuple(chosen.get(name, "") for name in job.header))


def _failed(source: ImportSource, reason: str, now: datetime) -> None:
    """Note the failure and tell whoever set it up; after some in a row switch it off."""
    failures = source.failures + 1
    user = source.created_by
    with translation.override(user.language or None):
        facts = {"address": urlsplit(source.url).hostname or "", "reason": reason}
        if failures >= MOST_FAILURES:
            text = _("The import from %(address)s failed again and was switched off: %(reason)s") % facts
            source.fail(reason, failures=failures)
        else:
            text = _("The import from %(address)s failed: %(reason)s") % facts
            source.retry(now + _PAUSE[Every(source.every)], reason, failures=failures)
        notices.tell([News(user, text, reverse("contacts:import_sources"), "file-import")], by_mail=True, now=now)
