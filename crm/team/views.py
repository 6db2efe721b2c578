"""Pages of log-in, password and profile."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.kit import clock
from crm.kit.network import network_of
from crm.team import first_admin
from crm.team import notices as told
from crm.team.forms import LoginForm, NewPasswordForm, ProfileForm, ResetForm
from crm.team.models import Theme, User
from crm.team.sign_ins import entry

YEAR = 365 * 24 * 3600


class Login(auth.LoginView):
    """Log in by e-mail and password."""

    form_class = LoginForm
    template_name = "team/login.html"
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form, or lead to the first admin's page while nobody can log in."""
        return redirect("team:first_admin") if first_admin.wanted() else super().get(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Go on to the second factor, or in."""
        return entry.enter(self.request, form.get_user(), self.get_success_url(), clock.now())


class Logout(auth.LogoutView):
    """Log out here, and note that this device is."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the session."""
        entry.left(request, clock.now())
        return super().post(request, *args, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class Reset(auth.PasswordResetView):
    """Ask for a link that sets a new password. The answer is the same for known and unknown addresses."""

    form_class = ResetForm  # type: ignore[assignment]  # has what the view uses: is_valid() and save()
    template_name = "team/reset.html"
    success_url = reverse_lazy("team:reset_sent")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form where the request came from."""
        return {**super().get_form_kwargs(), "network": network_of(self.request)}


@method_decorator(login_not_required, name="dispatch")
class ResetSent(auth.PasswordResetDoneView):
    """Say that the link is on its way, if the address is known."""

    template_name = "team/reset_sent.html"


@method_decorator(login_not_required, name="dispatch")
class ResetConfirm(auth.PasswordResetConfirmView):
    """Set the new password; a used, altered or old link says so."""

    form_class = NewPasswordForm
    template_name = "team/reset_confirm.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the password and go on as after a log-in with it: a mailed link is no second factor."""
        super().form_valid(form)
        form.user.refresh_from_db()
        entry.end_all(form.user, by=form.user, now=clock.now())
        return entry.enter(self.request, form.user, self.get_success_url(), clock.now())


class Password(auth.PasswordChangeView):
    """Change one's own password; sessions on other devices end."""

    template_name = "team/password.html"
    success_url = reverse_lazy("team:profile")

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep this session and say what happened to the others."""
        answer = super().form_valid(form)
        user = form.user
        entry.end_all(user, by=user, now=clock.now(), but=self.request)
        messages.success(self.request, _("The password was changed. Other devices were logged out."))
        return answer


def profile(request: HttpRequest) -> HttpResponse:
    """Show and change what the reader may change about herself."""
    assert isinstance(request.user, User)
    user = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile was saved."))
        return redirect("team:profile")
    is_demo = settings.EMBEDDED and user.email.endswith(settings.DEMO_DOMAIN)
    return render(request, "team/profile.html", {"form": form, "is_demo": is_demo})


@login_not_required
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Set language or theme, at once and for good: on the user, or in a cookie for somebody who is not logged in."""
    response = redirect(_back(request))
    language, theme = request.POST.get("language"), request.POST.get("theme")
    user = request.user if isinstance(request.user, User) else None
    if language in dict(settings.LANGUAGES):
        cookie: dict[str, Any] = {"max_age": YEAR, "samesite": "Lax", "secure": settings.SESSION_COOKIE_SECURE}
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, **cookie)
        if user:
            User.objects.filter(pk=user.pk).update(language=language)
    if theme in Theme.values and user:
        User.objects.filter(pk=user.pk).update(theme=theme)
    return response


def _back(request: HttpRequest) -> str:
    """Return the page to go back to, when it is one of ours."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else reverse("home")


def notices(request: HttpRequest) -> HttpResponse:
    """Show what the reader was told (`only=mentions`: the notes that name her, unseen); a POST marks all as seen."""
    assert isinstance(request.user, User)
    if request.method == "POST":
        told.read_all(request.user, clock.now())
        return redirect("team:notices")
    only = "mentions" if request.GET.get("only") == "mentions" else ""
    found = told.mentions(request.user) if only else told.of(request.user)
    shown = list(found[: told.SHOWN])
    context = {"notices": shown, "new": any(n.read_at is None for n in shown), "only": only}
    return render(request, "team/notices.html", context)
