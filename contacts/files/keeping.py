"""Verbs on files: keep one, delete it, forget those of people who are erased."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.errors import Invalid
from contacts.files.kinds import BadFile, clean_name, kind_of
from contacts.files.models import KeptFile
from contacts.ledger.append import NewEvent, append
from contacts.people.posted import once
from crm.team.models import User

LARGEST = 20 * 2**20  # bytes
MOST = 200  # files of one person or account


def keep(
    upload: "File[bytes]",
    *,
    contact_id: int | None = None,
    account_id: int | None = None,
    by: User,
    now: datetime,
    token: UUID,
) -> bool:
    """Keep a file with a person or an account; False when `token` was posted before. Raises Invalid."""
    name, type_ = _checked(upload)
    if KeptFile.objects.filter(contact=contact_id, account=account_id).count() >= MOST:
        raise Invalid({"file": _("%(limit)d files are kept here already. Delete one first.") % {"limit": MOST}})

    def make() -> int:
        row = KeptFile(contact_id=contact_id, account_id=account_id, name=name, type=type_, size=upload.size, at=now)
        row.by = by
        row.stored.save(name, upload, save=False)
        row.save()
        if contact_id:
            facts = {"file": row.pk, "by": by.pk}
            append([NewEvent(contact_id, "file.added", now, properties=facts)], source="file", now=now)
        return row.pk

    return once(token, make)[1]


def _checked(upload: "File[bytes]") -> tuple[str, str]:
    if not upload.size:
        raise Invalid({"file": _("This file is empty.")})
    if upload.size > LARGEST:
        raise Invalid({"file": _("A file has at most %(limit)d MB.") % {"limit": LARGEST // 2**20}})
    start = upload.read(512)
    upload.seek(0)
    try:
        name = clean_name(upload.name or "")
        return name, kind_of(name, start).type
    except BadFile as error:
        raise Invalid({"file": str(error)}) from error


@transaction.atomic
def delete(row: KeptFile) -> None:
    """Delete a file, its content after the commit."""
    stored = row.stored
    storage, place = stored.storage, stored.name
    row.delete()
    if place:
        transaction.on_commit(lambda: storage.delete(place))


def forget(contact_ids: Collection[int], limit: int = MOST) -> int:
    """Delete at most `limit` files of people, and return how many; called until none is left when they are erased."""
    rows = list(KeptFile.objects.filter(contact__in=list(contact_ids)).order_by("pk")[:limit])
    for row in rows:
        delete(row)
    return len(rows)
