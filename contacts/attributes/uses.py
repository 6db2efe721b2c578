"""Where an attribute is used, said on its page. Apps above enter theirs from an explicit list (journeys, templates)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from contacts.attributes.models import PREFIX, Attribute, Target
from contacts.segments.models import Segment
from contacts.segments.uses import UsedBy, page_of
from crm.kit.registry import Registry
from crm.team.saved_views.models import SavedView


@dataclass(frozen=True)
class AttributeUse:
    """A sort of things that name attributes. `of` returns (name, address of the page) of those that name one."""

    key: str
    label: Any  # lazily translated
    of: Callable[[Attribute], Sequence[tuple[str, str]]]


ATTRIBUTE_USES: Registry[AttributeUse] = Registry("uses of attributes", AttributeUse, lambda use: use.key)


def of(attribute: Attribute) -> list[UsedBy]:
    """Return every place that names the attribute."""
    return [UsedBy(str(use.label), name, url) for use in ATTRIBUTE_USES for name, url in use.of(attribute)]


def rule_field(attribute: Attribute) -> str:
    """Return how rules name the attribute, as it stands in their stored form."""
    return ("" if attribute.target == Target.CONTACT else "account.") + PREFIX + attribute.key


def _segments(attribute: Attribute) -> list[tuple[str, str]]:
    """Return the segments whose rule names it; those of stages lead to their stage's rule."""
    rules = Segment.objects.annotate(rule_text=Cast("definition", TextField()))
    found = rules.filter(rule_text__contains=f'"{rule_field(attribute)}"').order_by("name")
    return [(row.label, "" if row.is_of_stage else page_of("contacts:segment", row.pk)) for row in found]


def _views(attribute: Attribute) -> list[tuple[str, str]]:
    """Return the shared views of the list of people that show it or sort by it."""
    if attribute.target != Target.CONTACT:
        return []
    pattern = rf"(^|[=&,]|%2C|-)attribute\.{attribute.key}($|[&,:]|%2C)"
    found = SavedView.objects.filter(page="people", shared=True, query__iregex=pattern).order_by("name")
    return [(row.name, page_of("contacts:people") + f"?view={row.pk}") for row in found]


ATTRIBUTE_USES.register(AttributeUse("segment", _("Segment"), _segments), AttributeUse("view", _("Saved view"), _views))
