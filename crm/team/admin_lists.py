"""Lists of the admin that only show: each row leads to the page where it is changed. Used by the admin of every app."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin


class Newest(Paginator):  # type: ignore[type-arg]
    """Leafs through the first rows alone: the rows behind them are never counted, however many there are."""

    most = 2_000

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, `most` at most."""
        found: Any = self.object_list
        return int(found[: self.most].count())


def column(name: str, label: Any) -> Any:
    """Return a column of the list for a field that has no label of its own."""

    @admin.display(description=label)
    def show(row: Any) -> Any:
        display = getattr(row, f"get_{name}_display", None)
        return display() if display else getattr(row, name)

    show.__name__ = f"show_{name}"
    return show


class ShownAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """A list that nobody changes here.

    `page_name` is the URL name of the page of one row (by its key), or of all (`page_takes_key` False); None: there is
    no page.
    """

    page_name: ClassVar[str | None] = None
    page_takes_key: ClassVar[bool] = True

    list_display_links = None
    list_per_page = 50
    show_full_result_count = False
    paginator = Newest
    actions = None
    sortable_by = ()  # a large table has an index for the one order
    list_before_template = "team/admin_newest.html"

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Return the columns, with the way to the page behind them."""
        columns = list(super().get_list_display(request))
        return [*columns, "to_page"] if self.page_name else columns

    @admin.display(description=gettext_lazy("page"))
    def to_page(self, row: Any) -> SafeString:
        """Return the link to the page where the row is seen whole, and changed."""
        assert self.page_name
        url = reverse(self.page_name, args=[row.pk] if self.page_takes_key else [])
        return format_html('<a href="{}">{}</a>', url, _("Open"))

    def get_object(self, _request: HttpRequest, _object_id: str, _from_field: str | None = None) -> None:
        """Return nothing: there is no page of one row here, and large tables have no index to find one by."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Nobody adds a row here."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody changes one here."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody deletes one here."""
        return False
