"""What becomes of two profiles when their contacts become one, and how it is taken back. Used by merge alone.

A profile is made of pieces that belong together: a street of one record never stands beside the city of the other.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.people.models import Contact

ATTRIBUTE = "attribute:"  # followed by the attribute's key, in a choice of pieces


@dataclass(frozen=True)
class Piece:
    """Columns that are taken from one record together."""

    key: str
    label: str | Promise
    columns: tuple[str, ...]


PIECES = (
    Piece("name", _("Name"), ("name",)),
    Piece("phone", _("Phone"), ("phone",)),
    Piece("title", _("Title"), ("title",)),
    Piece("company", _("Company"), ("company", "account_id")),
    Piece("place", _("Place"), ("country", "region", "city", "postcode", "street")),
    Piece("stage", _("Stage"), ("stage_id", "stage_since")),
    Piece("owner", _("Owner"), ("owner_id",)),
    Piece("language", _("Language"), ("language",)),
    Piece("time_zone", _("Time zone"), ("time_zone",)),
    Piece("birthday", _("Birthday"), ("birthday",)),
    Piece("under_14", _("Under 14"), ("under_14",)),
    Piece("source", _("Source"), ("source",)),
)


def fill(winner: Contact, loser: Contact, taken: Collection[str] = ()) -> dict[str, Any]:
    """Fill the winner's blanks, and what is to be `taken` from the loser; return what `empty` needs, as JSON.

    `taken` are keys of pieces, or "attribute:" and a key. Roles in the account are united when it is one account.
    """
    new = {name: value for piece in PIECES for name, value in _of(piece, winner, loser, piece.key in taken).items()}
    new["account_roles"] = _roles(winner, loser, new.get("account_id", winner.account_id))
    changed = {name: value for name, value in new.items() if getattr(winner, name) != value}
    before = {name: _plain(getattr(winner, name)) for name in changed}
    attributes = _attributes(winner, loser, taken)
    held = {key: winner.attributes[key] for key in attributes if key in winner.attributes}
    _write(winner, changed, {**winner.attributes, **attributes})
    fields = {name: _plain(value) for name, value in changed.items()}
    return {"fields": fields, "before": before, "attributes": attributes, "attributes_before": held}


def _of(piece: Piece, winner: Contact, loser: Contact, is_taken: bool) -> dict[str, Any]:
    theirs = {name: getattr(loser, name) for name in piece.columns}
    mine = {name: getattr(winner, name) for name in piece.columns}
    if is_taken:
        return theirs
    if any(mine[name] and theirs[name] and mine[name] != theirs[name] for name in piece.columns):
        return {}
    return {name: value for name, value in theirs.items() if value and not mine[name]}


def _roles(winner: Contact, loser: Contact, account_id: int | None) -> list[str]:
    held = [one.account_roles for one in (winner, loser) if one.account_id == account_id]
    return list(dict.fromkeys(role for roles in held for role in roles))


def _attributes(winner: Contact, loser: Contact, taken: Collection[str]) -> dict[str, Any]:
    return {
        key: value
        for key, value in loser.attributes.items()
        if winner.attributes.get(key) != value and (key not in winner.attributes or ATTRIBUTE + key in taken)
    }


def empty(winner: Contact, filled: dict[str, Any]) -> None:
    """Take back what `fill` wrote, but for what was changed since."""
    fields, before = filled["fields"], filled["before"]
    same = [name for name, value in fields.items() if _plain(getattr(winner, name)) == value]
    back = {name: _column(name).to_python(before[name]) for name in same}
    kept = {
        key: value
        for key, value in winner.attributes.items()
        if key not in filled["attributes"] or filled["attributes"][key] != value
    }
    restored = {
        key: value
        for key, value in filled["attributes_before"].items()
        if winner.attributes.get(key) == filled["attributes"][key]
    }
    _write(winner, back, kept | restored)


def _write(contact: Contact, columns: dict[str, Any], attributes: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(contact, name, value)
    contact.attributes = attributes
    contact.version += 1
    contact.save(update_fields=[*(_column(name).name for name in columns), "attributes", "version"])


def _column(name: str) -> Any:
    return Contact._meta.get_field(name.removesuffix("_id"))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
