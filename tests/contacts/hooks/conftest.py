"""A webhook, and what is told to it: events appended as the product does, followed at once."""

import json

import pytest

from contacts.hooks import subscribing
from contacts.hooks.delivering import deliver_due
from contacts.hooks.subscribing import Subscription
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from tests.contacts.conftest import NOW


@pytest.fixture(autouse=True)
def _own_network(settings):
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def hook(team):
    """hook(receiver.url, batched=True): told of page views and orders as Alice sees people, unless said otherwise."""

    def make(url, *, at=NOW, **more):
        wanted = {"name": "ERP", "kinds": ["page.viewed", "order.placed"], "owner_id": team.alice.pk, **more}
        return subscribing.create(Subscription(url=url, **wanted), now=at)

    return make


@pytest.fixture
def happen():
    """happen(person, "page.viewed", title="Pricing"): it happens, and is followed."""

    def make(contact, kind="page.viewed", *, at=NOW, count=1, value=None, **properties):
        events = [NewEvent(contact.pk, kind, at, value=value, properties=properties) for _ in range(count)]
        ids = append(events, source="test", now=at)
        catch_up(at)
        return ids

    return make


def deliver(at=NOW):
    return deliver_due(lambda: at)


def told(receiver):
    """Return the bodies that a receiver got."""
    return [json.loads(body) for _path, _headers, body in receiver.got]
