"""The settings of notices as a marketer fills them in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.notices.models import NoticeSettings
from campaigns.senders.models import Sender
from campaigns.templating.models import MailKind, MailTemplate
from crm.kit.locking import Lockable

FIELDS = ("results", "reminders", "sender", "result_template", "reminder_template")


def _mails() -> Any:
    return MailTemplate.objects.filter(kind=MailKind.INFORMATIONAL, versions__isnull=False).distinct().order_by("name")


class NoticeForm(Lockable):
    """Which notices go out, from whom, and which mails they are."""

    results = forms.BooleanField(
        label=_("Tell people the result when they agree or refuse"),
        required=False,
        help_text=_("By mail, ten minutes after their last word. Korean law asks for it within 14 days."),
    )
    reminders = forms.BooleanField(
        label=_("Remind people every two years of what they agreed to"),
        required=False,
        help_text=_("30 days before each second year ends."),
    )
    sender = forms.ModelChoiceField(
        label=_("Sender"),
        queryset=Sender.objects.exclude(verified_at=None).order_by("name", "pk"),
        help_text=_("Only senders whose address is confirmed."),
    )
    result_template = forms.ModelChoiceField(
        label=_("Mail of the result"),
        queryset=MailTemplate.objects.none(),
        help_text=_("Only informational mails with a saved version."),
    )
    reminder_template = forms.ModelChoiceField(label=_("Mail of the reminder"), queryset=MailTemplate.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("result_template", "reminder_template"):
            self.fields[name].queryset = _mails()  # type: ignore[attr-defined]

    @classmethod
    def of(cls, held: NoticeSettings | None, first: dict[str, Any]) -> "NoticeForm":
        """Return the form filled with what is stored, or with `first` while nothing is."""
        if held is None:
            return cls(initial=first).opened(0)
        stored = {name: getattr(held, name) for name in FIELDS}
        return cls(initial={name: getattr(value, "pk", value) for name, value in stored.items()}).opened(held.version)
