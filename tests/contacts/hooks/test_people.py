"""A person who is merged, or erased, while a webhook still is to be told of her."""

import pytest

from contacts.hooks import subscribing
from contacts.hooks.models import HookDelivery, HookEvent
from contacts.identity.merge import merge
from contacts.privacy import erasure, running
from tests.contacts.conftest import NOW
from tests.contacts.hooks.conftest import deliver, told
from tests.journeys.calls.server import Receiver

pytestmark = pytest.mark.django_db


def test_merged_person_is_told_under_the_one_that_stays(crowd, hook, happen):
    with Receiver(200) as receiver:
        hook(receiver.url)
        happen(crowd.caller)
        merge(crowd.park.pk, crowd.caller.pk, by=None, now=NOW)
        deliver()
    assert [body["data"]["contact"] for body in told(receiver)] == [{"id": crowd.park.pk}]


def test_erased_person_is_not_told_and_nothing_is_kept(crowd, hook, happen, team):
    with Receiver(200) as receiver:
        made = hook(receiver.url)
        happen(crowd.kim)
        happen(crowd.lee)
        erasure.request([crowd.kim.pk], by=team.alice, reason="request", now=NOW)
        running.run_due(lambda: NOW)
        assert list(HookEvent.objects.values_list("contact_id", flat=True)) == [crowd.lee.pk]
        deliver()
    assert [body["data"]["contact"]["id"] for body in told(receiver)] == [crowd.lee.pk]
    subscribing.delete(made.pk)
    assert (HookEvent.objects.count(), HookDelivery.objects.count()) == (0, 0)
