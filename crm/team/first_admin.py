"""The first admin of an empty install on one's own machine. The page is there only while nobody can log in."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.decorators import login_not_required
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.kit import clock
from crm.team.models import Company, Role, User
from crm.team.sign_ins import entry


class NotFirstError(Exception):
    """Somebody else became the first user meanwhile."""


class FirstAdminForm(forms.Form):
    """Who the first admin is."""

    name = forms.CharField(label=_("Name"), max_length=120)
    company = forms.CharField(label=_("Name of the company"), max_length=160)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )

    def clean(self) -> dict[str, Any]:
        """Hold the password to the same rules as every other."""
        given = super().clean() or {}
        if password := given.get("password"):
            person = User(email=given.get("email", ""), name=given.get("name", ""))
            try:
                password_validation.validate_password(password, person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given


def wanted() -> bool:
    """Whether this is an install on one's own machine in which nobody can log in yet."""
    return settings.EMBEDDED and not User.objects.exists()


@transaction.atomic
def create(name: str, company: str, email: str, password: str, language: str) -> User:
    """Make the first admin of the company and return it.

    Raises NotFirstError when there is a user, also one made this moment.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE team_user IN SHARE ROW EXCLUSIVE MODE")
    if User.objects.exists():
        raise NotFirstError
    Company.objects.get_or_create(defaults={"name": company})
    return User.objects.create_user(email, password, name=name, role=Role.ADMIN, language=language)


@login_not_required
def first_admin(request: HttpRequest) -> HttpResponse:
    """Ask for the first admin and log her in; leads to the log-in once there is a user."""
    if not wanted():
        return redirect("team:login")
    form = FirstAdminForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "team/first_admin.html", {"form": form})
    try:
        user = create(**form.cleaned_data, language=(get_language() or "en")[:2])
    except NotFirstError:
        return redirect("team:login")
    return entry.enter(request, user, reverse("home"), clock.now())
