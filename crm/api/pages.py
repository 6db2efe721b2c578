"""What people see of the API: its document."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from crm.api.schema import document as drawn


@require_safe
def document(_request: HttpRequest) -> HttpResponse:
    """Give out the OpenAPI document."""
    return JsonResponse(drawn())
