"""The OpenAPI document, made once in each language. Read by the page of documentation and by programs."""

from functools import cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.generators import SchemaGenerator

from crm.api.catalogue import ROUTES
from crm.api.verbs import verbs


def document() -> dict[str, Any]:
    """Return the OpenAPI document in the running language."""
    return _document(get_language() or "en")


@cache
def _document(_language: str) -> dict[str, Any]:
    generator = SchemaGenerator(patterns=verbs)  # type: ignore[no-untyped-call]
    made: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    made["info"]["description"] = _("Everything that the pages can do, for programs. See docs/api.md.")
    for shape in {route.gives.__name__ for route in ROUTES if route.gives and route.method == "GET"}:
        made["components"]["schemas"][shape].pop("required", None)  # `fields` leaves members out
    return made
