"""Merging two contacts of one person, undoing it, and learning who a visitor is. Called by pages and the site."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from contacts.identity.handlers import MERGE_HANDLERS
from contacts.identity.models import Merge
from contacts.ledger.append import NewEvent, append
from contacts.people.address import email_key, normalise
from contacts.people.models import Contact
from crm.team.models import User

# Taken from the loser where the winner has nothing.
FILLED = (
    "name",
    "phone",
    "title",
    "company",
    "account_id",
    "account_roles",
    "owner_id",
    "language",
    "time_zone",
    "country",
    "region",
    "city",
    "postcode",
    "street",
    "birthday",
    "source",
)


class WrongMerge(ValueError):
    """Two contacts cannot be merged, or a merge cannot be undone; nothing was changed."""


def merge(winner_id: int, loser_id: int, *, by: User | None, now: datetime) -> Merge:
    """Let `loser` go up in `winner`: blanks are filled, rows and events follow, its old id keeps working.

    The events move when the identity follower reads contact.merged. Raises WrongMerge.
    """
    with transaction.atomic():
        winner, loser = _locked(winner_id, loser_id)
        if winner.merged_into_id or loser.merged_into_id:
            raise WrongMerge(f"contact {winner_id} or {loser_id} was merged before")
        if winner.is_anonymous_visitor and not loser.is_anonymous_visitor:
            raise WrongMerge(f"contact {winner_id} is an anonymous visitor and cannot absorb a known person")
        moved: dict[str, Any] = {"filled": _fill(winner, loser)}
        moved |= {handler.name: handler.move(winner_id, loser_id) for handler in MERGE_HANDLERS}
        Contact.objects.filter(pk=loser_id).update(merged_into=winner, updated_at=now)
        record = Merge.objects.create(winner=winner, loser=loser, at=now, by=by, moved=moved)
        _tell("contact.merged", record, now)
    return record


def unmerge(record: Merge, *, now: datetime) -> None:
    """Separate two merged contacts: what was moved goes back, also the events. Raises WrongMerge."""
    with transaction.atomic():
        winner, loser = _locked(record.winner_id, record.loser_id)
        done = Merge.objects.filter(pk=record.pk, undone_at=None).update(undone_at=now)
        if not done or loser.merged_into_id != winner.pk:
            raise WrongMerge(f"merge {record.pk} was undone before")
        for handler in MERGE_HANDLERS:
            if handler.name in record.moved:
                handler.undo(winner.pk, loser.pk, record.moved[handler.name])
        _empty(winner, record.moved["filled"])
        _set_free(loser, now)
        _tell("contact.unmerged", record, now)


def identify(visitor_id: int, address: str, *, now: datetime) -> int:
    """Give a visitor the address she told; return the contact she now is. Raises BadAddress.

    When the address is known already, the visitor goes up in that contact. A repeat changes nothing.
    """
    email = normalise(address)
    with transaction.atomic():
        visitor = Contact.objects.select_for_update().get(pk=visitor_id)
        if visitor.merged_into_id or not visitor.is_anonymous_visitor:
            return visitor.merged_into_id or visitor.pk
        try:
            with transaction.atomic():
                fields = {"email": email, "email_key": email_key(email), "updated_at": now}
                Contact.objects.filter(pk=visitor_id).update(**fields)
        except IntegrityError:
            known = Contact.objects.live().get(email=email)
            merge(known.pk, visitor_id, by=None, now=now)
            return known.pk
    return visitor_id


def _locked(winner_id: int, loser_id: int) -> tuple[Contact, Contact]:
    rows = Contact.objects.select_for_update().in_bulk(sorted([winner_id, loser_id]))
    if winner_id == loser_id or len(rows) < 2:
        raise WrongMerge(f"contacts {winner_id} and {loser_id} are not two")
    return rows[winner_id], rows[loser_id]


def _fill(winner: Contact, loser: Contact) -> dict[str, Any]:
    """Fill the winner's blanks, and return the fields that were filled with their values as text."""
    filled = [name for name in FILLED if not getattr(winner, name) and getattr(loser, name)]
    for name in filled:
        setattr(winner, name, getattr(loser, name))
    added = {key: value for key, value in loser.attributes.items() if key not in winner.attributes}
    winner.attributes = {**added, **winner.attributes}
    winner.version += 1
    winner.save(update_fields=[*(name.removesuffix("_id") for name in filled), "attributes", "version"])
    return {"fields": {name: str(getattr(loser, name)) for name in filled}, "attributes": added}


def _empty(winner: Contact, filled: dict[str, Any]) -> None:
    """Take back what was filled in, unless it was changed since."""
    same = [name for name, value in filled["fields"].items() if str(getattr(winner, name)) == value]
    for name in same:
        setattr(winner, name, None if winner._meta.get_field(name.removesuffix("_id")).null else "")
    taken = filled["attributes"]
    winner.attributes = {
        key: value for key, value in winner.attributes.items() if key not in taken or taken[key] != value
    }
    winner.version += 1
    winner.save(update_fields=[*(name.removesuffix("_id") for name in same), "attributes", "version"])


def _set_free(loser: Contact, now: datetime) -> None:
    try:
        with transaction.atomic():
            Contact.objects.filter(pk=loser.pk).update(merged_into=None, updated_at=now)
    except IntegrityError as error:
        raise WrongMerge(f"the address {loser.email} belongs to another contact now") from error


def _tell(kind: str, record: Merge, now: datetime) -> None:
    properties = {"contacts": [record.loser_id], "merge": record.pk}
    append([NewEvent(record.winner_id, kind, now, properties=properties)], source="identity", now=now)
