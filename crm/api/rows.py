"""What bodies of several nouns share: people by number, and who of them may be touched."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.people.models import Contact
from crm.api.fields import Body, Id, several
from crm.team.models import User

MOST = 1_000  # people in one request


class PeopleIn(Body):
    """People to put in and to take out."""

    add = several(Id(), MOST, required=False, help_text=_("Numbers of contacts."))
    remove = several(Id(), MOST, required=False, help_text=_("Numbers of contacts."))


class PeopleChanged(Body):
    added = serializers.IntegerField(help_text=_("How many were not in it before."))
    removed = serializers.IntegerField(help_text=_("How many were in it."))
    not_found = serializers.ListField(child=serializers.IntegerField(), help_text=_("Whom you may not see."))


@dataclass(frozen=True)
class People:
    """Those of some numbers whom a user may see, and the other numbers."""

    ids: Sequence[int]
    missing: Sequence[int]


def people(user: User, numbers: Collection[int]) -> People:
    """Return who of `numbers` may be touched by `user`."""
    wanted = list(dict.fromkeys(numbers))
    seen = set(Contact.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))
    return People([n for n in wanted if n in seen], [n for n in wanted if n not in seen])
