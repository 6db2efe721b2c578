"""The API's nouns, one line each, in the order of the documentation."""

from crm.api import (
    accounts,
    attributes,
    campaigns,
    commerce,
    contact_parts,
    contacts,
    events,
    journeys,
    labels,
    segments,
    track,
    upserts,
    users,
)
from crm.api.route import Route

DOORS = (
    contacts.DOOR,
    upserts.DOOR,
    contact_parts.DOOR,
    accounts.DOOR,
    labels.DOOR,
    segments.DOOR,
    attributes.DOOR,
    commerce.DOOR,
    events.DOOR,
    track.DOOR,
    campaigns.DOOR,
    journeys.DOOR,
    users.DOOR,
)
ROUTES: tuple[Route, ...] = tuple(route for door in DOORS for route in door.routes)
