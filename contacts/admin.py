"""Contacts in the admin: stages are named here; the rest is shown and leads to the page where it is changed."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from contacts.attributes.models import Attribute
from contacts.consent.models import ConsentEntry, Suppression
from contacts.ledger.models import Event
from contacts.people.models import PeopleExport
from contacts.privacy.models import Erasure
from contacts.scoring.models import ScoreEntry, ScoreModel, ScoreRule
from contacts.stages.models import Stage, StageModel
from contacts.topics.admin import TopicAdmin
from crm.team.admin_lists import ShownAdmin, column

__all__ = ["TopicAdmin"]


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
    list_display = ("name", "warm_at", "hot_at", "half_life", "account_by")
    ordering = ("pk",)


@admin.register(ScoreRule)
class ScoreRuleAdmin(ShownAdmin):
    """What gives points."""

    page_name = "contacts:score-rule"
    list_display = ("name", "model", "kind", "points", "cap_times", "cap_period", "active")
    list_select_related = ("model",)
    list_filter = ("active",)
    ordering = ("model", "name", "pk")


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
    list_display = ("number", "requested_at", "by", "reason", "people", "finished_at")
    list_select_related = ("by",)
    ordering = ("-pk",)


@admin.register(Event)
class EventAdmin(ShownAdmin):
    """Everything that happened, in the order in which it was recorded."""

    by_person = True
    list_display = (
        column("occurred_at", _("time")), "person", column("kind", _("what happened")), column("subject", _("about")),
        column("value", _("value")),
    )  # fmt: skip
    list_select_related = ("kind", "subject")
    ordering = ("-tx", "-id")


@admin.register(ConsentEntry)
class ConsentEntryAdmin(ShownAdmin):
    """What people said about consent, with the proof."""

    by_person = True
    list_display = (
        column("at", _("time")), "person", column("purpose", _("What for")), column("channel", _("Channel")),
        column("decision", _("Decision")), column("source", _("Source")),
        column("wording_version", _("Version of the wording")), column("recorded_by", _("Recorded by")),
    )  # fmt: skip
    list_select_related = ("recorded_by",)
    ordering = ("-pk",)


@admin.register(ScoreEntry)
class ScoreEntryAdmin(ShownAdmin):
    """Every point that was given, with its rule."""

    by_person = True
    list_display = (
        column("occurred_at", _("time")), "person", column("model", _("Model")), column("rule", _("Rule")),
        column("points", _("Points")),
    )  # fmt: skip
    list_select_related = ("model", "rule")
    ordering = ("-pk",)


@admin.register(Suppression)
class SuppressionAdmin(ShownAdmin):
    """Addresses that get nothing; whose they are cannot be read from them."""

    list_display = (column("at", _("time")), column("reason", _("Reason")), column("detail", _("Detail")))
    list_filter = ("reason",)
    ordering = ("-pk",)
