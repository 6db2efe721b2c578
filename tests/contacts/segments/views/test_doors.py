"""Every address of segments, tried by every role; a rep sees only the people she may see."""

import json

import pytest
from django.urls import reverse

from contacts.segments.models import Segment
from contacts.segments.urls import urlpatterns
from crm.kit import clock
from tests.contacts.segments.living import build, city, rule

pytestmark = pytest.mark.django_db
ROLES = ("alice", "mina", "rob", "rita", "cleo", "ana")
ALL, EDITORS = set(ROLES), {"alice", "mina"}
EDITING = ALL - {"ana"}  # of people
# name: (who may GET, who may POST)
DOORS = {
    "segments": (ALL, None),
    "segment-add": (EDITORS, EDITORS),
    "segment-live": (ALL, None),
    "segment-live-check": (None, ALL),
    "segment-live-people": (None, ALL),
    "segment-live-overlap": (None, ALL),
    "segment-suggest": (ALL, None),
    "segment-schema": (ALL, None),
    "segment": (ALL, None),
    "segment-edit": (EDITORS, EDITORS),
    "segment-people": (ALL, None),
    "segment-why": (ALL, None),
    "segment-overlap": (ALL, None),
    "segment-versions": (ALL, None),
    "segment-restore": (None, EDITORS),
    "segment-progress": (ALL, None),
    "segment-sizes": (ALL, None),
    "segment-json": (ALL, None),
    "segment-hand": (None, EDITORS),
    "segment-act": (EDITING, EDITORS),
    "segment-acts": (ALL, None),
    "segment-rebuild": (None, EDITORS),
    "segment-stop": (None, EDITORS),
    "segment-delete": (None, EDITORS),
}


@pytest.fixture
def segment(crowd, as_, team):
    definition = json.dumps(rule(city("부산")))
    as_(team.mina).post("/segments/new/", {"name": "Busan", "definition": definition})
    build(clock.now())
    return Segment.objects.audiences().get()


def address(name, segment):
    pattern = next(p for p in urlpatterns if p.name == name)
    given = {"segment_id": segment.pk, "number": 1}
    return reverse(f"contacts:{name}", kwargs={key: given[key] for key in pattern.pattern.converters})


@pytest.mark.parametrize("role", ROLES)
def test_every_door_by_every_role(segment, team, as_, role):
    client = as_(getattr(team, role))
    for name, (getters, posters) in DOORS.items():
        for method, who in (("get", getters), ("post", posters)):
            if who is None or (method == "post" and name == "segment-delete" and role in who):
                continue
            status = getattr(client, method)(address(name, segment)).status_code
            assert status in ((200, 302, 400, 409) if role in who else (403,)), (name, method, status)


def test_every_door_is_in_the_table_and_guarded():
    assert {p.name for p in urlpatterns} == set(DOORS)
    assert [p.name for p in urlpatterns if not hasattr(p.callback, "action")] == []


def test_post_only_doors_refuse_get_and_guests_are_sent_to_log_in(segment, team, as_, client):
    for name, (getters, _posters) in DOORS.items():
        if getters is not None:
            client.logout()
            assert client.get(address(name, segment)).url.startswith(reverse("team:login")), name
        else:
            assert as_(team.alice).get(address(name, segment)).status_code == 405, name


def test_rep_sees_members_moves_samples_and_counts_of_her_own_people_alone(segment, crowd, team, as_):
    for who, sees in ((team.rita, True), (team.rob, False)):
        page = as_(who)
        shown = page.get(address("segment-people", segment)).content.decode()
        assert ("이영희" in shown) is sees
        offered = page.get(f"/segments/{segment.pk}/why/?q=이영희").content.decode()
        assert (f"?person={crowd.lee.pk}" in offered) is sees
        why = page.get(f"/segments/{segment.pk}/why/?person={crowd.lee.pk}")
        assert why.status_code == (200 if sees else 404)
        asked = {"definition": json.dumps(segment.definition), "with": segment.pk}
        people = page.post("/segments/live/people/", asked).json()
        assert (">1</span>" in people["count"], "이영희" in people["html"]) == (sees, sees)
        assert (">1 <" in page.post("/segments/live/overlap/", asked).json()["html"]) is sees
        offered = page.get("/segments/suggest/?field=city").json()["values"]
        assert offered == ([{"value": "부산", "label": "부산", "count": 1}] if sees else [])
