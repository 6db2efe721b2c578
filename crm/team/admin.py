"""Users in the admin: created with a role, invited by mail, locked out instead of deleted."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from crm.kit import clock
from crm.team import api_tokens, roster, zones
from crm.team.models import ApiToken, Role, User
from crm.team.permissions import reader
from crm.team.second_factor.factor import lacking
from crm.team.trail.record import record

admin.site.unregister(Group)  # rights come from the role alone


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """A user as an admin sees her: no password, since only its owner ever knows it."""

    class Meta:
        model = User
        fields = ["name", "email", "role", "title", "phone", "language", "time_zone", "is_active"]

    def clean_email(self) -> str:
        """Keep addresses in lower case, by which users log in."""
        return str(self.cleaned_data["email"]).strip().lower()

    def clean_time_zone(self) -> str:
        """Refuse a zone that does not exist."""
        zone = str(self.cleaned_data["time_zone"])
        if zone not in zones.known():
            raise ValidationError(_("“%(zone)s” is no time zone."), params={"zone": zone})
        return zone

    def clean(self) -> dict[str, Any]:
        """Refuse to leave the company without an admin."""
        cleaned = super().clean() or self.cleaned_data
        stays = cleaned.get("role") == Role.ADMIN and cleaned.get("is_active")
        if self.instance.pk and not stays and roster.is_last_admin(self.instance):
            raise ValidationError(_("This is the last admin. Make somebody else an admin first."))
        return cleaned


class SecondFactorFilter(admin.SimpleListFilter):
    """Who has none though she must: opened from home."""

    title = _("second factor")
    parameter_name = "second_factor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002 - the admin's
        """Return the one choice there is."""
        return [("lacking", _("is missing"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:  # noqa: ARG002
        """Keep those whom it is asked of and who have none."""
        return queryset.filter(pk__in=lacking().values("pk")) if self.value() == "lacking" else queryset


@admin.register(User)
class UserAdmin(ModelAdmin):  # type: ignore[misc]
    """The team."""

    form = UserForm
    list_display = ("name", "email", "role", "title", "last_login", "has_second_factor", "is_active")
    list_filter = ("role", "is_active", SecondFactorFilter)
    search_fields = ("name", "email", "title")
    ordering = ("name",)
    actions = ("invite_again",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the language and the hours of whoever adds her."""
        mine = reader(request)
        return {"language": mine.language, "time_zone": mine.time_zone, **super().get_changeform_initial_data(request)}

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:  # noqa: ARG002
        """Nobody is deleted: what a person did stays hers. Take away “may log in” instead."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Keep the user; a new one has no password yet and is mailed a link to choose it."""
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            self._mail_links(request, [obj])
        elif not obj.is_active and "is_active" in form.changed_data:
            roster.shut(obj, by=reader(request), now=clock.now())

    @admin.display(description=_("second factor"), boolean=True)
    def has_second_factor(self, user: User) -> bool:
        """Tell whether a code is asked of the user."""
        return user.second_factor_at is not None

    def _mail_links(self, request: HttpRequest, users: list[User]) -> None:
        """Mail each a link, and say at whom the mailer failed."""
        failed = []
        for user in users:
            try:
                roster.mail_link(user)
                record("user", user.pk, "invited", now=clock.now(), label=str(user))
            except roster.MailFailed:
                failed.append(user.email)
        if mailed := len(users) - len(failed):
            text = ngettext("A link was mailed to %(n)d person.", "A link was mailed to %(n)d people.", mailed)
            messages.success(request, text % {"n": mailed})
        if failed:
            refused = _("Not mailed, since the mail server did not take it: %(addresses)s. Try again later.")
            messages.warning(request, refused % {"addresses": ", ".join(failed)})

    @admin.action(description=_("Mail a link to set the password"), permissions=["change"])
    def invite_again(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Mail the chosen a fresh link; who may not log in is left out."""
        self._mail_links(request, list(chosen.filter(is_active=True)))


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):  # type: ignore[misc]
    """Everybody's API tokens: looked at and revoked here, made on their own page."""

    list_display = ("name", "user", "prefix", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__name", "user__email")
    fields = readonly_fields = ("name", "user", "prefix", "scopes", *list_display[3:])
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """A token is shown once, to its user: nobody makes one for another."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:  # noqa: ARG002
        """What a token did stays on record; revoke it."""
        return False

    @admin.action(description=_("Revoke"), permissions=["change"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        """End the chosen tokens at once."""
        now = clock.now()
        ended = sum(api_tokens.revoke(token, now=now) for token in chosen)
        messages.success(request, ngettext("%(n)d token ended.", "%(n)d tokens ended.", ended) % {"n": ended})
