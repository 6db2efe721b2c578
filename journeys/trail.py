"""What the trail knows of journeys. Published versions, and people on their way, keep a history of their own."""

from django.utils.translation import gettext_lazy as _

from crm.team.permissions import Action
from crm.team.trail.kinds import Kind, Table
from journeys.models import Journey

JOURNEY = Kind(
    "journey",
    _("Journey"),
    Action.JOURNEY_VIEW,
    tables=(
        Table(
            Journey,
            left_out=("version", "timed_to", "created_by_id", "created_at", "changed_by_id", "changed_at"),
        ),
    ),
    url_name="journeys:journey",
)
