"""What a marketer fills in for a campaign: the mail, the sender, the audience, the links, the time."""

from typing import Any, Self

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.campaign.models import PEOPLE, Campaign
from contacts.topics.models import Topic
from crm.kit.locking import Lockable
from crm.kit.text import ForbiddenCharacter, clean_line

PARAMETERS = (
    "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term",
    "nt_source", "nt_medium", "nt_detail", "nt_keyword",
)  # fmt: skip
_LINES = ("name", "subject", "preheader", *PARAMETERS)


class CampaignForm(Lockable, forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    """A draft; every part but the name may be filled in later. Link parameters are fields of their own."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Campaign
        fields = [
            "name", "template", "topic", "subject", "preheader", "sender",
            *PEOPLE, "doubt",
        ]  # fmt: skip
        widgets = {name: forms.SelectMultiple({"data-pick": "", "size": 4}) for name in PEOPLE}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].help_text = _(
            "Empty: the template's subject. The mark (광고) is put before it by itself."
        )
        self.fields["preheader"].help_text = _("The words an inbox shows after the subject. Empty: the template's.")
        self.fields["topic"].help_text = _(
            "What the mail is about. Who refused this topic gets no mail. Empty: of no topic, for all who agreed."
        )
        # A draft keeps a topic that was retired since.
        self.fields["topic"].queryset = Topic.objects.filter(  # type: ignore[attr-defined]
            Q(retired_at=None) | Q(pk=self.instance.topic_id)
        )
        self.fields["topic"].empty_label = _("No topic")  # type: ignore[attr-defined]
        self.fields["doubt"].help_text = _(
            "Now and then a mail server breaks off in the very moment it takes a mail, and nobody can tell whether "
            "that one mail arrived. Sent once more it surely does, and that person may get it twice. Held, it waits on "
            "the result page until somebody decides."
        )
        stored = self.instance.link_parameters or {}
        for name in PARAMETERS:
            self.fields[name] = forms.CharField(
                label=name, required=False, max_length=120, initial=stored.get(name, ""), localize=False
            )

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """Return the form of a stored draft."""
        return cls(instance=campaign).opened(campaign.version)

    def parameter_fields(self) -> list[forms.BoundField]:
        """The link parameters, for the page."""
        return [self[name] for name in PARAMETERS]

    def clean(self) -> dict[str, Any]:
        """Refuse line breaks and controls; gather the link parameters."""
        data = super().clean() or {}
        for name in _LINES:
            try:
                data[name] = clean_line(data.get(name) or "")
            except ForbiddenCharacter:
                self.add_error(name, _("Line breaks and control characters are not allowed here."))
        data["link_parameters"] = {name: data[name] for name in PARAMETERS if data.get(name)}
        return data


class ScheduleForm(forms.Form):
    """When a campaign is to leave, in the reader's time zone."""

    at = forms.DateTimeField(
        label=_("Send at"), widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )

    def clean_at(self) -> Any:
        """Refuse a time that has passed."""
        at = self.cleaned_data["at"]
        if at <= timezone.now():
            raise forms.ValidationError(_("Choose a time that is still to come."))
        return at


def default_parameters() -> dict[str, str]:
    """Return the link parameters a new campaign starts with."""
    return {"utm_source": "wayfare", "utm_medium": "email"}
