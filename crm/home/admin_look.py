"""What Unfold asks about the reader when it draws the admin (settings.UNFOLD)."""

from django.http import HttpRequest

from crm.team.models import Theme, User


def theme(request: HttpRequest) -> str | None:
    """Return the reader's chosen theme, or None to follow the device."""
    user = request.user
    return user.theme if isinstance(user, User) and user.theme != Theme.AUTO else None
