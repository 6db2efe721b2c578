"""The pages of one segment, and the panel that shows what a rule means while it is written."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.acts import jobs
from contacts.attributes.models import Attribute
from contacts.ledger.append import NewEvent, append
from contacts.ledger.comparisons import OPERATORS
from contacts.lists import membership
from contacts.models import Contact
from contacts.segments import queries, saving
from contacts.segments.models import Membership, Segment
from contacts.segments.rules.parsing import parse
from contacts.segments.views.catalogue import PROPERTY_INPUTS, catalogue
from contacts.segments.views.words import WORDS
from crm.kit import clock
from crm.kit.paging import keyset_page
from tests.contacts.segments.living import build, change, city, inside, make, members, rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def busan(crowd, now):
    return make("Busan", city("부산"), now=now)


def live(page, part, *nodes, **more):
    return page.post(f"/segments/live/{part}/", {"definition": json.dumps(rule(*nodes)), **more})


def test_overview_says_the_rule_its_size_and_where_it_is_used(busan, as_, team, now):
    make("Users of Busan", inside(busan), now=now)
    text = as_(team.ana).get(f"/segments/{busan.pk}/").content.decode()
    assert "City is “부산”" in text
    assert '<span class="wf-tile-value">1</span>' in text
    assert "Users of Busan" in text


def test_overview_asks_at_most_fifteen_queries(busan, as_, team, now):
    make("Users of Busan", inside(busan), now=now)
    page = as_(team.mina)
    page.get(f"/segments/{busan.pk}/")
    with CaptureQueriesContext(connection) as asked:
        page.get(f"/segments/{busan.pk}/")
    assert len(asked) <= 15


def test_segment_in_use_is_not_deleted_and_says_where(busan, as_, team, now):
    reader = make("Users of Busan", inside(busan), now=now)
    answer = as_(team.mina).post(f"/segments/{busan.pk}/delete/", follow=True)
    assert "Segment “Users of Busan”" in answer.content.decode()
    assert Segment.objects.filter(pk=busan.pk).exists()
    as_(team.mina).post(f"/segments/{reader.pk}/delete/")
    as_(team.mina).post(f"/segments/{busan.pk}/delete/")
    assert not Segment.objects.audiences().exists()


def test_list_says_where_segments_are_used_with_the_same_number_of_queries(busan, as_, team, now):
    page = as_(team.mina)
    make("Users of Busan", inside(busan), now=now)
    page.get("/segments/")
    with CaptureQueriesContext(connection) as two:
        rows = page.get("/segments/?sort=name").context["rows"]
    assert [(row.segment.name, row.used) for row in rows] == [("Busan", 1), ("Users of Busan", 0)]
    make("More users", inside(busan), now=now)
    with CaptureQueriesContext(connection) as three:
        rows = page.get("/segments/?q=busan&sort=-people").context["rows"]
    assert {(row.segment.name, row.used) for row in rows} == {("Busan", 2), ("Users of Busan", 0)}
    assert len(three) == len(two)
    assert [row.segment.name for row in page.get("/segments/?state=broken").context["rows"]] == []


def test_list_leafs_and_its_numbers_follow(busan, as_, team, now, monkeypatch):
    for number in range(3):
        make(f"Made {number}", city("부산"), now=now)
    monkeypatch.setattr(queries, "keyset_page", lambda *rows, **how: keyset_page(*rows, **{**how, "size": 3}))
    page = as_(team.mina)
    first = page.get("/segments/")
    assert [row.segment.name for row in first.context["rows"]] == ["Busan", "Made 0", "Made 1"]
    text = first.content.decode()
    assert 'hx-trigger="every 20s"' in text
    ids = re.search('hx-select-oob="([^"]+)"', text)[1].replace("#", "").split(",")
    assert len(ids) == 9
    assert all(f'<td id="{cell}"' in text for cell in ids)
    Segment.objects.filter(name="Made 2").update(state="building")
    rest = page.get("/segments/", {"cursor": first.context["page"].next_cursor})
    assert [row.segment.name for row in rest.context["rows"]] == ["Made 2"]
    assert 'hx-trigger="every 2s"' in rest.content.decode()
    assert not rest.context["page"].next_cursor


def test_rule_that_would_read_itself_is_refused_at_its_condition(busan, as_, team, now):
    reader = make("Users of Busan", inside(busan), now=now)
    text = json.dumps(rule(city("부산"), inside(reader)))
    door = f"/segments/{busan.pk}/edit/"
    answer = as_(team.mina).post(door, {"name": "Busan", "definition": text, "version": "1"})
    assert answer.status_code == 400
    assert "Condition 2: This segment would read its own people" in answer.content.decode()
    busan.refresh_from_db()
    assert busan.definition == rule(city("부산"))


def test_segment_on_a_deleted_attribute_says_so_and_keeps_its_people(crowd, as_, team, now):
    plan = Attribute.objects.create(key="plan", label="Plan", type="text")
    Contact.objects.filter(pk=crowd.kim.pk).update(attributes={"plan": "pro"})
    segment = make("Pro", {"field": "attribute.plan", "operator": "is", "value": "pro"}, now=now)
    plan.delete()
    page = as_(team.mina)
    page.post(f"/segments/{segment.pk}/rebuild/")
    build(clock.now())
    text = page.get(f"/segments/{segment.pk}/").content.decode()
    assert "plan" in text[text.index('role="alert"') :][:600]
    assert members(segment) == "김철수"
    assert page.get(f"/segments/{segment.pk}/edit/").status_code == 200
    assert "cannot be read" in page.get(f"/segments/{segment.pk}/why/?person={crowd.kim.pk}").content.decode()


def test_people_now_and_on_a_day(busan, crowd, as_, team, now):
    Membership.objects.update(entered_at=now - timedelta(days=9), left_at=now - timedelta(days=3))
    page = as_(team.mina)
    assert "Nobody is in it" in page.get(f"/segments/{busan.pk}/people/").content.decode()
    assert "이영희" in page.get(f"/segments/{busan.pk}/people/?on=2026-11-15").content.decode()
    assert "이영희" not in page.get(f"/segments/{busan.pk}/people/?on=2026-11-18").content.decode()
    for wrong in ("2026-02-30", "x", "9999-12-31", "0001-01-01"):
        assert page.get(f"/segments/{busan.pk}/people/?on={wrong}").status_code in (200, 400), wrong
    assert page.get(f"/segments/{busan.pk}/people/?on=2026-02-30").status_code == 400


def test_hand_puts_in_keeps_out_and_leaves_to_the_rule(busan, crowd, as_, team):
    page, door = as_(team.mina), f"/segments/{busan.pk}/hand/"
    page.post(door, {"person": "emma@PARK.example.com", "included": "yes"})
    page.post(door, {"person": str(crowd.lee.pk), "included": "no"})
    assert members(busan) == "Emma Park"
    page.post(door, {"person": str(crowd.lee.pk), "included": "rule"})
    assert members(busan) == "Emma Park 이영희"
    assert page.post(door, {"person": str(crowd.lee.pk), "included": "maybe"}).status_code == 400
    unknown = page.post(door, {"person": "no@body.example", "included": "yes"}, follow=True)
    assert "There is nobody with this address" in unknown.content.decode()
    assert members(busan) == "Emma Park 이영희"


def test_why_shows_each_condition_with_the_value_that_decided(busan, crowd, as_, team, now):
    change(busan, city("부산"), {"field": "source", "operator": "is", "value": "shop"}, now=now)
    text = as_(team.mina).get(f"/segments/{busan.pk}/why/?person={crowd.lee.pk}").content.decode()
    tree = text[text.index("why-tree") :]
    assert tree.count("is-true") == 1
    assert tree.count("is-false") == 2  # the group and the source
    assert "form" in tree
    assert as_(team.mina).get(f"/segments/{busan.pk}/why/?person=x").status_code == 404


def test_versions_tell_the_difference_and_can_be_used_again(busan, as_, team, now):
    change(busan, city("서울"), now=now)
    page = as_(team.mina)
    text = page.get(f"/segments/{busan.pk}/versions/").content.decode()
    assert "<del>“부산”</del>" in text
    assert "<ins>“서울”</ins>" in text
    stale = page.post(f"/segments/{busan.pk}/versions/1/restore/", {"version": "1"}, follow=True)
    assert "Somebody else changed this" in stale.content.decode()
    page.post(f"/segments/{busan.pk}/versions/1/restore/", {"version": "2"})
    busan.refresh_from_db()
    assert (busan.version, busan.definition) == (3, rule(city("부산")))


def test_json_comes_out_as_it_goes_in(busan, as_, team):
    answer = as_(team.ana).get(f"/segments/{busan.pk}/rule.json")
    kept = json.loads(answer.content)
    assert parse({"version": kept["version"], "rule": kept["rule"]}).stored() == busan.definition
    assert "filename*=UTF-8''Busan.json" in answer["Content-Disposition"]
    sizes = as_(team.ana).get(f"/segments/{busan.pk}/sizes.csv").content.decode()
    assert sizes.startswith("\ufeffDay,People\r\n")
    assert sizes.rstrip().endswith(",1")


def test_progress_goes_on_until_the_count_is_done(crowd, as_, team, now):
    segment = saving.create(saving.Draft("New", "", rule(city("부산"))), by=None, now=now)
    page = as_(team.mina)
    assert "hx-get" in page.get(f"/segments/{segment.pk}/progress/").content.decode()
    page.post(f"/segments/{segment.pk}/stop/")
    assert "Counting was stopped by hand" in page.get(f"/segments/{segment.pk}/").content.decode()
    page.post(f"/segments/{segment.pk}/rebuild/")
    build(clock.now())
    text = page.get(f"/segments/{segment.pk}/progress/").content.decode()
    assert "hx-get" not in text
    assert "Counted." in text


def test_everybody_in_it_is_put_on_a_list_or_tagged_as_work(busan, crowd, as_, team, now):
    page = as_(team.mina)
    assert page.post(f"/segments/{busan.pk}/act/", {"name": "Of Busan"}).status_code == 302
    assert "hx-get" in page.get(f"/segments/{busan.pk}/acts/").content.decode()
    while jobs.run_due(clock.now):
        pass
    everybody = {"everyone": "1", "query": f"segment={busan.pk}", "sure": "1"}
    assert page.post("/people/act/", {"act": "tag", "name": "VIP", **everybody}).status_code == 302
    assert [link.tag.name for link in crowd.lee.tag_links.all()] == ["VIP"]
    assert [link.fixed_list.name for link in crowd.lee.list_links.all()] == ["Of Busan"]
    text = page.get(f"/segments/{busan.pk}/acts/").content.decode()
    assert "hx-get" not in text
    assert text.count("1 person changed") == 2
    assert page.post(f"/segments/{busan.pk}/act/", {}).status_code == 400
    assert page.post(f"/segments/{busan.pk}/act/", {"name": "Of Busan"}).status_code == 400
    assert busan.acts.count() == 2


def test_person_page_says_since_when_she_is_in_a_segment(busan, crowd, as_, team):
    text = as_(team.rita).get(f"/people/{crowd.lee.pk}/").content.decode()
    assert f"/segments/{busan.pk}/why/?person={crowd.lee.pk}" in text


def test_panel_counts_shows_some_and_who_just_misses_by_which_condition(crowd, as_, team):
    page = as_(team.mina)
    korean = {"field": "language", "operator": "is_any_of", "value": ["ko"]}
    answer = live(page, "people", city("부산"), {"field": "source", "operator": "is", "value": "shop"}, korean).json()
    assert ">0</span>" in answer["count"]
    assert "이영희" in answer["html"]
    assert "Source is “shop”" in answer["html"]
    found = live(page, "check", city("부산")).json()
    assert found["problems"] == []
    assert ">1</span>" in found["count"]


def test_panel_compares_with_other_segments(busan, crowd, as_, team, now):
    make("Nobody", city("울릉"), now=now)
    others = list(Segment.objects.order_by("name").values_list("pk", flat=True))
    html = live(as_(team.mina), "overlap", city("부산"), **{"with": [*others, "x", "9" * 30]}).json()["html"]
    assert html.index("Busan") < html.index("Nobody")
    assert "100" in html
    page = as_(team.mina).get(f"/segments/{busan.pk}/overlap/?with={others[1]}").content.decode()
    assert "Of 1 person in this segment" in page
    assert f"?segment={busan.pk}&amp;also={others[1]}" in page
    both = as_(team.mina).get(f"/people/?segment={busan.pk}&also={others[0]}").content.decode()
    assert "이영희" in both
    neither = as_(team.mina).get(f"/people/?segment={busan.pk}&also={others[1]}").content.decode()
    assert "이영희" not in neither


def test_suggestions_name_rows_by_their_number_and_refuse_unknown_fields(crowd, as_, team, now):
    tag = membership.tag_named("VIP")
    page = as_(team.mina)
    assert page.get("/segments/suggest/?field=tags&q=vi").json()["values"][0]["value"] == tag.pk
    named = page.get(f"/segments/suggest/?field=tags&keys={tag.pk}&keys=x").json()["values"]
    assert [(one["value"], one["label"]) for one in named] == [(tag.pk, "VIP")]
    assert page.get("/segments/suggest/?field=__class__").status_code == 400
    assert page.get("/segments/suggest/?subject=nothing&kind=page.viewed").status_code == 400
    assert page.get("/segments/suggest/?field=email&q=%00").json() == {"values": []}


def test_properties_of_events_are_offered_from_people_the_reader_may_see(crowd, as_, team, now):
    viewed = NewEvent(crowd.lee.pk, "page.viewed", now, properties={"path": "/pricing", "seconds": 30})
    append([viewed], source="test", now=now)
    for who, n in ((team.mina, 1), (team.rob, 0)):
        names = as_(who).get("/segments/suggest/?kind=page.viewed").json()["values"]
        assert [one["value"] for one in names] == ["path", "seconds"] * n
        values = as_(who).get("/segments/suggest/?kind=page.viewed&property=path&q=PRI").json()["values"]
        assert values == [{"value": "/pricing", "label": "/pricing", "count": 1}] * n
    assert as_(team.mina).get("/segments/suggest/?kind=drop.table").json() == {"values": []}


def test_every_input_of_the_catalogue_is_drawn_by_the_builder(settings):
    script = (settings.BASE_DIR / "static/contacts/segments/inputs.js").read_text()
    table = script[script.index("export const INPUTS") :]
    shown = catalogue()
    used = {row["input"] for rows in shown["operators"].values() for row in rows}
    used |= {row["input"] for row in shown["property_operators"]}
    assert {name for name in used if f"\n  {name}: " not in table} == set()
    assert set(PROPERTY_INPUTS) <= set(OPERATORS)


def test_scripts_say_what_is_in_the_table_of_words_and_nothing_there_is_unused(settings):
    scripts = "".join(file.read_text() for file in (settings.BASE_DIR / "static/contacts/segments").glob("*.js"))
    said = set(re.findall(r'say\("([a-z_]+)"', scripts))
    begun = tuple(re.findall(r"say\(`([a-z_]+)\$", scripts))  # the rest of the key is a value of the rule
    texts = set(re.findall(r'"([a-z_]+)"', scripts))
    assert said <= set(WORDS)
    assert {key for key in WORDS if key not in said | texts and not key.startswith(begun)} == set()
