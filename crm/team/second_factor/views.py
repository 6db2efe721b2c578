"""Pages of the second factor: the code at log-in, setting it up, recovery codes, taking it away."""

from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.kit import clock
from crm.kit.network import network_of
from crm.team import throttle
from crm.team.forms import closed
from crm.team.models import User
from crm.team.permissions import reader
from crm.team.second_factor import factor
from crm.team.second_factor.models import RecoveryCode
from crm.team.sign_ins import entry
from crm.team.sign_ins.models import How

KEY = "second_factor_key"  # of the session, until it is proved
_DIGITS = {"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "characters"}


class CodeForm(forms.Form):
    """A code of the authenticator, or a recovery code; told apart by their shape."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=20, widget=forms.TextInput(_DIGITS))
    remember = forms.BooleanField(label=gettext_lazy("Do not ask on this device for 30 days"), required=False)


class SetUpForm(forms.Form):
    """The first code of a new authenticator."""

    code = forms.CharField(
        label=gettext_lazy("Code that the app shows"), max_length=20, widget=forms.TextInput(_DIGITS)
    )


class PasswordForm(forms.Form):
    """The reader's password, asked again before something that weakens her protection."""

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )


def _wrong(form: forms.Form, field: str = "code") -> None:
    form.add_error(field, _("This code is not right, is too old, or was used before. Take the one the app shows now."))


def _counted(request: HttpRequest, user: User, form: forms.Form) -> bool:
    """Count one try, and say so on the form when there were too many."""
    now = clock.now()
    try:
        throttle.take([(throttle.CODE_USER, str(user.pk)), (throttle.CODE_NETWORK, network_of(request))], now)
    except throttle.TooMany as error:
        form.add_error(None, closed(error, now))
        return False
    return True


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code after the password was right; lead back to log-in when that was too long ago."""
    now = clock.now()
    known = entry.half_way(request, now)
    if known is None:
        return redirect("team:login")
    user, to = known
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _counted(request, user, form):
        given = form.cleaned_data["code"]
        try:
            how = _proved(user, given)
        except factor.WrongCode:
            entry.failed(request, user.email, How.WRONG_CODE, now)
            _wrong(form)
        else:
            throttle.forget(throttle.CODE_USER, str(user.pk))
            return entry.complete(request, user, how, to, now, remember=form.cleaned_data["remember"])
    return render(request, "team/second_factor/code.html", {"form": form}, status=400 if form.errors else 200)


def _proved(user: User, given: str) -> How:
    if "".join(given.split()).isdigit():
        factor.prove(user, given, now=clock.now())
        return How.CODE
    factor.recover(user, given)
    return How.RECOVERY


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show whether the reader has a second factor, and what she can do about it."""
    user = reader(request)
    left = RecoveryCode.objects.filter(user=user).count()
    context = {"left": left, "required": factor.is_required(user), "form": PasswordForm()}
    return render(request, "team/second_factor/overview.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Show a new key as a QR code and as text; the right code keeps it and shows the recovery codes, once."""
    user, now = reader(request), clock.now()
    if user.second_factor_at:
        return redirect("team:second-factor")
    key: str = request.session.setdefault(KEY, factor.new_key())
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _counted(request, user, form):
        try:
            codes = factor.set_up(user, key, form.cleaned_data["code"], now=now)
        except factor.WrongCode:
            _wrong(form)
        else:
            request.session.pop(KEY)
            entry.prove_session(request, user)
            return render(request, "team/second_factor/codes.html", {"codes": codes, "is_new": True})
    return render(
        request, "team/second_factor/set_up.html", _shown(form, key, user), status=400 if form.errors else 200
    )


def _shown(form: forms.Form, key: str, user: User) -> dict[str, Any]:
    groups = " ".join(key[at : at + 4] for at in range(0, len(key), 4))
    return {
        "form": form,
        "key": groups,
        "picture": _qr(factor.address(key, user)),
        "required": factor.is_required(user),
    }


def _qr(text: str) -> SafeString:
    drawn = segno.make(text, error="m").svg_inline(svgclass="qr-code", lineclass=None, omitsize=True, light="#fff")
    return mark_safe(drawn)  # noqa: S308 - drawn by the library: numbers alone


@never_cache
@require_POST
def codes(request: HttpRequest) -> HttpResponse:
    """Replace the recovery codes after the password, and show the new ones, once."""
    user = reader(request)
    if not user.second_factor_at or not _knows_password(request, user):
        return redirect("team:second-factor")
    made = factor.fresh_codes(user, now=clock.now())
    return render(request, "team/second_factor/codes.html", {"codes": made, "is_new": False})


@require_POST
def take_away(request: HttpRequest) -> HttpResponse:
    """Remove the reader's second factor after the password, unless her role must have one."""
    user = reader(request)
    if factor.is_required(user):
        messages.error(request, _("Your role must have a second factor. Set up a new one after an admin reset it."))
    elif _knows_password(request, user):
        factor.take_away(user, by=user, now=clock.now())
        messages.success(request, _("The second factor was removed."))
    return redirect("team:second-factor")


def _knows_password(request: HttpRequest, user: User) -> bool:
    """Check the password that was typed again, and say so when it is wrong or there were too many tries."""
    form = PasswordForm(request.POST)
    if form.is_valid() and _counted(request, user, form):
        if user.check_password(form.cleaned_data["password"]):
            return True
        form.add_error("password", _("This is not your password. Nothing was changed."))
    messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
    return False
