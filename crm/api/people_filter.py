"""Filters in bodies, by the parameters of GET contacts. A mistyped one must not mean everybody."""

from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.api.contacts import filter_params
from crm.api.problems import invalid


def read(text: str) -> QueryDict:
    """Return the filter of a body's member `filter`. Raises Refusal for a parameter that GET contacts does not know."""
    query = QueryDict(text)
    known = {"q", *(param.name for param in filter_params())}
    if unknown := [name for name in query if name not in known]:
        raise invalid("filter", _("There is no parameter “%(name)s” here.") % {"name": unknown[0][:60]})
    return query
