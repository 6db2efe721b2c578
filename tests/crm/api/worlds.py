"""Rows that verbs are about and that take more than one line to make."""

from uuid import UUID

from django.core.files import File
from django.core.files.base import ContentFile
from django.http import QueryDict

from contacts.acts import jobs as acts
from contacts.duplicates.models import DuplicatePair
from contacts.exports import jobs as exports
from contacts.exports.kind import EXPORTS, Asked
from contacts.files import keeping
from contacts.files.models import KeptFile
from contacts.identity.merge import merge
from contacts.imports import jobs as imports
from contacts.lists import membership
from contacts.notes import writing
from contacts.notes.models import Note
from contacts.people.selection import Selection
from contacts.privacy.models import Erasure, Reason
from crm.kit import clock
from crm.team.saved_views import keeping as views
from journeys.engine.models import Enrolment
from journeys.graph.parsing import parse
from journeys.journey import editing, publishing
from journeys.journey.models import Journey, JourneyStep

WAITING = {
    "version": 1,
    "triggers": [{"key": "hand", "kind": "by_hand", "settings": {}}],
    "first": "wait",
    "steps": [
        {"key": "wait", "kind": "wait", "settings": {"until": "span", "n": 3, "unit": "days"}},
        {"key": "end", "kind": "end", "settings": {}, "row": 1},
    ],
    "links": [{"from": "wait", "outlet": "next", "to": "end"}],
}


def running_journey(*, by, now, name="Waiting"):
    """Publish a journey of a wait and an end."""
    made = editing.create(name, graph=parse(WAITING), by=by, now=now)
    publishing.publish(made.pk, by=by, now=now, version=1)
    return Journey.objects.get(pk=made.pk)


def come_in(journey, contact, now):
    """Put a person at the journey's wait."""
    step = JourneyStep.objects.get(version=journey.live, key="wait")
    return Enrolment.objects.create(
        journey=journey, contact_id=contact.pk, step=step, entered_at=now, arrived_at=now, due_at=None
    )


def desk_of(crowd, mina, now):
    """Return rows of the nouns that colleagues work with, by the names of their numbers in addresses."""
    by = {"by": mina, "now": now}
    writing.add(crowd.kim.pk, "Call her", token=UUID(int=1), **by)
    keeping.keep(ContentFile(b"Offer", "offer.txt"), contact_id=crowd.kim.pk, token=UUID(int=2), **by)
    pair = DuplicatePair.objects.create(
        first_id=min(crowd.kim.pk, crowd.lee.pk), second_id=max(crowd.kim.pk, crowd.lee.pk), score=70,
        reasons=["name_company"], found_at=now,
    )  # fmt: skip
    tag = membership.tag_named("VIP")
    act = acts.start("tag", Selection(ids=(crowd.kim.pk,)), {"tag": tag.pk}, **by)
    wanted = Asked(mina, QueryDict(), (crowd.kim.pk,))
    export = exports.start(EXPORTS["people"], wanted, ["name"], "csv", "For a test", now=clock.now())
    exports.run_due(clock.now)
    table = File(ContentFile(b"name,email\nAda,ada@example.com\n"))
    job = imports.upload(mina, table, "people.csv", now=now)
    erasure = Erasure.objects.create(reason=Reason.REQUEST, by=mina, requested_at=now, due_at=now)
    return {
        "note_id": Note.objects.get().pk, "file_id": KeptFile.objects.get().pk, "pair_id": pair.pk, "act_id": act.pk,
        "export_id": export.pk, "erasure_id": erasure.pk,
        "import_id": job.pk, "merge_id": merge(crowd.park.pk, crowd.caller.pk, **by).pk,
        "view_id": views.save(mina, "people", "Busan", QueryDict("q=Busan"), shared=True, now=now).pk,
    }  # fmt: skip
