"""Tell colleagues, in the product and by mail: the owner, one of them, or all of a role. Many people, one notice."""

from collections import defaultdict
from collections.abc import Iterator

from django import forms
from django.db import models
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.people.models import Contact
from contacts.segments.rules.words import filled
from crm.team import notices
from crm.team.models import Role, User
from crm.team.notices import News
from crm.team.tasks import wake
from journeys.engine.batch import Batch
from journeys.steps.kind import Cleaned, Shelf, StepForm, StepKind
from journeys.steps.row_choice import RowChoice

_PEOPLE = """
SELECT DISTINCT c.id, c.owner_id FROM {rows} b JOIN contacts_contact c ON c.id = b.contact_id
WHERE c.merged_into_id IS NULL ORDER BY c.id
"""


class Whom(models.TextChoices):
    """Who is told."""

    OWNER = "owner", _("The owner of the person")
    USER = "user", _("One colleague")
    ROLE = "role", _("Everybody of a role")


class NotifyForm(StepForm):
    whom = forms.ChoiceField(label=_("Who is told"), choices=Whom, initial=Whom.OWNER, widget=forms.RadioSelect)
    user = RowChoice(User.objects.filter(is_active=True).order_by("name", "pk"), label=_("Colleague"), required=False)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[("", "–"), *Role.choices],
        required=False,
        help_text=_("Also told where the owner is to be told and there is none."),
    )
    message = forms.CharField(label=_("What to say"), max_length=300)
    by_mail = forms.BooleanField(label=_("By mail too"), required=False, initial=True)

    shown_when = {"user": ("whom", ("user",)), "role": ("whom", ("owner", "role"))}
    asked = frozenset({"user"})

    def clean(self) -> None:
        """Ask for whom it is."""
        name = {Whom.USER: "user", Whom.ROLE: "role"}.get(self.cleaned_data.get("whom", ""))
        if name and name not in self.errors and not self.cleaned_data.get(name):
            self.add_error(name, gettext("This is needed here."))


class NotifyStep(StepKind):
    key = "notify"
    label = _("Tell colleagues")
    icon = "bell"
    shelf = Shelf.TEAM
    form = NotifyForm

    def act(self, batch: Batch) -> None:
        """Write one notice for each colleague, about those of the batch whom she may see."""
        batch.run(_PEOPLE)
        said = [_news(*one, message=batch.cleaned["message"]) for one in _recipients(batch)]
        if notices.tell([news for news in said if news], by_mail=batch.cleaned["by_mail"], now=batch.now):
            wake()

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        if cleaned["whom"] == Whom.OWNER:
            return filled(gettext("Tell the owner: %(message)s"), message=cleaned["message"])
        whom = str(cleaned["user"]) if cleaned["whom"] == Whom.USER else str(Role(cleaned["role"]).label)
        return filled(gettext("Tell %(whom)s: %(message)s"), whom=whom, message=cleaned["message"])


def _recipients(batch: Batch) -> Iterator[tuple[User, list[int]]]:
    """Yield each colleague with the people she is told of; who may not log in any more is left out."""
    rows = batch.cursor.fetchall()
    cleaned, everybody = batch.cleaned, [contact for contact, _owner in rows]
    if cleaned["whom"] == Whom.USER:
        yield from ((user, everybody) for user in User.objects.filter(pk=cleaned["user"].pk, is_active=True))
        return
    of_owner: dict[int | None, list[int]] = defaultdict(list)
    if cleaned["whom"] == Whom.OWNER:
        for contact, owner in rows:
            of_owner[owner].append(contact)
        everybody = of_owner.pop(None, [])
        for user in User.objects.filter(pk__in=list(filter(None, of_owner)), is_active=True).order_by("pk"):
            yield user, of_owner[user.pk]
    if cleaned["role"] and everybody:
        of_role = User.objects.filter(role=cleaned["role"], is_active=True).order_by("pk")
        yield from ((user, everybody) for user in of_role)


def _news(user: User, contacts: list[int], *, message: str) -> News | None:
    """Return the notice in the colleague's language; None where she may see none of these people."""
    visible = Contact.objects.visible_to(user).filter(pk__in=contacts).order_by("pk")
    first, count = visible.first(), visible.count()
    if first is None:
        return None
    with translation.override(user.language):
        if count == 1:
            text = filled(gettext("%(message)s (%(name)s)"), message=message, name=first.display_name)
        else:
            pattern = ngettext(
                "%(message)s (%(name)s and %(n)s more)", "%(message)s (%(name)s and %(n)s more)", count - 1
            )
            text = filled(pattern, message=message, name=first.display_name, n=str(count - 1))
    return News(user, text, reverse("contacts:person", args=[first.pk]))


NOTIFY = NotifyStep()
