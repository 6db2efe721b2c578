"""The API's nouns, one line each, in the order of the documentation."""

from crm.api import (
    accounts,
    attributes,
    by_hand,
    campaigns,
    commerce,
    contact_parts,
    contacts,
    drawings,
    events,
    journeys,
    labels,
    scores,
    segments,
    templates,
    track,
    upserts,
    users,
    webhooks,
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
    scores.DOOR,
    commerce.DOOR,
    events.DOOR,
    track.DOOR,
    campaigns.DOOR,
    journeys.DOOR,
    webhooks.DOOR,
    users.DOOR,
)
# These enter verbs at the doors of segments, campaigns and journeys.
OTHERS = (by_hand, templates, drawings)
ROUTES: tuple[Route, ...] = tuple(route for door in DOORS for route in door.routes)
