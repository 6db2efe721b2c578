"""Saving: names, versions, cycles, two who save at once; whatever is refused leaves everything as it was."""

import pytest

from contacts.errors import Invalid, NameTaken, StaleEdit
from contacts.lists import membership
from contacts.models import Segment, SegmentBuild, SegmentVersion
from contacts.segments import saving
from contacts.segments.errors import BadRule
from contacts.segments.models import SegmentState
from contacts.segments.saving import Draft
from crm.kit.work import WorkState
from tests.contacts.segments.living import build, city, inside, make, rule

pytestmark = pytest.mark.django_db


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Segment, SegmentVersion, SegmentBuild)]


def test_a_new_segment_waits_for_its_build(team, now):
    segment = saving.create(Draft(" Lyon ", "People there", rule(city("Lyon"))), by=team.mina, now=now)
    assert (segment.name, segment.version, segment.state, segment.members) == ("Lyon", 1, SegmentState.BUILDING, 0)
    assert (segment.created_by, segment.reads) == (team.mina, [])
    assert segment.build.state == WorkState.READY
    first = segment.versions.get()
    assert (first.number, first.definition, first.by, first.at) == (1, segment.definition, team.mina, now)


def test_json_text_is_taken_too(now):
    text = '{"version": 1, "rule": {"all": [{"field": "city", "operator": "is", "value": "Lyon"}]}}'
    assert saving.create(Draft("Lyon", "", text), by=None, now=now).definition["rule"]["all"][0]["value"] == "Lyon"


@pytest.mark.parametrize(
    ("draft", "error"),
    [
        (Draft("", "", rule(city("Lyon"))), Invalid),
        (Draft("a\nb", "", rule(city("Lyon"))), Invalid),
        (Draft("x" * 121, "", rule(city("Lyon"))), Invalid),
        (Draft("ok", "a\0b", rule(city("Lyon"))), Invalid),
        (Draft("base", "", rule(city("Lyon"))), NameTaken),
        (Draft("ok", "", {"rule": {}}), BadRule),
        (Draft("ok", "", rule({"field": "city__in", "operator": "is", "value": "x"})), BadRule),
        (Draft("ok", "", rule({"field": "segments", "operator": "has_any_of", "value": [999999]})), BadRule),
        (Draft("ok", "", "{"), BadRule),
    ],
)
def test_what_is_wrong_is_refused_and_changes_nothing(now, draft, error):
    make("Base", city("Lyon"), now=now)
    other = make("Other", city("Oslo"), now=now)
    before = everything()
    with pytest.raises(error):
        saving.create(draft, by=None, now=now)
    with pytest.raises(error):
        saving.save(other.pk, 1, draft, by=None, now=now)
    assert everything() == before


def test_the_second_of_two_who_save_is_told(team, now):
    segment = make("Lyon", city("Lyon"), now=now)
    saving.save(segment.pk, 1, Draft("Capital", "", rule(city("Lyon"))), by=team.mina, now=now)
    before = everything()
    with pytest.raises(StaleEdit) as stale:
        saving.save(segment.pk, 1, Draft("Mine", "", rule(city("Oslo"))), by=team.alice, now=now)
    assert stale.value.current.name == "Capital"
    assert everything() == before


def test_a_new_name_needs_no_build(team, now):
    segment = make("Lyon", city("Lyon"), now=now)
    renamed = saving.save(segment.pk, 1, Draft("Capital", "Big", rule(city("Lyon"))), by=team.mina, now=now)
    assert (renamed.name, renamed.version, renamed.state) == ("Capital", 2, SegmentState.READY)
    assert renamed.versions.count() == 1


@pytest.mark.parametrize("length", [1, 2, 3])
def test_cycles_are_refused_at_their_place(now, length):
    chain = [make("S0", city("Lyon"), now=now)]
    for number in range(1, length):
        chain.append(make(f"S{number}", inside(chain[-1]), now=now))
    other = make("Other", city("Rome"), now=now)
    before = everything()
    nodes = [city("Oslo"), {"any": [inside(other), inside(chain[-1], other)]}]
    with pytest.raises(BadRule) as refused:
        saving.save(chain[0].pk, 1, Draft("S0", "", rule(*nodes)), by=None, now=now)
    assert [problem.path for problem in refused.value.problems] == [("rule", "all", 1, "any", 1)]
    assert "read its own people" in str(refused.value)
    assert everything() == before


def test_a_deleted_segment_breaks_its_reader_by_name_only_when_forced(now):
    base = make("Base", city("Lyon"), now=now)
    make("Reader", inside(base), now=now)
    before = everything()
    with pytest.raises(saving.InUse, match="Segment “Reader”"):
        saving.delete(base)
    assert everything() == before


def test_saving_a_broken_segment_builds_it_anew(now):
    vip = membership.tag_named("VIP")
    segment = make("VIP", {"field": "tags", "operator": "has_any_of", "value": [vip.pk]}, now=now)
    vip.delete()
    saving.rebuild(segment, now=now)
    build(now)
    segment.refresh_from_db()
    assert segment.state == SegmentState.BROKEN
    saving.save(segment.pk, 1, Draft("VIP", "", rule(city("Lyon"))), by=None, now=now)
    build(now)
    segment.refresh_from_db()
    assert (segment.state, segment.problem, segment.version) == (SegmentState.READY, "", 2)
