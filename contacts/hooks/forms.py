"""Forms of the pages of webhooks."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from contacts.hooks import offered
from contacts.hooks.models import Hook
from contacts.hooks.subscribing import Subscription
from contacts.segments.models import Segment
from crm.kit.locking import SEEN, VERSION, Lockable
from crm.team.models import User

_HEADINGS = {
    "contact": gettext_lazy("Profile"), "consent": gettext_lazy("Consent"), "address": gettext_lazy("Exclusions"),
    "list": gettext_lazy("Lists"), "tag": gettext_lazy("Tags"), "stage": gettext_lazy("Stages"),
    "segment": gettext_lazy("Segments"), "owner": gettext_lazy("Owner"), "lead": gettext_lazy("Leads"),
    "page": gettext_lazy("Pages"), "form": gettext_lazy("Forms"), "product": gettext_lazy("Products"),
    "event": gettext_lazy("Other programs"), "cart": gettext_lazy("Shopping cart"), "order": gettext_lazy("Orders"),
    "call": pgettext_lazy("telephone", "Calls"), "note": gettext_lazy("Notes"), "mail": gettext_lazy("Mails"),
    "journey": gettext_lazy("Journeys"), "topic": gettext_lazy("Topics"),
}  # fmt: skip


def _kinds() -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """Return the kinds under headings."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for kind in offered.kinds():
        heading = str(_HEADINGS[kind.key.partition(".")[0]])
        groups.setdefault(heading, []).append((kind.key, f"{kind.label} ({kind.key})"))
    return groups.items()


class HookForm(Lockable):
    """What is told where."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("The program: ERP, shop, data warehouse.")
    )
    url = forms.CharField(
        label=gettext_lazy("Address"), max_length=2_000, widget=forms.URLInput,
        help_text=gettext_lazy("https, reachable from the internet. A redirect is not followed."),
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Events"), widget=forms.CheckboxSelectMultiple, choices=_kinds,
        error_messages={"required": gettext_lazy("Choose events from the list.")},
    )  # fmt: skip
    owner_id = forms.TypedChoiceField(
        label=gettext_lazy("Of the people seen by"), coerce=int,
        help_text=gettext_lazy("The program is told only of people whom this colleague may see."),
    )  # fmt: skip
    segment_id = forms.TypedChoiceField(
        label=gettext_lazy("Only people of"), coerce=int, empty_value=None, required=False,
        help_text=gettext_lazy("Whoever is in this segment when it happens."),
    )  # fmt: skip
    batched = forms.BooleanField(
        label=gettext_lazy("Many events in one call"), required=False,
        help_text=gettext_lazy("Up to 100 at once, within a minute. Otherwise each event is a call, at once."),
    )  # fmt: skip
    with_person = forms.BooleanField(
        label=gettext_lazy("With name and e-mail address"), required=False,
        help_text=gettext_lazy("Otherwise only the number of the person; the program asks the API for the rest."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        users = User.objects.filter(is_active=True).order_by("name").values_list("pk", "name")
        segments = sorted(((row.pk, row.label) for row in Segment.objects.audiences()), key=lambda pair: pair[1])
        self.fields["owner_id"].choices = list(users)  # type: ignore[attr-defined]
        self.fields["segment_id"].choices = [("", pgettext("people", "Everybody")), *segments]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, hook: Hook) -> "HookForm":
        """Return the form filled with a webhook as it is."""
        return cls(initial={name: getattr(hook, name) for name in cls.base_fields if name != SEEN}).opened()

    def wanted(self) -> Subscription:
        """Return what was said."""
        said = self.cleaned_data
        return Subscription(**{name: said[name] for name in self.fields if name not in (VERSION, SEEN)})

    def blame(self, errors: dict[str, str]) -> None:
        """Put what was refused beside its field."""
        for name, text in errors.items():
            self.add_error(name if name in self.fields else None, text)


class ReplayForm(forms.Form):
    """Which deliveries are made once more, in the reader's time zone."""

    since = forms.DateTimeField(label=gettext_lazy("From"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    until = forms.DateTimeField(label=gettext_lazy("To"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    only_failed = forms.BooleanField(label=gettext_lazy("Only what failed"), required=False, initial=True)
