"""The API's nouns, one line each, in the order of the documentation."""

from crm.api import contacts
from crm.api.route import Route

DOORS = (contacts.DOOR,)
ROUTES: tuple[Route, ...] = tuple(route for door in DOORS for route in door.routes)
