"""Verbs on roles in accounts: add, rename, move, delete; and reading them from words. Used by pages and imports."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from contacts.account_roles.models import AccountRole
from contacts.errors import Invalid, NameTaken
from contacts.segments.touching import touch
from crm.kit.text import ForbiddenCharacter, clean_line

RANGE = 20_000  # people changed in one transaction
LONGEST_NAME = 60
_SIGNS = re.compile(r"[\W_]+")
_SEPARATORS = re.compile(r"[,;|/\n]")
_REMOVE = """
UPDATE contacts_contact SET account_roles = array_remove(account_roles, %(key)s), version = version + 1
WHERE id = ANY(ARRAY(
    SELECT id FROM contacts_contact WHERE account_roles <> '{}' AND account_roles @> ARRAY[%(key)s]::varchar[]
    ORDER BY id LIMIT %(most)s
)) RETURNING id
"""
_USED = """
SELECT role, count(*) FROM contacts_contact, unnest(account_roles) AS role
WHERE account_roles <> '{}' AND merged_into_id IS NULL GROUP BY role
"""


class UnknownRole(ValueError):
    """The text names no role; `args[0]` is the word."""


def folded(word: str) -> str:
    """Return a word for comparing: NFKC, lower case, without spaces and signs."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", word).casefold())


def by_word() -> dict[str, str]:
    """Return the key of each role by every folded word that means it: key and both names."""
    rows = AccountRole.objects.all()
    return {folded(word): row.key for row in rows for word in (row.key, row.name, row.name_ko) if word}


def read(text: str, known: Mapping[str, str]) -> list[str]:
    """Return the keys of the roles named in `text` (by comma, semicolon, bar or slash). Raises UnknownRole."""
    words = [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
    for word in words:
        if folded(word) not in known:
            raise UnknownRole(word)
    return list(dict.fromkeys(known[folded(word)] for word in words))


def keys_among(keys: Iterable[str]) -> list[str]:
    """Return those of `keys` that are roles; no query for none."""
    wanted = list(keys)
    return list(AccountRole.objects.filter(key__in=wanted).values_list("key", flat=True)) if wanted else []


def labels(keys: Iterable[str], rows: Iterable[AccountRole]) -> list[str]:
    """Return the names of `keys` in the order of `rows`; a key without a row stands for itself."""
    wanted = list(keys)
    known = {row.key: row.label for row in rows} if wanted else {}
    return [label for key, label in known.items() if key in wanted] + [key for key in wanted if key not in known]


def add(name: str, name_ko: str) -> AccountRole:
    """Create and return a role, the last in order. Raises Invalid, NameTaken."""
    name, name_ko = _clean(name, name_ko)
    last = AccountRole.objects.aggregate(last=Max("position"))["last"]
    return _saved(AccountRole(key=_key_for(name), name=name, name_ko=name_ko, position=(last or 0) + 1))


def rename(role: AccountRole, name: str, name_ko: str) -> AccountRole:
    """Change the names of a role; its key, and so who has it, stays. Raises Invalid, NameTaken."""
    role.name, role.name_ko = _clean(name, name_ko)
    return _saved(role)


def _saved(role: AccountRole) -> AccountRole:
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError as error:
        raise NameTaken from error
    return role


@transaction.atomic
def move_up(role: AccountRole) -> None:
    """Put the role before the one above it; the first stays."""
    rows = list(AccountRole.objects.select_for_update())
    place = rows.index(role)
    if place:
        rows[place - 1], rows[place] = rows[place], rows[place - 1]
    for position, row in enumerate(rows):
        row.position = position
    AccountRole.objects.bulk_update(rows, ["position"])


def used() -> dict[str, int]:
    """Return how many people have each role, by its key."""
    with connection.cursor() as cursor:
        cursor.execute(_USED)
        return dict(cursor.fetchall())


def delete(role: AccountRole) -> None:
    """Take the role from everyone, in ranges, and delete it; a repeat finishes what was cut short."""
    while _taken_from(role) == RANGE:
        continue
    role.delete()


@transaction.atomic
def _taken_from(role: AccountRole) -> int:
    """Take the role from at most RANGE people and return from how many."""
    with connection.cursor() as cursor:
        cursor.execute(_REMOVE, {"key": role.key, "most": RANGE})
        people = [number for (number,) in cursor.fetchall()]
    touch("contact.updated", "SELECT unnest(%s::bigint[])", [people])
    return len(people)


def _clean(name: str, name_ko: str) -> tuple[str, str]:
    errors = {}
    names = {"name": name, "name_ko": name_ko}
    for field, text in names.items():
        try:
            names[field] = clean_line(text)
        except ForbiddenCharacter:
            errors[field] = _("Line breaks and control characters are not allowed here.")
        else:
            if len(names[field]) > LONGEST_NAME or _SEPARATORS.search(names[field]):
                errors[field] = _("A role has at most %(limit)d characters, and no comma, semicolon, bar or slash.") % {
                    "limit": LONGEST_NAME
                }
    if not names["name"] and "name" not in errors:
        errors["name"] = _("Give the role a name.")
    if errors:
        raise Invalid(errors)
    return names["name"], names["name_ko"]


def _key_for(name: str) -> str:
    latin = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    base = _SIGNS.sub("_", latin).strip("_")[:30] or "role"
    taken = set(AccountRole.objects.filter(key__startswith=base).values_list("key", flat=True))
    number, key = 1, base
    while key in taken:
        number += 1
        key = f"{base}_{number}"
    return key
