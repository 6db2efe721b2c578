"""Random rules and lives: members kept by looks and by time are those of a fresh build, and those of an oracle."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.identity.merge import merge, unmerge
from contacts.ledger.append import NewEvent, append
from contacts.lists import membership
from contacts.models import Contact, Membership, Merge
from contacts.segments import saving
from contacts.segments.rules.moment import Moment
from tests.contacts.segments.living import build, city, follow, inside, make, rule, told
from tests.contacts.segments.oracle import Deed, Person, World

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 28, 20, tzinfo=UTC)  # an hour of the clock is missing in Berlin that night
PLACES = ["Lyon", "Oslo", ""]

spans = st.fixed_dictionaries({"n": st.integers(1, 30), "unit": st.sampled_from(["hours", "days"])})
windows = st.one_of(
    st.fixed_dictionaries({"last": spans}),
    st.fixed_dictionaries({"more_than_ago": spans}),
    st.sampled_from([{"calendar": "today"}, {"calendar": "this_month"}, {"calendar": "yesterday"}]),
)
times = st.sampled_from(
    [
        {"operator": "never"},
        {"operator": "at_least", "n": 1},
        {"operator": "at_least", "n": 2},
        {"operator": "at_most", "n": 1},
    ]
)
deeds = st.fixed_dictionaries(
    {"did": st.sampled_from(["page.viewed", "order.placed"]), "times": times}, optional={"window": windows}
)
leaves = st.one_of(
    st.sampled_from([city("Lyon"), city("Lyon", "Oslo", operator="is_none_of")]),
    st.sampled_from([{"field": "tags", "operator": "has_any_of"}, {"field": "tags", "operator": "has_none_of"}]),
    deeds,
)
modes = st.sampled_from(["all", "any", "none"])
trees = st.tuples(modes, st.lists(leaves, min_size=1, max_size=3))
who = st.integers(0, 4)
steps = st.one_of(
    st.tuples(st.just("moves"), who, st.sampled_from(PLACES)),
    st.tuples(st.sampled_from(["page.viewed", "order.placed"]), who, st.integers(0, 72)),
    st.tuples(st.sampled_from(["tag", "untag"]), who, st.none()),
    st.tuples(st.just("waits"), who, st.integers(1, 800)),
    st.tuples(st.just("merges"), who, who),
    st.tuples(st.just("parts"), st.none(), st.none()),
    st.tuples(st.just("rebuilds"), st.none(), st.none()),
)


class Life:
    """Five people, two segments of their own and one on these, kept in the product and in plain Python."""

    def __init__(self, team, first, second, mode):
        self.now, self.by, self.place = START, team.mina, 0
        self.vip = membership.tag_named("VIP")
        names = [Contact(name=f"P{n}", city=PLACES[n % 3], created_at=START) for n in range(5)]
        self.contacts = Contact.objects.bulk_create(names)
        self.deeds = {contact.pk: [] for contact in self.contacts}
        self.worn = {contact.pk: set() for contact in self.contacts}
        append([NewEvent(contact.pk, "contact.created", START) for contact in self.contacts], source="t", now=START)
        self.first = make("First", *self.tagged(first[1]), mode=first[0], now=START)
        self.second = make("Second", *self.tagged(second[1]), mode=second[0], now=START)
        reads = [inside(self.first), inside(self.second, operator="has_none_of"), *self.tagged(second[1][:1])]
        self.third = make("Third", *reads, mode=mode, now=START)
        self.segments = [self.first, self.second, self.third]

    def tagged(self, nodes):
        return [{**node, "value": [self.vip.pk]} if node.get("field") == "tags" else node for node in nodes]

    def live(self, step):
        what, whom, more = step
        if what == "waits":
            self.now += timedelta(hours=more)
        elif what == "parts":
            self.part()
        elif what == "rebuilds":
            before = told()
            for segment in self.segments:
                saving.rebuild(segment, now=self.now)
            build(self.now)
            assert told() == before
        else:
            self.act(what, self.root(self.contacts[whom].pk), more)
        follow(self.now)

    def act(self, what, contact, more):
        if what == "moves":
            Contact.objects.filter(pk=contact).update(city=more)
            append([NewEvent(contact, "contact.updated", self.now)], source="t", now=self.now)
        elif what == "tag":
            membership.tag(self.vip, [contact], by=self.by, now=self.now)
        elif what == "untag":
            membership.untag(self.vip, [contact], by=self.by, now=self.now)
        elif what == "merges":
            other = self.root(self.contacts[more].pk)
            if other != contact:
                merge(contact, other, by=self.by, now=self.now)
        else:
            at = self.now - timedelta(hours=more)
            (number,) = append([NewEvent(contact, what, at)], source="t", now=self.now)
            self.deeds[contact].append(Deed(what, at, number))

    def part(self):
        for record in Merge.objects.filter(undone_at=None, loser__merged_into__isnull=False).order_by("-pk")[:1]:
            unmerge(record, now=self.now)

    def root(self, contact):
        into = Contact.objects.values_list("merged_into", flat=True).get(pk=contact)
        return contact if into is None else self.root(into)

    def world(self):
        """Everybody as the oracle knows them; what belongs to merged people belongs to the one who stays."""
        gathered = {contact.pk: [] for contact in self.contacts}
        for contact, done in self.deeds.items():
            gathered[self.root(contact)] += done
        self.cities = dict(Contact.objects.values_list("pk", "city"))
        self.wearing = set(Contact.objects.filter(tag_links__tag=self.vip).values_list("pk", flat=True))
        live = Contact.objects.live().values_list("pk", flat=True)
        return World([Person(pk, gathered[pk], START) for pk in live], self.field_holds)

    def field_holds(self, person, node, at):
        if node["field"] == "city":
            held = self.cities[person.id] in node["value"]
        elif node["field"] == "tags":
            held = person.id in self.wearing
        else:
            held = person.id in self.expected[node["value"][0]]
        return held != node["operator"].endswith("none_of")

    def check(self):
        world, at = self.world(), Moment(self.now, ZoneInfo(django_settings.TIME_ZONE))
        self.expected = {}
        for segment in self.segments:
            self.expected[segment.pk] = world.matching(segment.definition, at)
            held = Membership.objects.filter(segment=segment, left_at=None).values_list("contact", flat=True)
            assert sorted(held) == sorted(self.expected[segment.pk]), segment.name
            segment.refresh_from_db()
            assert segment.members == len(held)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(trees, trees, modes, st.lists(steps, min_size=3, max_size=7))
def test_members_kept_step_by_step_are_those_of_a_fresh_build_and_of_the_oracle(team, first, second, mode, lived):
    with transaction.atomic():
        life = Life(team, first, second, mode)
        life.check()
        for step in lived:
            life.live(step)
            life.check()
        life.live(("rebuilds", None, None))
        life.check()
        transaction.set_rollback(True)


def test_the_definition_of_a_life_is_what_was_asked(team, now):
    segment = make("Any", city("Lyon"), mode="any", now=now)
    assert segment.definition == rule(city("Lyon"), mode="any")
