"""What journeys bring to the page of a person. Registered by JourneysConfig.ready."""

from django.utils.translation import gettext_lazy as _

from contacts.people.sections import Section
from crm.team.permissions import Action

JOURNEYS_OF_PERSON = Section("journeys", _("Journeys"), "journeys:person", Action.JOURNEY_VIEW)
