"""The pages of duplicates: who sees which pair, two people side by side, merging, keeping apart, and undoing."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from contacts.consent.record import Proof, record
from contacts.duplicates import search
from contacts.duplicates.urls import urlpatterns
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.lists import fixed, membership
from contacts.models import Attribute, ConsentState, Contact, DuplicatePair, DuplicateSearch, Event, Merge

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(person, team, now):
    """Kim of Rob twice: by e-mail and by phone; with activity, lists and consent on both sides."""
    Attribute.objects.create(key="plan", label="Plan", type="text")
    kim = person(
        team.rob, name="김철수", email="cs.kim@gmail.com", company="한빛", city="서울", attributes={"plan": "Pro"}
    )
    twin = person(
        name="김 철수",
        email="cskim@gmail.com",
        company="한빛",
        title="부장",
        city="부산",
        street="해운대로 1",
        attributes={"plan": "Free"},
    )
    append([NewEvent(twin.pk, "page.viewed", now, properties={"title": "pricing"})], source="t", now=now)
    membership.add(fixed.create("Expo", "", by=team.mina, now=now), [twin.pk], by=team.mina, now=now)
    for who, decision in ((kim, "withdrawn"), (twin, "granted")):
        record(who.pk, "marketing", "email", decision, at=now, proof=Proof(source="form"), now=now)
    catch_up(now)
    search.start(None, now=now)
    search.run_due(lambda: now)
    return DuplicatePair.objects.get()


def merge_url(pair):
    return f"/duplicates/compare/{pair.first_id}/{pair.second_id}/"


def versions(pair):
    return "-".join(str(Contact.objects.get(pk=pk).version) for pk in (pair.first_id, pair.second_id))


def test_list_says_why_and_only_to_those_who_see_both(pair, team, as_):
    page = as_(team.rob).get("/duplicates/").content.decode()
    assert "cs.kim@gmail.com and cskim@gmail.com are one mailbox." in page
    assert "Both are called 김철수 and work at 한빛." in page
    assert f'href="/duplicates/compare/{pair.second_id}/{pair.first_id}/"' in page  # the one seen last would stay
    assert as_(team.rita).get("/duplicates/").context["page"].rows == []
    assert as_(team.rita).get(merge_url(pair)).status_code == 404
    assert as_(team.rita).post(f"/duplicates/{pair.pk}/apart/").status_code == 404
    assert as_(team.ana).get("/duplicates/").status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("reason=mailbox", 1),
        ("reason=phone", 0),
        ("likelihood=very", 1),
        ("reason=mailbox&likelihood=likely", 1),
        ("q=김철", 1),
        ("q=부장님", 0),
        ("q=cskim", 1),
    ],
)
def test_list_is_narrowed(pair, team, as_, query, found):
    assert len(as_(team.mina).get(f"/duplicates/?{query}").context["page"].rows) == found


@pytest.mark.parametrize("query", ["reason=magic", "likelihood=90", "cursor=x"])
def test_what_is_not_understood_is_refused(pair, team, as_, query):
    answer = as_(team.mina).get(f"/duplicates/?{query}")
    assert (answer.status_code, answer.context["page"].rows) == (400, [])


def test_side_by_side_shows_what_differs_and_what_will_hold(pair, team, as_):
    context = as_(team.mina).get(merge_url(pair)).context
    assert context["stays"] == "second"  # seen last
    differing = {line.key: (line.first, line.second) for line in context["lines"] if line.open}
    assert differing == {
        "name": ("김철수", "김 철수"), "place": ("서울", "부산 해운대로 1"), "attribute:plan": ("Pro", "Free"),
    }  # fmt: skip
    assert [(row.first, row.second, row.after, row.held_back) for row in context["consents"]] == [
        ("refused", "agreed", "refused", True)
    ]
    moving = {label: (one, other) for label, one, other in context["moving"]}
    assert moving["Page viewed"] == (0, 1)
    assert moving["Lists"] == ("–", "Expo")
    assert moving["All activity"] == (2, 4)


def test_merge_takes_what_was_chosen_and_everything_moves(pair, team, as_, now):
    client = as_(team.mina)
    kept = {"stays": "first", "keep-name": "first", "keep-place": "second", "keep-attribute:plan": "second"}
    answer = client.post(merge_url(pair), {**kept, "versions": versions(pair)})
    assert answer.url == f"/people/{pair.first_id}/"
    catch_up(now)
    kim = Contact.objects.get(pk=pair.first_id)
    assert (kim.name, kim.title, kim.city, kim.street, kim.email) == (
        "김철수", "부장", "부산", "해운대로 1", "cs.kim@gmail.com",
    )  # fmt: skip
    assert (kim.attributes, kim.owner_id) == ({"plan": "Free"}, team.rob.pk)
    page = client.get(answer.url).content.decode()
    for words in ("Viewed the page pricing", "Expo", "Merged records", "cskim@gmail.com"):
        assert words in page
    assert ConsentState.objects.get(contact=kim).decision == "withdrawn"
    assert Event.objects.filter(contact_id=pair.second_id).count() == 0


def test_the_other_record_may_be_the_one_that_stays(pair, team, as_):
    answer = as_(team.mina).post(merge_url(pair), {"stays": "second", "versions": versions(pair), "keep-name": "first"})
    assert answer.url == f"/people/{pair.second_id}/"
    twin = Contact.objects.get(pk=pair.second_id)
    assert (twin.email, twin.name, twin.city, twin.owner_id) == ("cskim@gmail.com", "김철수", "부산", team.rob.pk)


def test_old_id_leads_on_at_every_door(pair, team, as_, now):
    client = as_(team.mina)
    client.post(merge_url(pair), {"stays": "first", "versions": versions(pair)})
    catch_up(now)
    old, new = pair.second_id, pair.first_id
    assert client.get(f"/people/{old}/").url == f"/people/{new}/"
    timeline = client.get(f"/people/{old}/timeline/?kind=page.viewed").url
    assert (urlsplit(timeline).path, parse_qs(urlsplit(timeline).query)) == (
        f"/people/{new}/timeline/", {"kind": ["page.viewed"]},
    )  # fmt: skip
    assert client.post(f"/people/{old}/note/", {"text": "typed before the merge"}).url == f"/people/{new}/"
    assert Event.objects.get(kind__key="note.added").contact_id == new
    form = {"name": "typed", "version": Contact.objects.get(pk=new).version}
    assert client.post(f"/people/{old}/edit/", form).status_code == 409
    assert Contact.objects.get(pk=new).name == "김철수"
    taken = client.get("/people/export/?q=gmail")
    assert taken.context["total"] == 1
    assert client.get(merge_url(pair)).url == f"/people/{new}/"
    assert [row.pair.pk for row in client.get("/duplicates/").context["page"].rows] == []


def test_form_posted_twice_or_stale_merges_once(pair, team, as_):
    client, form = as_(team.mina), {"stays": "first", "versions": versions(pair)}
    assert client.post(merge_url(pair), {**form, "versions": "1-9"}).status_code == 409
    assert Merge.objects.count() == 0
    assert client.post(merge_url(pair), form).status_code == 302
    assert client.post(merge_url(pair), form).url == f"/people/{pair.first_id}/"
    assert Merge.objects.count() == 1


def test_undo_gives_each_back_what_it_had(pair, team, as_, now):
    fields = ("name", "title", "city", "street", "attributes", "owner", "merged_into", "account_roles")
    before = list(Contact.objects.order_by("pk").values_list(*fields))
    consents = list(ConsentState.objects.order_by("contact").values_list("contact", "decision"))
    client = as_(team.mina)
    client.post(merge_url(pair), {"stays": "first", "versions": versions(pair), "keep-place": "second"})
    catch_up(now)
    url = f"/duplicates/merges/{Merge.objects.get().pk}/undo/"
    assert as_(team.rita).post(url).status_code == 404
    assert as_(team.mina).post(url).url == merge_url(pair)
    catch_up(now)
    assert list(Contact.objects.order_by("pk").values_list(*fields)) == before
    assert list(ConsentState.objects.order_by("contact").values_list("contact", "decision")) == consents
    assert Event.objects.filter(contact_id=pair.second_id, kind__key="page.viewed").count() == 1
    assert client.post(url).status_code == 404


def test_what_was_changed_since_stays_when_undone(pair, team, as_):
    client = as_(team.mina)
    client.post(merge_url(pair), {"stays": "first", "versions": versions(pair), "keep-attribute:plan": "second"})
    Contact.objects.filter(pk=pair.first_id).update(title="이사", attributes={"plan": "Gold"})
    client.post(f"/duplicates/merges/{Merge.objects.get().pk}/undo/")
    kim = Contact.objects.get(pk=pair.first_id)
    assert (kim.title, kim.attributes) == ("이사", {"plan": "Gold"})


def test_two_people_are_remembered_for_ever_also_through_a_merge(pair, team, as_, person, searched, now):
    client = as_(team.mina)
    assert client.post(f"/duplicates/{pair.pk}/apart/").url == "/duplicates/"
    assert searched() == {}
    assert [row.pair.pk for row in client.get("/duplicates/apart/").context["page"].rows] == [pair.pk]
    third = person(email="c.skim@gmail.com")
    assert set(searched()) == {("김철수", "c.skim@gmail.com"), ("김 철수", "c.skim@gmail.com")}
    one = DuplicatePair.objects.get(first=pair.first_id, second=third.pk)
    client.post(merge_url(one), {"stays": "second", "versions": versions(one)})
    assert searched() == {}
    assert DuplicatePair.objects.get(first=pair.second_id, second=third.pk).state == "distinct"
    client.post(f"/duplicates/merges/{Merge.objects.get().pk}/undo/")
    assert set(searched()) == {("김철수", "c.skim@gmail.com"), ("김 철수", "c.skim@gmail.com")}
    assert client.post(f"/duplicates/{pair.pk}/reopen/").url == "/duplicates/apart/"
    assert ("김철수", "김 철수") in searched()


def test_search_is_started_watched_and_told(pair, team, as_, now):
    client = as_(team.mina)
    assert client.post("/duplicates/search/").url == "/duplicates/"
    assert DuplicateSearch.objects.filter(created_by=team.mina, state="ready").count() == 1
    assert "every 1s" in client.get("/duplicates/progress/").content.decode()
    client.post("/duplicates/search/")
    assert DuplicateSearch.objects.filter(state="ready").count() == 1
    search.run_due(lambda: DuplicateSearch.objects.latest("pk").due_at)
    assert "every 1s" not in client.get("/duplicates/progress/").content.decode()


def test_rep_who_may_not_hand_people_over_cannot_choose_the_owner(pair, team, as_):
    Contact.objects.filter(pk=pair.second_id).update(owner=team.cleo)
    keys = {line.key for line in as_(team.mina).get(merge_url(pair)).context["lines"]}
    assert "owner" in keys
    as_(team.mina).post(merge_url(pair), {"stays": "first", "versions": versions(pair), "keep-owner": "second"})
    assert Contact.objects.get(pk=pair.first_id).owner == team.cleo


def test_lists_cost_the_same_for_one_and_for_three(pair, team, as_, person, searched, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = as_(team.mina)
    client.get("/duplicates/")

    def cost():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get("/duplicates/")
        return len(seen)

    one = cost()
    person(email="lee@gmail.com"), person(email="l.ee@gmail.com"), person(email="le.e@gmail.com")
    assert len(searched()) == 4
    assert cost() == one <= 15


DOORS = {  # name: (who may GET, who may POST)
    "duplicates": ("alice mina rob rita cleo", None),
    "duplicates-search": (None, "alice mina rob rita cleo"),
    "duplicates-progress": ("alice mina rob rita cleo", None),
    "duplicates-merged": ("alice mina rob rita cleo", None),
    "duplicates-apart": ("alice mina rob rita cleo", None),
    "duplicate-apart": (None, "alice mina rob cleo"),
    "duplicate-reopen": (None, ""),
    "merge-undo": (None, ""),
    "duplicates-many": ("alice mina", "alice mina"),
    "duplicates-job": ("", None),
    "duplicates-job-cancel": (None, ""),
    "duplicates-job-undo": (None, ""),
    "merge": ("alice mina rob cleo", "alice mina rob cleo"),
}


def test_every_door_by_every_role(pair, team, as_):
    assert set(DOORS) == {pattern.name for pattern in urlpatterns}
    ids = {"pair_id": pair.pk, "merge_id": 999, "contact_id": pair.first_id, "other_id": pair.second_id, "job_id": 999}
    for name, doors in DOORS.items():
        pattern = next(p for p in urlpatterns if p.name == name)
        assert hasattr(pattern.callback, "action"), name
        url = reverse(f"contacts:{name}", kwargs={key: ids[key] for key in pattern.pattern.converters})
        for role in ("alice", "mina", "rob", "rita", "cleo", "ana"):
            client = as_(getattr(team, role))
            for method, who in zip(("get", "post"), doors, strict=True):
                status = getattr(client, method)(url).status_code
                if who is None:
                    assert status in (403, 405), (name, method, role)
                elif role in who.split():
                    assert status in (200, 302, 400, 409), (name, method, role, status)
                else:
                    assert status in (403, 404), (name, method, role, status)
                DuplicatePair.objects.update(state="open", decided_at=None)
