"""What a ready journey has to be told before it can be drawn: a name, who writes, to whom, and where buttons lead."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.senders.models import Sender
from contacts.segments.models import Segment
from crm.kit.clock import now
from journeys.editor.forms import NameForm
from journeys.journey import editing
from journeys.journey.models import Journey
from journeys.starters.beginning import Wishes
from journeys.starters.catalogue import contract_dates
from journeys.starters.starter import Ask, ReadySegment, Starter

READY = "ready"  # the segment that comes with the journey
_HOST = re.compile(r"(?:https?://)?((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]+)/?", re.IGNORECASE)
_AHEAD = timedelta(days=14)


class StartForm(NameForm):
    """Asks only for what the ready journey needs; `wishes()` says what was chosen."""

    sender = forms.ModelChoiceField(
        Sender.objects.order_by("name", "pk"),
        label=gettext_lazy("Sender"),
        help_text=gettext_lazy("Whom the mails come from."),
    )
    segment = forms.ChoiceField(label=gettext_lazy("Segment"), help_text=gettext_lazy("Who comes in."))
    date_field = forms.ChoiceField(label=gettext_lazy("Date of the person"))
    day = forms.DateField(
        label=gettext_lazy("On which day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    site = forms.CharField(
        label=gettext_lazy("Your website"),
        max_length=253,
        help_text=gettext_lazy("Buttons in the mails lead to its front page, until you change them in the mail."),
    )

    def __init__(self, starter: Starter, data: Mapping[str, Any] | None = None) -> None:
        sender = Sender.objects.order_by("verified_at", "pk").first()
        super().__init__(data, initial=_initial(starter, sender))
        self.starter = starter
        for name, ask in (("segment", Ask.SEGMENT), ("date_field", Ask.DATE), ("day", Ask.DAY)):
            if ask not in starter.asks:
                del self.fields[name]
        if "segment" in self.fields:
            self.fields["segment"].choices = _segments(starter.segment)  # type: ignore[attr-defined]
        if "date_field" in self.fields:
            self.fields["date_field"].choices = contract_dates()  # type: ignore[attr-defined]

    def clean_site(self) -> str:
        """Return the host name alone."""
        found = _HOST.fullmatch(self.cleaned_data["site"].strip())
        if found is None:
            raise forms.ValidationError(_("This is no website such as www.example.com."))
        return found[1].lower()

    def wishes(self) -> Wishes:
        """Return what was chosen in a valid form."""
        said = self.cleaned_data
        segment = said.get("segment", READY)
        return Wishes(
            name=said["name"],
            description=said["description"],
            sender=said["sender"].pk,
            site=said["site"],
            segment=None if segment == READY else int(segment),
            date_field=said.get("date_field", ""),
            day=said.get("day"),
        )


def _initial(starter: Starter, sender: Sender | None) -> dict[str, Any]:
    """Return what is likely: the sender that was proved first, and the website of its address."""
    host = sender.email.rpartition("@")[2] if sender else ""
    return {
        "name": _free_name(str(starter.name)),
        "description": str(starter.description),
        "sender": sender,
        "site": f"www.{host}" if host else "",
        "day": (now() + _AHEAD).date(),
    }


def _free_name(name: str) -> str:
    return editing.copy_name(name) if Journey.objects.filter(name__iexact=name).exists() else name


def _segments(ready: ReadySegment | None) -> list[tuple[str, str]]:
    found = [(str(row.pk), row.label) for row in Segment.objects.audiences().order_by("name").only("name")]
    if ready is None or any(name == str(ready.name) for _number, name in found):
        return found
    return [(READY, _("“%(name)s” (made for you)") % {"name": ready.name}), *found]
