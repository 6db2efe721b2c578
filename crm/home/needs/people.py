"""People who wait for the reader: leads to take and to call, colleagues' questions, contracts that end, doubles."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from contacts.duplicates.models import DuplicatePair
from contacts.duplicates.queries import open_pairs
from contacts.duplicates.rules import Likelihood
from contacts.leads import queries as leads
from contacts.people.models import Account
from crm.home.needs.waiting import Asked, Waiting
from crm.team import notices
from crm.team.models import Notice
from crm.team.permissions import Action, Scope, scope

RENEWAL_DAYS = 30


def _to_take(asked: Asked) -> QuerySet[Any]:
    return leads.unowned_hot(asked.user, asked.model, asked.now)


def _to_call(asked: Asked) -> QuerySet[Any]:
    return leads.uncalled(asked.user, asked.model, asked.now)


def _promised(asked: Asked) -> QuerySet[Any]:
    return leads.due(asked.user, asked.model, asked.now)


def _mentions(asked: Asked) -> QuerySet[Notice]:
    return notices.mentions(asked.user)


def _ending(asked: Asked) -> QuerySet[Account]:
    today = timezone.localdate(asked.now)
    return Account.objects.filter(contract_end__range=(today, today + timedelta(days=RENEWAL_DAYS)))


def _own_ending(asked: Asked) -> QuerySet[Account]:
    return _ending(asked).filter(owner=asked.user)


def _ending_of_nobody(asked: Asked) -> QuerySet[Account]:
    return _ending(asked).filter(owner=None)


def _doubles(asked: Asked) -> QuerySet[DuplicatePair]:
    """Only for whoever sees everybody: of a rep's few people it would look at all pairs there are."""
    if scope(asked.user, Action.CONTACT_VIEW) is not Scope.ALL:
        return DuplicatePair.objects.none()
    return open_pairs(asked.user).filter(score__gte=Likelihood.VERY.least)


WAITING = (
    Waiting(
        (Action.LEAD_TAKE,), _to_take,
        ngettext_lazy("%(n)s hot lead has no owner.", "%(n)s hot leads have no owner.", "count"),
        "contacts:leads-unowned", "flame", "hot",
    ),
    Waiting(
        (Action.LEAD_WORK,), _to_call,
        ngettext_lazy("%(n)s of your leads is hot and was not called since.",
                      "%(n)s of your leads are hot and were not called since.", "count"),
        "contacts:leads", "flame", "hot", {"only": "uncalled"},
    ),
    Waiting(
        (Action.LEAD_WORK,), _promised,
        ngettext_lazy("%(n)s lead asked to be called by today.", "%(n)s leads asked to be called by today.", "count"),
        "contacts:leads", "phone", query={"only": "due"},
    ),
    Waiting(
        (Action.CONTACT_VIEW,), _mentions,
        ngettext_lazy("%(n)s note names you, and you have not seen it.",
                      "%(n)s notes name you, and you have not seen them.", "count"),
        "team:notices", "at", query={"only": "mentions"},
    ),
    Waiting(
        (Action.CONTACT_EDIT,), _own_ending, _("The contracts of %(n)s of your accounts end within 30 days."),
        "contacts:accounts", "calendar", "warn", {"owner": "me", "renewal": str(RENEWAL_DAYS)},
        one=_("The contract of your account “%(name)s” ends within 30 days."), named="name", page="contacts:account",
    ),
    Waiting(
        (Action.CONTACT_ASSIGN,), _ending_of_nobody,
        _("The contracts of %(n)s accounts that have no owner end within 30 days."),
        "contacts:accounts", "calendar", "warn", {"owner": "none", "renewal": str(RENEWAL_DAYS)},
        one=_("The contract of “%(name)s” ends within 30 days, and the account has no owner."),
        named="name", page="contacts:account",
    ),
    Waiting(
        (Action.CONTACT_MERGE,), _doubles,
        ngettext_lazy("%(n)s pair of records is very likely one person.",
                      "%(n)s pairs of records are very likely one person each.", "count"),
        "contacts:duplicates", "arrows-join", query={"likelihood": Likelihood.VERY.value},
    ),
)  # fmt: skip
