"""Points that a colleague gives one person, or takes, with a reason."""

from typing import Any
from uuid import uuid4

from django.utils.translation import gettext_lazy as _

from contacts.scoring.given import LONGEST_REASON, MOST, give
from contacts.scoring.heat import default_model
from crm.api.contacts import found
from crm.api.fields import Body, Text, Whole
from crm.api.problems import invalid
from crm.api.route import Asked
from crm.api.scores import DOOR
from crm.kit.text import clean_line
from crm.team.permissions import Action


class PointsIn(Body):
    points = Whole(min_value=-MOST, max_value=MOST, help_text=_("Below zero takes points away."))
    reason = Text(max_length=LONGEST_REASON, allow_blank=False, help_text=_("Stands among the reasons of the score."))


@DOOR.post(
    "contacts/<row:contact_id>/points", Action.SCORE_EDIT, _("Give a person points"), takes=PointsIn, status=204,
    example={"points": 20, "reason": "Asked for an offer at the expo"},
    text=_("The score follows within moments, and the points fade as all do."),
)  # fmt: skip
def give_points(asked: Asked, contact_id: int) -> Any:
    """Note the points."""
    contact, body = found(asked.user, contact_id), asked.body
    reason = clean_line(body["reason"])
    if not body["points"]:
        raise invalid("points", str(_("0 points change nothing.")))
    if not reason:
        raise invalid("reason", str(_("Say in a few words why.")))
    give(contact.pk, default_model(), body["points"], reason, by=asked.user, now=asked.now, token=uuid4())
