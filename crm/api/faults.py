"""A fault of ours: below /api/ a problem with the number of the request in the log and nothing else, else a page."""

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults

from crm.api.bounds import PREFIX
from crm.api.problems import MEDIA_TYPE, Refusal
from crm.kit.logs import CONTEXT


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer a request that ended in an error nobody foresaw (Django's handler500)."""
    if not request.path.startswith(PREFIX):
        return defaults.server_error(request)
    number = CONTEXT.get().get("request", "")
    text = _("This is our fault. Tell whoever runs this server the number of the request: %(number)s.")
    fault = Refusal("fault", text % {"number": number}, more={"request": number})
    return JsonResponse(fault.body(), status=fault.status, content_type=MEDIA_TYPE)
