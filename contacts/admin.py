"""Contacts in the admin: stages are named here; the rest is shown and leads to the page where it is changed."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from contacts.attributes.models import Attribute
from contacts.consent.models import ConsentEntry, Suppression
from contacts.ledger.kinds import words_of
from contacts.ledger.models import Event
from contacts.people.admin import OfPeopleAdmin
from contacts.people.models import PeopleExport
from contacts.privacy.models import Erasure
from contacts.scoring.models import ScoreEntry, ScoreModel, ScoreRule
from contacts.stages import editing
from contacts.stages.models import Stage, StageModel
from contacts.topics.admin import TopicAdmin
from crm.team.admin_lists import ShownAdmin, column

__all__ = ["TopicAdmin"]


class StagesForm(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """The stages of a model, checked as a whole: keys stay, and nobody stands at a stage that goes."""

    def clean(self) -> None:
        """Refuse what contacts.stages.editing refuses."""
        super().clean()
        try:
            editing.check_removal([form.instance for form in self.deleted_forms if form.instance.pk])
            for form in self.initial_forms:
                editing.check_key(form.instance, form.cleaned_data.get("key", ""))
        except editing.CannotGo as problem:
            raise ValidationError(str(problem)) from problem

    def delete_existing(self, obj: Any, commit: bool = True) -> None:
        """Remove a stage with what stands behind its rule."""
        if commit:
            editing.remove(obj)


class StageInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """The stages of a model, in order."""

    model = Stage
    formset = StagesForm
    extra = 0
    fields = ("position", "key", "name", "name_ko", "team")

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """Leave it to StagesForm who may go: the admin's own check would read everybody who stands at a stage."""
        made = super().get_formset(request, obj, **options)
        made.form.hand_clean_DELETE = lambda _form: None
        return made


@admin.register(StageModel)
class StageModelAdmin(ModelAdmin):  # type: ignore[misc]
    """Stage models with their stages; the settings page puts one in use and moves people."""

    list_display = ("name", "name_ko", "in_use")
    fields = ("key", "name", "name_ko")
    inlines = (StageInline,)
    actions = None

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Let a key be chosen once: presets and other programs name a model by it."""
        return ("key",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A model that is in use, or where somebody stands, stays."""
        if not super().has_delete_permission(request, obj):
            return False
        try:
            if obj is not None:
                editing.check_model(obj)
        except editing.CannotGo:
            return False
        return True

    def delete_model(self, _request: HttpRequest, obj: StageModel) -> None:
        """Remove a model with its stages and what stands behind their rules."""
        editing.remove_model(obj)

    def get_deleted_objects(self, objs: Any, _request: HttpRequest) -> Any:
        """Say that the stages go with their model; others than these two are never reached."""
        stages = [stage.label for model in objs for stage in model.stages.all()]
        return [str(model) for model in objs] + stages, {str(_("stages")): len(stages)}, set(), []

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: ARG002
        """Save the stages; people are looked at anew where that matters."""
        formset.save(commit=False)
        for stage in formset.deleted_objects:
            editing.remove(stage)
        for stage, _fields in formset.changed_objects:
            stage.save()
        for stage in formset.new_objects:
            stage.save()
        if formset.has_changed():
            editing.changed(formset.instance)


@admin.register(Stage)
class StageAdmin(ShownAdmin):
    """All stages; the page of one is its rule, its model is where it is named."""

    page_name = "contacts:stage-rule"
    list_display = ("name", "name_ko", "model", "position", "team")
    list_select_related = ("model",)
    list_filter = ("model",)
    ordering = ("model", "position")


@admin.register(Attribute)
class AttributeAdmin(ShownAdmin):
    """Attributes in order; their page renames them, retires them and says where they are used."""

    page_name = "contacts:attribute"
    list_display = ("label", "target", "type", "key", "position")
    list_filter = ("target", "type")
    ordering = ("target", "position", "pk")


@admin.register(ScoreModel)
class ScoreModelAdmin(ShownAdmin):
    """Score models: from how many points somebody is warm or hot, and how fast points fade."""

    page_name, page_takes_key = "contacts:score-model", False
    list_display = (column("label", _("name")), "warm_at", "hot_at", "half_life", "account_by")
    ordering = ("pk",)


@admin.register(ScoreRule)
class ScoreRuleAdmin(ShownAdmin):
    """What gives points."""

    page_name = "contacts:score-rule"
    list_display = (
        column("label", _("name")), "of_model", "what", "points", "cap_times", "cap_period", "active",
    )  # fmt: skip
    list_select_related = ("model",)
    list_filter = ("active",)
    ordering = ("model", "name", "pk")

    @admin.display(description=_("model"), ordering="model")
    def of_model(self, rule: ScoreRule) -> str:
        """Return the model by name."""
        return rule.model.label

    @admin.display(description=_("what happens"))
    def what(self, rule: ScoreRule) -> str:
        """Return the kind in words."""
        return words_of(rule.kind)


@admin.register(PeopleExport)
class PeopleExportAdmin(ShownAdmin):
    """Who took people out, when, how many and why."""

    list_display = ("at", "by", "people", "reason")
    list_filter = ("by",)
    list_select_related = ("by",)
    ordering = ("-at", "-pk")


@admin.register(Erasure)
class ErasureAdmin(ShownAdmin):
    """Erased people, each with its certificate."""

    page_name = "contacts:erasure"
    list_display = (column("number", _("Certificate")), "requested_at", "by", "reason", "people", "finished_at")
    list_select_related = ("by",)
    ordering = ("-pk",)


@admin.register(Event)
class EventAdmin(OfPeopleAdmin):
    """Everything that happened, in the order in which it was recorded."""

    list_display = (
        column("occurred_at", _("time")), "person", "what", column("subject", _("about")),
        column("value", _("value")),
    )  # fmt: skip
    list_select_related = ("kind", "subject")
    ordering = ("-tx", "-id")

    @admin.display(description=_("what happened"))
    def what(self, event: Event) -> str:
        """Return the kind in words."""
        return words_of(event.kind.key)


@admin.register(ConsentEntry)
class ConsentEntryAdmin(OfPeopleAdmin):
    """What people said about consent, with the proof."""

    list_display = (
        column("at", _("time")), "person", column("purpose", _("What for")), column("channel", _("Channel")),
        column("decision", _("Decision")), column("where", _("Where it was said")),
        column("wording_version", _("Version of the wording")), column("recorded_by", _("Recorded by")),
    )  # fmt: skip
    list_select_related = ("recorded_by",)
    ordering = ("-pk",)


@admin.register(ScoreEntry)
class ScoreEntryAdmin(OfPeopleAdmin):
    """Every point that was given, with its rule."""

    list_display = (
        column("occurred_at", _("time")), "person", "of_model", column("what", _("Rule")),
        column("points", _("Points")),
    )  # fmt: skip
    list_select_related = ("model", "rule")
    ordering = ("-pk",)

    @admin.display(description=_("Model"))
    def of_model(self, entry: ScoreEntry) -> str:
        """Return the model by name."""
        return entry.model.label


@admin.register(Suppression)
class SuppressionAdmin(ShownAdmin):
    """Addresses that get nothing; whose they are cannot be read from them."""

    list_display = (column("at", _("time")), column("reason", _("Reason")), column("detail", _("Detail")))
    list_filter = ("reason",)
    ordering = ("-pk",)
