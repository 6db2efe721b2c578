"""`{% heat_of contact as heat %}`: warmth, reasons, curve and entries of one person, for her page."""

from dataclasses import dataclass

from django import template
from django.utils import formats
from django.utils.translation import gettext as _

from contacts.people.models import Contact
from contacts.scoring.heat import Warmth, warmth_of
from contacts.scoring.models import ScoreModel
from contacts.scoring.reasons import reasons_in
from contacts.scoring.story import Story, story_of
from crm.kit import clock
from crm.kit.charts import Chart

register = template.Library()


@dataclass(frozen=True)
class HeatOfPerson:
    """What the page shows: one word, sentences, a curve of points per day, and where they came from."""

    model: ScoreModel
    warmth: Warmth
    said: list[str]
    story: Story
    chart: Chart


@register.simple_tag
def heat_of(contact: Contact) -> HeatOfPerson:
    """Return how warm a person is, why, and how it came about."""
    now = clock.now()
    model, warmth = warmth_of(contact.pk, now)
    story = story_of(contact.pk, model, now)
    said = [reason.sentence(now) for reason in reasons_in(story.all_entries, model, now)]
    rows = tuple((formats.date_format(day, "MONTH_DAY_FORMAT"), round(points, 1)) for day, points in story.curve)
    chart = Chart("score-curve", "area", (_("Day"), _("Points")), rows)
    return HeatOfPerson(model, warmth, said, story, chart)
