"""The filter `act` of the people list: whom an act on many changed, and who was not put back since."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy

from contacts.acts.models import BulkAct, BulkActRow
from contacts.acts.verb import VERBS
from contacts.people.filters import Asked, Filter


def _changed(value: str, _asked: Asked) -> Q:
    number = int(value)
    if not 0 < number < 2**63:
        raise ValueError(value)
    return Q(Exists(BulkActRow.objects.filter(act=number, contact_id=OuterRef("pk"), before__isnull=False)))


def _words(value: str) -> str:
    act = BulkAct.objects.filter(pk=value).first() if value.isascii() and value.isdecimal() else None
    return str(VERBS[act.verb].title) if act and act.verb in VERBS else value


ACT_FILTER = Filter("act", gettext_lazy("Changed by"), _changed, _words)
