"""Attributes that were retired: a step that names one goes on and says so; no other step is offered it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from contacts.attributes.models import Attribute


class Retired(str):
    """The label of a retired attribute."""

    __slots__ = ()


def label_of(attribute: Attribute) -> str:
    """Return what to call an attribute in a choice."""
    if attribute.retired_at is None:
        return attribute.label
    return Retired(_("%(name)s (retired)") % {"name": attribute.label})


class OfferedSelect(forms.Select):
    """A select without retired attributes, but for the one that is chosen already."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        """Return the options that are offered, in their groups."""
        groups = super().optgroups(name, value, attrs)
        kept = [(label, _offered(options), index) for label, options, index in groups]
        return [group for group in kept if group[1]]


def _offered(options: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in options if each["selected"] or not isinstance(each["label"], Retired)]
