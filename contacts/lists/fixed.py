"""Verbs on fixed lists themselves. Who is on them: membership.py."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts.errors import Invalid, NameTaken, StaleEdit
from contacts.lists.models import FixedList
from contacts.segments.touching import touch
from crm.kit.text import ForbiddenCharacter, clean_line, clean_text
from crm.team.models import User


def clean_name(name: str, limit: int) -> str:
    """Return the name of a list or tag in its normal form. Raises Invalid."""
    try:
        clean = clean_line(name)
    except ForbiddenCharacter as error:
        raise Invalid({"name": _("Line breaks and control characters are not allowed here.")}) from error
    if not clean or len(clean) > limit:
        raise Invalid({"name": _("A name has 1 to %(limit)d characters.") % {"limit": limit}})
    return clean


def _clean(name: str, description: str) -> tuple[str, str]:
    try:
        return clean_name(name, 120), clean_text(description)
    except ForbiddenCharacter as error:
        raise Invalid({"description": _("Control characters are not allowed here.")}) from error


def create(name: str, description: str, *, by: User | None, now: datetime) -> FixedList:
    """Create and return an empty list. Raises Invalid, NameTaken."""
    name, description = _clean(name, description)
    try:
        with transaction.atomic():
            return FixedList.objects.create(name=name, description=description, created_by=by, created_at=now)
    except IntegrityError as error:
        raise NameTaken from error


def rename(list_id: int, name: str, description: str, *, version: int) -> FixedList:
    """Change name and description. Raises Invalid, NameTaken, StaleEdit when `version` is no longer the current one."""
    name, description = _clean(name, description)
    mine = FixedList.objects.filter(pk=list_id, version=version)
    try:
        with transaction.atomic():
            changed = mine.update(name=name, description=description, version=version + 1)
    except IntegrityError as error:
        raise NameTaken from error
    current = FixedList.objects.get(pk=list_id)
    if not changed:
        raise StaleEdit(current)
    return current


@transaction.atomic
def delete(fixed_list: FixedList) -> None:
    """Delete the list. Its people stay, and what they did stays in their timelines."""
    touch("list.left", "SELECT contact_id FROM contacts_listmember WHERE fixed_list_id = %s", [fixed_list.pk])
    fixed_list.delete()
