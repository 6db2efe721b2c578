"""Which journeys name an attribute: in rules, steps, triggers or mails of their draft or of the version that runs."""

import re

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from contacts.attributes.models import Attribute
from contacts.attributes.uses import AttributeUse, rule_field
from contacts.segments.uses import page_of
from journeys.journey.models import Journey


def _by_journeys(attribute: Attribute) -> list[tuple[str, str]]:
    row, field = rf'"attribute": "?{attribute.pk}"?[,}}]', rf'"{re.escape(rule_field(attribute))}"'
    merged = rf"{attribute.target}\.attributes\.{re.escape(attribute.key)}([^-a-zA-Z0-9_]|$)"
    named = f"{row}|{field}|{merged}"
    journeys = Journey.objects.annotate(
        draft_text=Cast("draft", TextField()), live_text=Cast("live__graph", TextField())
    )
    found = journeys.filter(Q(draft_text__regex=named) | Q(live_text__regex=named)).order_by("name", "pk")
    return [(row.name, page_of("journeys:journey", row.pk)) for row in found]


JOURNEY_ATTRIBUTES = AttributeUse("journey", _("Journey"), _by_journeys)
