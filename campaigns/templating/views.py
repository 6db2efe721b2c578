"""The public address of pictures in mails."""

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from campaigns.templating.models import Asset


@login_not_required
@require_safe
def picture(request: HttpRequest, key: str) -> FileResponse:  # noqa: ARG001 - Django's signature
    """Serve one picture to everybody; its bytes never change, so it may be kept for a year."""
    asset = get_object_or_404(Asset, key=key)
    response = FileResponse(asset.file.open("rb"), content_type=asset.mime)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
