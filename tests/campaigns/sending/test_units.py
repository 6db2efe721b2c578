"""Claims: whose name a chunk stands in, what waits for the disk, and what a lost lease may no longer do."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection

from campaigns.campaign import freeze, launch
from campaigns.sending.models import Chunk, Dispatch, MailerState
from campaigns.sending.units import ChunkUnit, claim
from contacts.consent.models import Decision
from crm.kit.clock import now
from crm.kit.work import LostLease
from tests.campaigns.conftest import decide, make_campaign, make_people

pytestmark = pytest.mark.django_db


def due() -> Dispatch:
    """Launch to three people: one chunk."""
    people = make_people(3)
    decide(people, Decision.GRANTED)
    dispatch = launch.launch(make_campaign(people).pk, by=None, now=now())
    freeze.freeze(dispatch.pk, now)
    return dispatch


def chunk_unit(at: datetime, holder: str) -> ChunkUnit:
    """Claim a chunk."""
    unit = claim(at, holder)
    assert isinstance(unit, ChunkUnit)
    return unit


def waits_for_the_disk() -> bool:
    """Tell how the running transaction will commit."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return bool(cursor.fetchone()[0] == "on")


def test_a_new_chunk_stands_in_the_name_of_who_claims_it_and_waits_for_the_disk() -> None:
    due()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert claim(now() - timedelta(hours=1), "mine") is None
    assert not waits_for_the_disk()
    unit = chunk_unit(now(), "mine")
    assert (unit.former_holder, unit.taken_over, unit.claims) == ("mine", False, 1)
    assert waits_for_the_disk()
    assert Chunk.objects.values_list("holder", "state", "fence").get() == ("mine", "leased", 1)
    assert claim(now(), "other") is None


def test_a_chunk_taken_over_keeps_the_name_of_its_former_holder() -> None:
    due()
    first = chunk_unit(now(), "first")
    later = now() + timedelta(seconds=settings.LEASE_SECONDS + 1)
    second = chunk_unit(later, "second")
    assert (second.former_holder, second.taken_over) == ("first", True)
    assert Chunk.objects.get().holder == "first"
    second.hold(later, "second")
    assert Chunk.objects.get().holder == "second"
    with pytest.raises(LostLease):
        first.finish()
    assert Chunk.objects.values_list("holder", "state", "fence").get() == ("second", "leased", 2)
    second.finish()
    assert Chunk.objects.values_list("holder", "state", "lease_until").get() == ("", "done", None)


def test_finishing_a_chunk_waits_for_the_disk() -> None:
    due()
    unit = chunk_unit(now(), "mine")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    unit.finish()
    assert waits_for_the_disk()


@pytest.mark.parametrize("state", ["paused", "cancelled", "freezing"])
def test_nothing_is_claimed_of_a_dispatch_that_does_not_send(state: str) -> None:
    Dispatch.objects.filter(pk=due().pk).update(state=state)
    assert claim(now(), "mine") is None
    assert Chunk.objects.get().state == "ready"


def test_nothing_is_claimed_for_a_mailer_that_is_closed_nor_of_another_dispatch() -> None:
    dispatch = due()
    MailerState.objects.create(alias="default", open_until=now() + timedelta(minutes=1))
    assert claim(now(), "mine") is None
    assert claim(now() + timedelta(minutes=2), "mine", dispatch.pk + 1) is None
    assert claim(now() + timedelta(minutes=2), "mine", dispatch.pk) is not None
