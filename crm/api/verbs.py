"""Every verb of the API at its address below api/v1/, made from the routes."""

from django.urls import URLPattern, path, register_converter

from crm.api.catalogue import ROUTES
from crm.api.route import by_path
from crm.api.schema import view_of


class Row:
    """The number of a row in an address."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Return it as text."""
        return str(value)


register_converter(Row, "row")
verbs: list[URLPattern] = [
    path(f"api/v1/{where}", view_of(where, routes).as_view()) for where, routes in by_path(ROUTES).items()
]
