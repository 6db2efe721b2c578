"""Merging two contacts of one person, undoing it, and learning who a visitor is. Called by pages and the site."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts.consent import refusals
from contacts.errors import ContactsError
from contacts.identity import profile
from contacts.identity.handlers import MERGE_HANDLERS
from contacts.identity.models import Merge
from contacts.ledger.append import NewEvent, append
from contacts.people.address import email_key, normalise
from contacts.people.models import Contact
from contacts.privacy.models import ErasedPerson
from contacts.segments.touching import touch
from crm.team.models import User


class WrongMerge(ContactsError):
    """Two contacts cannot be merged, or a merge cannot be undone; nothing was changed."""


def merge(
    winner_id: int,
    loser_id: int,
    *,
    by: User | None,
    now: datetime,
    taken: Collection[str] = (),
    strict: bool = False,
    bulk_id: int | None = None,
) -> Merge:
    """Let `loser` go up in `winner`: blanks are filled, rows and events follow, its old id keeps working.

    `taken` are the pieces of the profile that are the loser's even where the winner has something (see profile.py).
    `strict`, where people judged that the two are one: a refusal of either holds. Else the newest statement does.
    The events move when the identity follower reads contact.merged. Raises WrongMerge.
    """
    with transaction.atomic():
        winner, loser = _locked(winner_id, loser_id)
        if winner.merged_into_id or loser.merged_into_id:
            raise WrongMerge(_("One of these two was merged before. Open the person's page to see."))
        if winner.is_anonymous_visitor and not loser.is_anonymous_visitor:
            raise WrongMerge(_("An anonymous visitor cannot absorb a known person."))
        moved: dict[str, Any] = {"filled": profile.fill(winner, loser, taken)}
        _touch_account_left(moved["filled"]["before"].get("account_id"))
        if strict:
            moved["refusals"] = refusals.keep(winner, loser, by=by, now=now)
            moved["topic_refusals"] = refusals.keep_topics(winner, loser, by=by, now=now)
        moved |= {handler.name: handler.move(winner_id, loser_id) for handler in MERGE_HANDLERS}
        Contact.objects.filter(pk=loser_id).update(merged_into=winner, updated_at=now)
        record = Merge.objects.create(winner=winner, loser=loser, at=now, by=by, moved=moved, bulk_id=bulk_id)
        _tell("contact.merged", record, now)
    return record


def unmerge(record: Merge, *, now: datetime) -> None:
    """Separate two merged contacts: what was moved goes back, also the events. Raises WrongMerge."""
    with transaction.atomic():
        winner, loser = _locked(record.winner_id, record.loser_id)
        done = Merge.objects.filter(pk=record.pk, undone_at=None).update(undone_at=now)
        if not done or loser.merged_into_id != winner.pk:
            raise WrongMerge(_("This merge was undone before."))
        refusals.drop(record.moved.get("refusals", ()))
        refusals.drop_topics(record.moved.get("topic_refusals", ()))
        for handler in MERGE_HANDLERS:
            if handler.name in record.moved:
                handler.undo(winner.pk, loser.pk, record.moved[handler.name])
        profile.empty(winner, record.moved["filled"])
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
    rows = Contact.objects.select_for_update().order_by("pk").in_bulk([winner_id, loser_id])
    if winner_id == loser_id or len(rows) < 2:
        raise WrongMerge(_("These are not two people."))
    if ErasedPerson.objects.filter(pk__in=[winner_id, loser_id]).exists():
        raise WrongMerge(_("One of these two is being erased."))
    return rows[winner_id], rows[loser_id]


def _touch_account_left(account_id: int | None) -> None:
    """Have those judged anew whose colleague the winner was, when she goes over to the loser's account.

    The people of the accounts that the two have afterwards are looked at when the merge is followed.
    """
    if account_id is not None:
        touch("contact.updated", "SELECT id FROM contacts_contact WHERE account_id = %s", [account_id])


def _set_free(loser: Contact, now: datetime) -> None:
    try:
        with transaction.atomic():
            Contact.objects.filter(pk=loser.pk).update(merged_into=None, updated_at=now)
    except IntegrityError as error:
        words = _("The address %(address)s belongs to another contact now.") % {"address": loser.email}
        raise WrongMerge(words) from error


def _tell(kind: str, record: Merge, now: datetime) -> None:
    properties = {"contacts": [record.loser_id], "merge": record.pk}
    append([NewEvent(record.winner_id, kind, now, properties=properties)], source="identity", now=now)
