"""Stages, attributes and the record of exports in the admin."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from contacts.attributes.models import Attribute
from contacts.people.models import PeopleExport
from contacts.stages.models import Stage, StageModel


class StageInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """The stages of a model, in order."""

    model = Stage
    extra = 0
    fields = ("position", "key", "name", "name_ko", "team")


@admin.register(StageModel)
class StageModelAdmin(ModelAdmin):  # type: ignore[misc]
    """Stage models; which one is in use is chosen on the settings page, where people are moved too."""

    list_display = ("name", "name_ko", "in_use")
    fields = ("key", "name", "name_ko")
    inlines = (StageInline,)


@admin.register(Stage)
class StageAdmin(ModelAdmin):  # type: ignore[misc]
    """All stages; one that holds people cannot be deleted."""

    list_display = ("name", "name_ko", "model", "position", "team")
    list_filter = ("model",)
    fields = ("model", "position", "key", "name", "name_ko", "team")


@admin.register(Attribute)
class AttributeAdmin(ModelAdmin):  # type: ignore[misc]
    """Attributes in order. Types and keys are fixed once made: stored values follow them."""

    list_display = ("label", "target", "type", "key", "position")
    list_filter = ("target", "type")
    fields = ("target", "label", "key", "type", "choices", "position")

    def get_readonly_fields(self, request: HttpRequest, obj: Attribute | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """Fix target, key and type of an attribute that exists."""
        return ("target", "key", "type") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Attribute | None = None) -> bool:  # noqa: ARG002
        """Leave deleting to the settings page, which takes the values away too."""
        return False


@admin.register(PeopleExport)
class PeopleExportAdmin(ModelAdmin):  # type: ignore[misc]
    """Who took people out, when, how many and why; nobody changes it."""

    list_display = ("at", "by", "people", "reason")
    list_filter = ("by",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: PeopleExport | None = None) -> bool:  # noqa: ARG002
        """Nobody changes one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PeopleExport | None = None) -> bool:  # noqa: ARG002
        """Nobody deletes one."""
        return False
