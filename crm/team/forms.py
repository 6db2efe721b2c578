"""Forms of log-in, password reset and profile."""

import logging
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm.kit import clock
from crm.kit.network import network_of
from crm.kit.text import ForbiddenCharacter, clean_line
from crm.team import roster, throttle, zones
from crm.team.models import User
from crm.team.sign_ins import entry
from crm.team.sign_ins.models import How

logger = logging.getLogger(__name__)


def closed(error: throttle.TooMany, now: datetime) -> ValidationError:
    """Return what a form says when a limit was passed."""
    minutes = max(1, -(-int((error.until - now).total_seconds()) // 60))
    return ValidationError(
        ngettext(
            "Too many tries. Wait %(n)d minute, then try again.",
            "Too many tries. Wait %(n)d minutes, then try again.",
            minutes,
        )
        % {"n": minutes},
        code="throttled",
    )


class LoginForm(AuthenticationForm):
    """Asks for address and password; says the same for an unknown address, a wrong password and a locked-out person."""

    error_messages = {
        "invalid_login": _("This address and password do not belong together. Check both, or reset the password."),
        "inactive": _("This address and password do not belong together. Check both, or reset the password."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail")
        self.fields["username"].widget.attrs.update({"autocomplete": "username", "inputmode": "email"})

    def clean(self) -> dict[str, Any]:
        """Count the try before the password is looked at; a success clears the address's count."""
        now, address = clock.now(), self.cleaned_data.get("username", "")
        assert self.request is not None
        try:
            throttle.take([(throttle.LOGIN_ADDRESS, address), (throttle.LOGIN_NETWORK, network_of(self.request))], now)
        except throttle.TooMany as error:
            raise closed(error, now) from error
        try:
            cleaned = super().clean()
        except ValidationError:
            entry.failed(self.request, address, How.WRONG_PASSWORD, now)
            raise
        throttle.forget(throttle.LOGIN_ADDRESS, address)
        return cleaned


class ResetForm(forms.Form):
    """Asks for the address a new password is sent to, and never says whether it is known."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))

    def __init__(self, *args: Any, network: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.network = network

    def clean_email(self) -> str:
        """Count the request, so that nobody's mailbox can be flooded."""
        now, address = clock.now(), str(self.cleaned_data["email"]).strip().lower()
        try:
            throttle.take([(throttle.RESET_ADDRESS, address), (throttle.RESET_NETWORK, self.network)], now)
        except throttle.TooMany as error:
            raise closed(error, now) from error
        return address

    def save(self, **_kwargs: Any) -> None:
        """Mail the link if the address is an active user's; a mailer that fails is logged, never shown to a guest."""
        user = User.objects.filter(email=self.cleaned_data["email"], is_active=True).first()
        if user is None:
            return
        try:
            roster.mail_link(user)
        except roster.MailFailed:
            logger.exception("no password link for user %d: the mailer refused", user.pk)


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """Sets a password from a mailed link, and opens log-in again for the address."""

    def save(self, commit: bool = True) -> User:
        """Keep the password; every older session of the user ends with it."""
        user: User = super().save(commit)
        throttle.forget(throttle.LOGIN_ADDRESS, user.email)
        return user


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person may change about herself; role and address are an admin's."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones.choices)

    class Meta:
        model = User
        fields = ["name", "title", "phone", "language", "time_zone", "theme"]
        labels = {
            "name": _("Name"),
            "title": _("Job title"),
            "phone": _("Phone"),
            "language": _("Language"),
            "theme": _("Look"),
        }
        help_texts = {
            "title": _("Shown to colleagues, and usable in the footer of mails you send."),
            "theme": _("“Like the device” follows its light or dark setting."),
        }
        widgets = {
            "name": forms.TextInput({"autocomplete": "name"}),
            "title": forms.TextInput({"autocomplete": "organization-title"}),
            "phone": forms.TextInput({"autocomplete": "tel", "type": "tel"}),
        }

    def clean(self) -> dict[str, Any]:
        """Bring one-line texts into normal form; line breaks and control characters are refused."""
        cleaned = super().clean() or self.cleaned_data
        for field in ("name", "title", "phone"):
            try:
                cleaned[field] = clean_line(cleaned.get(field) or "")
            except ForbiddenCharacter:
                self.add_error(field, _("Line breaks and control characters are not allowed here."))
        return cleaned
