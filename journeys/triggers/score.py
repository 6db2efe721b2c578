"""Way in: a score comes to so many points. Points fade, so somebody may come to them again."""

from django import forms
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.ledger.dictionary import kind_ids
from contacts.scoring.follower import active_kinds
from contacts.scoring.heat import default_model
from contacts.scoring.models import ScoreModel
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.words import filled
from journeys.steps.kind import Cleaned
from journeys.steps.row_choice import RowChoice
from journeys.triggers.kind import TriggerForm, TriggerKind

# A kept sum of points (contacts/scoring/decay.py). Followers of scores run before: the new events' points are in it,
# and perhaps those of later ones, which are taken off by the numbers of events.
_KEPT = "* 2::float8 ^ (extract(epoch FROM {at} - m.anchor)::float8 / 86400 / m.half_life)"
_STARTED = f"""
SELECT n.contact_id, '', n.at, n.last, NULL::jsonb
FROM (
    SELECT e.contact_id, min(e.id) AS first, max(e.id) AS last, max(e.occurred_at) AS at
    FROM {{events}} AS e WHERE e.kind_id = ANY(%s) GROUP BY e.contact_id
) AS n
JOIN contacts_scoremodel m ON m.id = %s
JOIN contacts_score s ON s.model_id = m.id AND s.contact_id = n.contact_id
JOIN LATERAL (
    SELECT coalesce(sum(p.points {_KEPT.format(at="p.occurred_at")}), 0) AS new,
           coalesce(sum(p.points {_KEPT.format(at="p.occurred_at")}) FILTER (WHERE p.event_id > n.last), 0) AS later
    FROM contacts_scoreentry p
    WHERE p.contact_id = n.contact_id AND p.model_id = m.id AND p.event_id >= n.first
) AS x ON true
WHERE s.total - x.new < {{least}} {_KEPT.format(at="n.at")}
  AND s.total - x.later >= {{least}} {_KEPT.format(at="n.at")}
"""  # noqa: S608 - constants
_FITS = f"""
SELECT s.contact_id FROM contacts_score s JOIN contacts_scoremodel m ON m.id = s.model_id
WHERE s.model_id = %s AND s.total >= {{least}} {_KEPT.format(at="%s::timestamptz")}
"""  # noqa: S608 - constants


class Level(models.TextChoices):
    """How many points."""

    HOT = "hot", _("Becomes hot")
    WARM = "warm", _("Becomes warm")
    POINTS = "points", _("Comes to a number of points")


class ScoreForm(TriggerForm):
    model = RowChoice(
        ScoreModel.objects.order_by("pk"), label=_("Score model"), required=False, help_text=_("Empty: the first one.")
    )
    level = forms.ChoiceField(label=_("How warm"), choices=Level, initial=Level.HOT, widget=forms.RadioSelect)
    points = forms.FloatField(label=_("Points"), min_value=0.1, max_value=1_000_000, required=False)

    shown_when = {"points": ("level", ("points",))}
    asked = frozenset({"points"})

    def clean(self) -> None:
        """Ask for the number."""
        if self.cleaned_data.get("level") == Level.POINTS and not self.errors and not self.cleaned_data.get("points"):
            self.add_error("points", gettext("This is needed here."))


class ScoreReached(TriggerKind):
    key = "score_reached"
    label = _("Score reached")
    icon = "flame"
    form = ScoreForm

    def kinds(self, cleaned: Cleaned) -> frozenset[str]:
        """Return all that earns points."""
        del cleaned
        return frozenset(active_kinds())

    def started(self, cleaned: Cleaned, events: Sql) -> Sql:
        """Return those whose points came to it with these events."""
        numbers = list(kind_ids(active_kinds()).values())
        model = cleaned["model"] or default_model()
        return compose(_STARTED, numbers, model.pk, events=events, least=_least(cleaned))

    def fits_now(self, cleaned: Cleaned, at: Moment) -> Sql:
        """Return who has so many points."""
        model = cleaned["model"] or default_model()
        return compose(_FITS, model.pk, at.now, least=_least(cleaned))

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        if cleaned["level"] == Level.POINTS:
            return filled(gettext("Comes to %(points)s points"), points=f"{cleaned['points']:g}")
        return str(Level(cleaned["level"]).label)


def _least(cleaned: Cleaned) -> Sql:
    if cleaned["level"] == Level.POINTS:
        return Sql("%s::float8", (cleaned["points"],))
    return Sql("m.hot_at") if cleaned["level"] == Level.HOT else Sql("m.warm_at")


SCORE_REACHED = ScoreReached()
