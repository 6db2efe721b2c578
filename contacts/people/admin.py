"""Lists of the admin whose rows are about a person: each names her, leads to her, and is found by her number."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from contacts.people.models import Contact
from crm.team.admin_lists import ShownAdmin


class OfPeopleAdmin(ShownAdmin):
    """A list of rows with a `contact_id`, in a table too large to be searched by anything but that."""

    search_fields = ("contact_id",)
    search_help_text = _("The number of a person")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:  # noqa: ARG002
        """Find the rows of one person by her number, which has an index; other words find nothing."""
        number = search_term.strip()
        if not number:
            return queryset, False
        if not (number.isascii() and number.isdecimal() and len(number) < 19):
            return queryset.none(), False
        return queryset.filter(contact_id=int(number)), False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Read the names of the people of the page at once."""
        found = super().get_changelist_instance(request)
        rows = list(found.result_list)
        people = Contact.objects.only("name", "email").in_bulk({row.contact_id for row in rows})
        for row in rows:
            row.called = people[row.contact_id].display_name if row.contact_id in people else ""
        found.result_list = rows
        return found

    @admin.display(description=_("person"))
    def person(self, row: Any) -> SafeString:
        """Return the link to the person of the row; one who was erased has a number only."""
        address = reverse("contacts:person", args=[row.contact_id])
        return format_html('<a href="{}">{}</a>', address, row.called or row.contact_id)
