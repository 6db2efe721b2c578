"""What a journey does next for a person: a planner for the head of her page (contacts.people.next_step)."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.people.models import Contact
from contacts.people.next_step import NextStep, Planner
from crm.kit import figures
from crm.team.models import User
from crm.team.permissions import Action, may
from journeys.engine.models import Enrolment


def _plan(contact: Contact, reader: User, _now: datetime) -> NextStep | None:
    if not may(reader, Action.JOURNEY_VIEW):
        return None
    inside = Enrolment.objects.filter(contact_id=contact.pk, ended_at=None, due_at__isnull=False)
    nearest = inside.select_related("journey").order_by("due_at", "pk").first()
    if nearest is None or nearest.due_at is None:
        return None
    words = _("The journey “%(name)s” goes on: %(when)s")
    text = words % {"name": nearest.journey.name, "when": figures.day_and_time(nearest.due_at)}
    return NextStep(text, "route", reverse("journeys:person", args=[contact.pk]))


NEXT_OF_JOURNEY = Planner("journeys", _plan)
