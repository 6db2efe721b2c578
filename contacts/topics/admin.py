"""Topics in the admin: named, put in order, retired. Nobody deletes one: what people said about it stays proof."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from contacts.topics.models import Topic
from crm.kit import clock
from crm.kit.text import ForbiddenCharacter, clean_line

_TEXTS = ("name", "name_ko", "description", "description_ko")


class TopicForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    """A topic with the words that people read on the page where they choose."""

    is_offered = forms.BooleanField(
        label=gettext_lazy("Offered"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "A topic that is no longer offered cannot be chosen for new mails. What people refused still holds."
        ),
    )

    class Meta:
        model = Topic
        fields = [*_TEXTS, "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["is_offered"].initial = self.instance.is_offered
        else:
            last = Topic.objects.aggregate(last=Max("position"))["last"]
            self.fields["position"].initial = 1 if last is None else last + 1

    def clean(self) -> dict[str, Any]:
        """Refuse line breaks and controls; names are compared without regard to case."""
        data = super().clean() or self.cleaned_data
        for name in _TEXTS:
            try:
                data[name] = clean_line(data.get(name) or "")
            except ForbiddenCharacter:
                self.add_error(name, _("Line breaks and control characters are not allowed here."))
        return data


@admin.register(Topic)
class TopicAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Topics in the order in which people see them, with how many refuse each."""

    form = TopicForm
    list_display = ("name", "name_ko", "position", "offered", "refused")
    fields = (*_TEXTS, "position", "is_offered")
    ordering = ("position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        """Return topics with the number of people who refuse them."""
        found: QuerySet[Topic] = super().get_queryset(request)
        return found.annotate(refusals=Count("states", filter=Q(states__wanted=False)))

    @admin.display(description=gettext_lazy("offered"), boolean=True)
    def offered(self, topic: Topic) -> bool:
        """Tell whether it can be chosen."""
        return topic.is_offered

    @admin.display(description=gettext_lazy("people who refuse it"))
    def refused(self, topic: Any) -> int:
        """Return how many refuse it."""
        return int(topic.refusals)

    def save_model(self, request: HttpRequest, obj: Topic, form: Any, change: bool) -> None:
        """Keep the topic, retired or offered again as ticked."""
        if form.cleaned_data["is_offered"]:
            obj.retired_at = None
        elif obj.retired_at is None:
            obj.retired_at = clock.now()
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Topic | None = None) -> bool:  # noqa: ARG002
        """Nobody deletes a topic: it is renamed, or no longer offered."""
        return False
