"""What is noted for a webhook: its kinds, from its beginning, of the people its owner may see, each event once."""

from datetime import timedelta

import pytest
from django.db import connection

from contacts.hooks import subscribing
from contacts.hooks.models import HookEvent
from contacts.ledger.follow import catch_up
from contacts.segments.models import Membership, Segment
from crm.team.models import User
from tests.contacts.conftest import NOW
from tests.contacts.hooks.conftest import deliver

pytestmark = pytest.mark.django_db
URL = "http://127.0.0.1:9460/hook"


def noted(hook):
    return set(HookEvent.objects.filter(hook=hook).values_list("event_id", flat=True))


def test_only_its_kinds_and_only_since_it_is_there(crowd, hook, happen):
    happen(crowd.kim)
    later = NOW + timedelta(minutes=1)
    made = hook(URL, at=later)
    happen(crowd.kim, at=NOW + timedelta(seconds=59))
    ids = happen(crowd.kim, at=later)
    happen(crowd.kim, "product.viewed", at=later)
    ids += happen(crowd.lee, "order.placed", at=later)
    assert noted(made) == set(ids)


def test_each_event_once_also_when_it_is_read_again(crowd, hook, happen):
    made = hook(URL)
    ids = happen(crowd.kim, count=3)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_lane SET tx = 0, event_id = 0")
    catch_up(NOW)
    assert sorted(HookEvent.objects.filter(hook=made).values_list("event_id", flat=True)) == sorted(ids)


def test_only_of_people_the_owner_may_see(crowd, hook, happen, team):
    of_rob, of_all = hook(URL, owner_id=team.rob.pk), hook(URL)
    kim, lee, park = (happen(person)[0] for person in (crowd.kim, crowd.lee, crowd.park))
    assert noted(of_rob) == {kim, park}
    assert noted(of_all) == {kim, lee, park}
    User.objects.filter(pk=team.rob.pk).update(is_active=False)
    happen(crowd.kim)
    assert noted(of_rob) == {kim, park}


def test_only_of_people_in_its_segment(crowd, hook, happen):
    segment = Segment.objects.create(name="VIP", definition={})
    gone = NOW - timedelta(hours=1)
    Membership.objects.create(segment=segment, contact=crowd.kim, entered_at=gone)
    Membership.objects.create(segment=segment, contact=crowd.lee, entered_at=gone, left_at=NOW)
    made = hook(URL, segment_id=segment.pk)
    ids = happen(crowd.kim)
    happen(crowd.lee)
    assert noted(made) == set(ids)


def test_paused_keeps_and_switched_off_does_not(crowd, hook, happen):
    paused, off = hook(URL), hook(URL)
    subscribing.pause(paused.pk)
    assert subscribing.switch_off(off, "gone")
    ids = happen(crowd.kim)
    assert (noted(paused), noted(off)) == (set(ids), set())
    assert deliver() == 0
    later = NOW + timedelta(minutes=5)
    subscribing.go_on(off.pk, now=later)
    happen(crowd.kim, at=NOW)
    assert noted(off) == set()
    assert noted(off) | set(happen(crowd.kim, at=later)) == noted(off)
