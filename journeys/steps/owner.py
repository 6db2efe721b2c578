"""Who looks after the person: one owner for all, or colleagues in turn by their shares."""

from django import forms
from django.db import models
from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.words import filled
from crm.team.models import User
from journeys.engine.batch import Batch
from journeys.errors import StepBroken
from journeys.journey.models import JourneyStep
from journeys.steps.kind import Cleaned, Shelf, StepForm, StepKind
from journeys.steps.row_choice import RowChoice
from journeys.steps.rows_field import RowForm, RowsField
from journeys.steps.telling import told

_COLLEAGUES = User.objects.filter(is_active=True).order_by("name", "pk")
_GIVE = """
WITH held AS (
    SELECT c.id, c.owner_id FROM contacts_contact c
    WHERE c.merged_into_id IS NULL AND c.id IN (SELECT b.contact_id FROM {rows} b WHERE {chosen})
      AND c.owner_id IS DISTINCT FROM %s AND (NOT %s OR c.owner_id IS NULL)
    ORDER BY c.id FOR NO KEY UPDATE
),
done AS (
    UPDATE contacts_contact c SET owner_id = %s, updated_at = %s, version = c.version + 1
    FROM held h WHERE c.id = h.id RETURNING c.id AS contact_id, h.owner_id AS from_id
)
"""
_FROM = "jsonb_build_object('from', d.from_id)"
# Each person once, in the order in which they came; who has an owner already may keep her place in nobody's turn.
_DRAW = """
WITH waiting AS (
    SELECT c.id, row_number() OVER (ORDER BY min(b.arrived_at), c.id) - 1 AS place
    FROM {rows} b JOIN contacts_contact c ON c.id = b.contact_id AND c.merged_into_id IS NULL
    WHERE NOT %s OR c.owner_id IS NULL GROUP BY c.id
),
drawn AS (
    UPDATE {rows} b SET facts = jsonb_build_object('owner', (%s::bigint[])[(w.place + %s) %% %s + 1])
    FROM waiting w WHERE b.contact_id = w.id
)
SELECT count(*) FROM waiting
"""


def give(batch: Batch, owner: User | None, *, keep: bool, chosen: str = "true") -> None:
    """Give the batch's people (`chosen`: SQL over `b`) to `owner`; with `keep` only those who have none."""
    number = owner.pk if owner else None
    params = (number, keep, number, batch.now)
    subject = ("user", str(owner.pk)) if owner else None
    event = told(batch, "owner.changed", subject, {"owner": owner.name if owner else ""}, own=_FROM)
    change = compose("{give} {event}", give=Sql(_GIVE.format(rows=batch.rows, chosen=chosen), params), event=event)
    batch.cursor.execute(change.text, change.params)


def _active(user: User) -> User:
    found = User.objects.filter(pk=user.pk, is_active=True).first()
    if found is None:
        text = gettext("%(name)s may not log in any more. Choose another colleague and publish the journey again.")
        raise StepBroken(text % {"name": user})
    return found


class What(models.TextChoices):
    """Which way."""

    GIVE = "give", _("Hand over to a colleague")
    TAKE = "take", _("Take the owner away")


class OwnerForm(StepForm):
    what = forms.ChoiceField(
        label=_("What to do"), choices=What, initial=What.GIVE, widget=forms.RadioSelect, required=False
    )
    owner = RowChoice(_COLLEAGUES, label=_("Owner"), required=False)
    keep = forms.BooleanField(label=_("Keep the owner of those who have one"), required=False)

    shown_when = {"owner": ("what", (What.GIVE,)), "keep": ("what", (What.GIVE,))}
    asked = frozenset({"owner"})

    def clean(self) -> None:
        """Ask for the colleague. Drawings from before there was a choice took the owner away where nobody stood."""
        if not self.cleaned_data.get("what"):
            self.cleaned_data["what"] = What.GIVE if self.cleaned_data.get("owner") else What.TAKE
        if self.cleaned_data["what"] == What.TAKE:
            self.cleaned_data |= {"owner": None, "keep": False}
        elif "owner" not in self.errors and not self.cleaned_data.get("owner"):
            self.add_error("owner", gettext("This is needed here."))


class OwnerStep(StepKind):
    key = "owner"
    label = _("Change the owner")
    icon = "user-share"
    shelf = Shelf.TEAM
    form = OwnerForm

    def act(self, batch: Batch) -> None:
        """Hand the people over. Raises StepBroken when the colleague is gone."""
        owner = batch.cleaned["owner"]
        give(batch, _active(owner) if owner else None, keep=batch.cleaned["keep"])

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        if cleaned["owner"] is None:
            return gettext("Take the owner away")
        return filled(gettext("Hand over to %(name)s"), name=str(cleaned["owner"]))


class ColleagueForm(RowForm):
    user = RowChoice(_COLLEAGUES, label=_("Colleague"))
    weight = forms.IntegerField(label=_("Share"), min_value=1, max_value=20, initial=1)


class AssignForm(StepForm):
    colleagues = RowsField(
        ColleagueForm,
        prefix="c",
        label=_("Colleagues"),
        help_text=_("In turn; who has a share of 2 gets two people in a round."),
    )
    keep = forms.BooleanField(label=_("Keep the owner of those who have one"), required=False, initial=True)


class AssignStep(StepKind):
    key = "assign"
    label = _("Assign in turn")
    icon = "arrows-shuffle"
    shelf = Shelf.TEAM
    form = AssignForm

    def act(self, batch: Batch) -> None:
        """Go on with the round where the last batch ended. Raises StepBroken when a colleague is gone."""
        keep = batch.cleaned["keep"]
        users = {row["user"].pk: _active(row["user"]) for row in batch.cleaned["colleagues"]}
        round_ = [row["user"].pk for row in batch.cleaned["colleagues"] for _turn in range(row["weight"])]
        steps = JourneyStep.objects.filter(pk=batch.place.step_id).select_for_update(no_key=True)
        turn = steps.values_list("turns", flat=True).first() or 0
        batch.run(_DRAW, keep, round_, turn % len(round_), len(round_))
        steps.update(turns=F("turns") + batch.cursor.fetchone()[0])
        for number, user in users.items():
            give(batch, user, keep=keep, chosen=f"(b.facts ->> 'owner')::bigint = {number}")

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        names = ", ".join(str(row["user"]) for row in cleaned["colleagues"])
        return filled(gettext("Assign in turn to %(names)s"), names=names)


OWNER, ASSIGN = OwnerStep(), AssignStep()
