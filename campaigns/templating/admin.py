"""Mail templates in the admin: the list, and the editor in place of Django's form. Every door asks the matrix."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from campaigns.templating import answers, editor
from campaigns.templating.models import MailTemplate
from crm.team.permissions import Action, require

Door = Callable[..., HttpResponseBase]


@admin.register(MailTemplate)
class MailTemplateAdmin(ModelAdmin):  # type: ignore[misc]
    """Templates by what was changed last."""

    list_display = ("name", "small", "kind", "newest", "updated_at", "changed_by")
    list_filter = ("kind",)
    search_fields = ("name",)
    ordering = ("-updated_at", "-pk")
    list_select_related = ("updated_by",)
    list_per_page = 20

    class Media:
        """The look of the small mails in the list."""

        css: ClassVar = {"all": ["campaigns/thumbnail.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[MailTemplate]:
        """Return templates with the number of their newest version."""
        found: QuerySet[MailTemplate] = super().get_queryset(request)
        return found.annotate(top=Max("versions__number"))

    @admin.display(description=_("preview"))
    def small(self, template: MailTemplate) -> str:
        """Return the mail, small."""
        return render_to_string("components/mail_thumbnail.html", {"template_id": template.pk})

    @admin.display(description=_("version"), ordering="top")
    def newest(self, template: Any) -> str:
        """Return the number of the newest version."""
        return str(template.top or _("draft only"))

    @admin.display(description=_("changed by"), ordering="updated_by", empty_value="–")
    def changed_by(self, template: MailTemplate) -> Any:
        """Return who changed it last."""
        return template.updated_by

    def has_delete_permission(self, request: HttpRequest, obj: MailTemplate | None = None) -> bool:
        """Allow deleting only what no campaign uses, and no published step of a journey; what was sent stays."""
        used = obj is not None and (obj.campaigns.exists() or obj.versions.filter(dispatches__isnull=False).exists())
        return not used and super().has_delete_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        """Put the editor's doors before Django's."""
        doors = [
            path("add/", self._door(editor.new), name="campaigns_mailtemplate_add"),
            path("artwork/<slug:key>/", self._door(editor.artwork), name="campaigns_mailtemplate_artwork"),
            path("preview/", self._door(answers.show), name="campaigns_mailtemplate_preview"),
            path("examine/", self._door(answers.examine), name="campaigns_mailtemplate_examine"),
            path("test/", self._door(answers.test_mail), name="campaigns_mailtemplate_test"),
            path("people/", self._door(answers.person_choices), name="campaigns_mailtemplate_people"),
            path("picture/", self._door(answers.upload), name="campaigns_mailtemplate_picture"),
            path("<int:number>/change/", self._door(editor.edit), name="campaigns_mailtemplate_change"),
            path("<int:number>/versions/", self._door(editor.history), name="campaigns_mailtemplate_versions"),
        ]
        return doors + list(super().get_urls())

    def _door(self, view: Door) -> Any:
        return self.admin_site.admin_view(partial(self._enter, view))

    def _enter(self, view: Door, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        require(request.user, Action.TEMPLATE_EDIT)
        context = self.admin_site.each_context(request) | {"opts": self.opts, "is_fullwidth": "1"}
        return view(request, context=context, **kwargs)
