"""Journeys in the admin: the list, and the editor in place of Django's form. Every door asks the matrix."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from crm.team.permissions import Action, require
from journeys.editor import beginning, doors, files, pages, publication, ruling, states
from journeys.errors import BadGraph
from journeys.journey.models import Journey, JourneyState
from journeys.rehearsal import doors as rehearsal
from journeys.rehearsal import walk_doors, walk_mail

Door = Callable[..., HttpResponseBase]
_COLOURS = {
    JourneyState.DRAFT: "info",
    JourneyState.RUNNING: "success",
    JourneyState.FINISHING: "warning",
    JourneyState.PAUSED: "warning",
    JourneyState.ARCHIVED: "default",
}


@admin.register(Journey)
class JourneyAdmin(ModelAdmin):  # type: ignore[misc]
    """Journeys by what was changed last."""

    list_display = ("name", "shown_state", "live_number", "changed_at", "changer")
    list_filter = ("state",)
    search_fields = ("name", "description")
    ordering = ("-changed_at", "-pk")
    list_select_related = ("changed_by", "live")
    list_per_page = 20

    def get_queryset(self, request: HttpRequest) -> QuerySet[Journey]:
        """Return journeys without their drawings, which the list does not show."""
        found: QuerySet[Journey] = super().get_queryset(request)
        return found.defer("draft", "live__graph")

    @display(description=_("state"), ordering="state", label=_COLOURS)  # type: ignore[untyped-decorator]
    def shown_state(self, journey: Journey) -> tuple[str, str]:
        """Return the state with its colour."""
        return journey.state, journey.get_state_display()

    @admin.display(description=_("live version"), empty_value="–")
    def live_number(self, journey: Journey) -> int | None:
        """Return the number of the version that runs."""
        return journey.live.number if journey.live else None

    @admin.display(description=_("changed by"), ordering="changed_by", empty_value="–")
    def changer(self, journey: Journey) -> Any:
        """Return who changed it last."""
        return journey.changed_by

    def has_delete_permission(self, request: HttpRequest, obj: Journey | None = None) -> bool:
        """Allow deleting only what never ran; what ran is archived."""
        ran = obj is not None and obj.versions.exists()
        return not ran and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> Any:
        """Offer no deleting of many: each journey is archived or deleted by itself."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_urls(self) -> list[URLPattern]:
        """Put the editor's doors before Django's."""
        one = {
            "change": pages.edit,
            "draft": doors.draft,
            "pulse": doors.pulse,
            "theirs": doors.theirs,
            "copy": doors.copy,
            "panel": doors.panel,
            "layout": doors.layout,
            "name": doors.name,
            "publish": publication.publish,
            "act": states.act,
            "versions": states.versions,
            "export": files.export,
            "import": files.take,
            "rehearse": rehearsal.ask,
            "rehearsal": rehearsal.look,
            "rehearsal-stop": rehearsal.stop,
            "walk": walk_doors.walks,
            "walk-mail": walk_mail.mail,
        }
        ways = [path("add/", self._door(beginning.new), name="journeys_journey_add")]
        ways.append(path("rule/", self._door(ruling.rule), name="journeys_journey_rule"))
        ways += [
            path(f"<int:number>/{part}/", self._door(view), name=f"journeys_journey_{part}")
            for part, view in one.items()
        ]
        return ways + list(super().get_urls())

    def _door(self, view: Door) -> Any:
        return self.admin_site.admin_view(partial(self._enter, view))

    def _enter(self, view: Door, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        require(request.user, Action.JOURNEY_EDIT)
        context = self.admin_site.each_context(request) | {"opts": self.opts, "is_fullwidth": "1"}
        try:
            return view(request, context=context, **kwargs)
        except BadGraph as error:  # a stored drawing that this version of the product cannot read
            raise BadRequest(str(error)) from error
