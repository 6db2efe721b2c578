"""What every page about one person begins with: finding her for this reader."""

from typing import Any
from uuid import UUID, uuid4

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest
from django.urls import reverse

from contacts.consent.models import Suppression
from contacts.duplicates.models import DuplicatePair, PairState
from contacts.identity.models import Merge
from contacts.ledger.models import ContactState
from contacts.ledger.queries import number_of
from contacts.opt_in.ask import waiting_since
from contacts.people.models import Contact
from contacts.people.queries import survivor_of
from crm.team.models import User
from crm.team.permissions import Scope, reader, scope


class Elsewhere(Exception):
    """The contact was merged; `url` is the same page of the one that lives on."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def person(request: HttpRequest, contact_id: int, page: str = "contacts:person") -> Contact:
    """Return the contact with what its page shows. Raises Http404 when not visible, Elsewhere when merged.

    `page` is the name of the asked page: a merged contact leads to this page of the one that lives on.
    """
    rows = Contact.objects.visible_to(reader(request)).select_related("stage", "owner", "account")
    merges = Merge.objects.filter(winner=OuterRef("pk"), undone_at=None)
    pairs = DuplicatePair.objects.filter(Q(first=OuterRef("pk")) | Q(second=OuterRef("pk")), state=PairState.OPEN)
    excluded = Suppression.objects.filter(email_key=OuterRef("email_key")).exclude(email_key="")
    rows = rows.select_related("follow_up").annotate(
        confirmation_since=waiting_since(),
        has_merges=Exists(merges),
        has_twins=Exists(pairs),
        excluded_as=Subquery(excluded.values("reason")[:1]),
        hot_at=Subquery(_last("lead.hot")),
        called_at=Subquery(_last("call.logged")),
    )
    if (found := rows.filter(pk=contact_id).first()) is not None:
        return found
    into = survivor_of(contact_id)
    if into is None or into == contact_id or not rows.filter(pk=into).exists():
        raise Http404
    query = request.GET.urlencode()
    raise Elsewhere(reverse(page, args=[into]) + (f"?{query}" if query else ""))


def _last(kind: str) -> QuerySet[Any, Any]:
    """Return when an event of `kind` last happened to the person."""
    return ContactState.objects.filter(contact=OuterRef("pk"), kind=number_of(kind)).values("last_at")[:1]


def to_change(request: HttpRequest, contact_id: int) -> Contact:
    """Return a contact that is about to be changed, for a merged one the one that lives on. Raises Http404.

    So a page that was open while its person was merged loses nothing that was typed.
    """
    found = Contact.objects.visible_to(reader(request)).filter(pk=survivor_of(contact_id) or 0).first()
    if found is None:
        raise Http404
    return found


def token_of(raw: UUID | str | None) -> UUID:
    """Return the form's token; a form without one counts as posted once."""
    try:
        return raw if isinstance(raw, UUID) else UUID(str(raw))
    except ValueError:
        return uuid4()


def may_assign_anyone(user: User) -> bool:
    """Tell whether `user` may hand people to others (a rep hands on her own)."""
    return scope(user, "contact.assign") is not Scope.NONE
