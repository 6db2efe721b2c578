"""The builder of segments in a real browser: by hand, by keyboard alone, dragged, undone, and on a phone."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from campaigns.campaign import freeze
from campaigns.sending.models import Dispatch, Message
from contacts.consent.models import Decision
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.models import Contact
from contacts.people import profile
from contacts.people.profile import Profile
from contacts.segments import building, saving
from contacts.segments.models import Segment, SegmentState
from contacts.segments.saving import Draft
from crm.kit import clock
from crm.team.models import Role, User
from tests.campaigns.conftest import decide, make_people, make_sender, make_template
from tests.processes import soon

pytestmark = pytest.mark.django_db(transaction=True)
ONE = re.compile(r"/segments/\d+/$")
CITIES = {"김철수": "서울", "이영희": "부산", "박민수": "서울", "최지우": "대구"}


@pytest.fixture
def mina(sign_in: Callable[[User], None]) -> User:
    """A marketer who is logged in; of her people 김철수 and 최지우 viewed pages, 이영희 placed an order."""
    user = User.objects.create_user("mina@example.com", name="Mina", role=Role.MARKETER)
    now = clock.now()
    people = {name: profile.create(Profile(name=name, city=city), by=user, now=now).pk for name, city in CITIES.items()}
    seen = [NewEvent(people[name], "page.viewed", now - timedelta(days=2)) for name in ("김철수", "최지우")]
    append([*seen, NewEvent(people["이영희"], "order.placed", now - timedelta(days=3))], source="test", now=now)
    catch_up(now)
    sign_in(user)
    return user


def choose(page: Page, words: str, within: Locator | None = None) -> None:
    """Add a condition to the last group on the page (or to `within`), as one does who types what it is about."""
    (within or page.locator("#segment-tree")).get_by_role("button", name="Add a condition").last.click()
    page.keyboard.type(words)
    expect(page.locator("#segment-picker .seg-option").first).to_contain_text(re.compile(words, re.IGNORECASE))
    page.keyboard.press("Enter")
    expect(page.locator("#segment-picker")).not_to_be_visible()


def definition(page: Page) -> dict:
    return json.loads(page.locator("[name=definition]").input_value())["rule"]


def build() -> None:
    """Count all segments; a build that was given back is due again a little later."""
    assert soon(_all_counted, 30)


def _all_counted() -> bool:
    while building.run_due(clock.now):
        pass
    return not Segment.objects.filter(state=SegmentState.BUILDING).exists()


def test_nested_segment_built_by_hand_is_counted_saved_and_explained(page: Page, mina: User) -> None:
    page.goto("/segments/")
    page.get_by_role("link", name="Build your own").click()
    page.get_by_label("Name").fill("Seoul or active")
    choose(page, "City")
    page.keyboard.type("서")
    page.locator(".seg-suggestions [role=option]", has_text="서울").click()
    expect(page.locator("[data-part=count]")).to_contain_text("2")
    page.get_by_label("How the conditions are joined").select_option("any")
    page.get_by_role("button", name="Add a group").click()
    inner = page.locator(".seg-group .seg-group")
    choose(page, "Page viewed", inner)
    choose(page, "Order placed", inner)
    inner.get_by_label("How often").last.select_option("never")
    expect(page.locator("[data-part=count]")).to_contain_text("3 people match")
    expect(page.locator("[data-part=summary]")).to_contain_text("viewed a page at least once in the last 30 days")
    page.get_by_role("button", name="Save the segment").click()
    page.wait_for_url(ONE)
    build()
    segment = Segment.objects.audiences().get()
    assert segment.memberships.filter(left_at=None).count() == 3
    lee = Contact.objects.get(name="이영희")
    page.goto(f"/segments/{segment.pk}/why/")
    page.get_by_label("Name, address or phone of a person").fill("이영희")
    page.get_by_role("link", name="이영희").click()
    page.wait_for_url(f"**/why/?person={lee.pk}")
    expect(page.get_by_text("Not in the segment")).to_be_visible()
    expect(page.locator(".why-node.is-false")).to_have_count(5)
    expect(page.get_by_text("Here: 부산")).to_be_visible()


def test_same_by_keyboard_alone(page: Page, mina: User) -> None:
    page.goto("/segments/new/")
    page.get_by_label("Name").focus()
    page.keyboard.type("By keys")
    page.get_by_role("button", name="Add a condition").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("city")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    offered = page.locator(".seg-suggestions:visible [role=option]")
    page.keyboard.press("ArrowDown")  # opens what can be chosen
    expect(offered.filter(has_text="대구")).to_be_visible()
    page.keyboard.type("대")
    expect(offered).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".seg-chip")).to_have_text("대구")
    page.get_by_role("button", name="Add a condition").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("page viewed")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=count]")).to_contain_text(["1", "person", "matches"][0])
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#segment-spoken")).to_have_text("Moved: place 1 of 2 in “All of these”")
    assert ["did" in node for node in definition(page)["all"]] == [True, False]
    page.keyboard.press("Alt+ArrowRight")  # no group beside it: one of its own
    assert [list(node) for node in definition(page)["all"]] == [["any"], ["field", "operator", "value"]]
    page.keyboard.press("Alt+ArrowLeft")
    page.keyboard.press("Control+z")
    assert "did" in definition(page)["all"][0]["any"][0]
    page.keyboard.press("Control+Shift+z")
    assert definition(page)["all"][0] == {"any": []}
    page.locator("[data-group] [data-group]").get_by_role("button", name="Delete").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+s")
    page.wait_for_url(ONE)
    build()
    assert [stay.contact.name for stay in Segment.objects.audiences().get().memberships.all()] == ["최지우"]


def test_letters_typed_into_a_closed_select_choose_by_all_of_them(page: Page, mina: User) -> None:
    page.goto("/segments/new/")
    choose(page, "Page viewed")
    page.get_by_label("How often").focus()
    page.keyboard.type("at most", delay=20)
    assert soon(lambda: definition(page)["all"][0]["times"] == {"operator": "at_most", "n": 1}, 5)
    page.get_by_label("When").focus()
    page.keyboard.type("until so", delay=20)
    page.keyboard.press("Tab")  # no need to wait
    assert definition(page)["all"][0]["window"] == {"after_creation": {"n": 30, "unit": "days"}}
    units = page.locator(".seg-pair").get_by_label("Unit").locator("option")
    assert units.all_inner_texts() == ["minutes", "hours", "days", "weeks"]


def press(page: Page, name: str, within: Locator | None = None) -> None:
    """Go to a button and press Enter: nothing here touches a pointer."""
    (within or page.locator("body")).get_by_role("button", name=name).last.focus()
    page.keyboard.press("Enter")


def add_by_keys(page: Page, words: str, within: Locator | None = None) -> None:
    press(page, "Add a condition", within or page.locator("#segment-tree"))
    page.keyboard.type(words)
    expect(page.locator("#segment-picker .seg-option").first).to_contain_text(re.compile(words, re.IGNORECASE))
    page.keyboard.press("Enter")
    expect(page.locator("#segment-picker")).not_to_be_visible()


def test_nested_segment_by_keyboard_alone_is_counted_saved_and_explained(page: Page, mina: User) -> None:
    page.goto("/segments/new/")
    page.get_by_label("Name").focus()
    page.keyboard.type("Nested by keys")
    add_by_keys(page, "City")
    page.keyboard.type("서울")
    page.keyboard.press("Enter")
    expect(page.locator(".seg-chip")).to_have_text("서울")
    page.get_by_label("How the conditions are joined").focus()
    page.keyboard.press("ArrowDown")
    press(page, "Add a group")
    inner = page.locator(".seg-group .seg-group")
    add_by_keys(page, "Page viewed", inner)
    add_by_keys(page, "Order placed", inner)
    inner.get_by_label("How often").last.focus()
    page.keyboard.press("n")
    expect(page.locator("[data-part=count]")).to_contain_text("3 people match")
    nested = definition(page)["any"][1]
    [(_mode, deeds)] = nested.items()
    assert [(deed["did"], deed["times"]["operator"]) for deed in deeds] == [
        ("page.viewed", "at_least"),
        ("order.placed", "never"),
    ]
    page.keyboard.press("Control+s")
    page.wait_for_url(ONE)
    build()
    segment = Segment.objects.audiences().get()
    assert segment.memberships.filter(left_at=None).count() == 3
    page.get_by_role("link", name="Why is somebody in or not?").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name, address or phone of a person").focus()
    page.keyboard.type("이영희")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="이영희").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not in the segment")).to_be_visible()
    expect(page.get_by_text("Here: 부산")).to_be_visible()


def test_campaign_goes_to_a_segment_less_another_by_keyboard_alone(page: Page, mina: User, monkeypatch) -> None:
    monkeypatch.setattr("campaigns.campaign.launch.wake_freeze", lambda dispatch_id: None)
    people = make_people(5)
    decide(people, Decision.GRANTED)
    Contact.objects.filter(pk__in=[person.pk for person in people[:2]]).update(city="제주")
    for name, cities in (("Seoul by rule", ["서울", "제주"]), ("Jeju by rule", ["제주"])):
        node = {"field": "city", "operator": "is_any_of", "value": cities}
        saving.create(Draft(name, "", {"version": 1, "rule": {"all": [node]}}), by=mina, now=clock.now())
    build()
    make_template()
    make_sender()
    page.goto("/campaigns/new/")
    page.get_by_label("Name").first.focus()
    page.keyboard.type("To Seoul")
    for field in ("template", "sender"):
        page.locator(f"#id_{field}").focus()
        page.keyboard.press("ArrowDown")
    for field, words in (("include_segments", "Seoul by"), ("exclude_segments", "Jeju by")):
        page.locator(f"#id_{field}-ts-control").focus()
        page.keyboard.type(words)
        expect(page.locator(".ts-dropdown:visible .option.active")).to_contain_text(words)
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Save and check").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/check/")
    page.get_by_role("button", name=re.compile("Send to 3 people")).focus()
    page.keyboard.press("Enter")
    page.locator("dialog[open] button.btn-primary").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    freeze.freeze(Dispatch.objects.get().pk, clock.now)
    to = set(Message.objects.filter(left_out="").values_list("contact_id", flat=True))
    assert to == {person.pk for person in people[2:]}


def test_dragged_into_a_group_and_back_by_undo(page: Page, mina: User) -> None:
    page.goto("/segments/new/?template=at-risk")
    expect(page.locator(".seg-leaf")).to_have_count(3)
    page.get_by_role("button", name="Add a group").click()
    handle = page.locator("[data-handle]").first.bounding_box()
    into = page.get_by_text("This group is empty").bounding_box()
    assert handle
    assert into
    page.mouse.move(handle["x"] + 8, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(handle["x"] + 20, handle["y"] + 30)
    page.mouse.move(into["x"] + 40, into["y"] + 10, steps=5)
    expect(page.locator(".is-drop-into")).to_have_count(1)
    page.mouse.up()
    moved = definition(page)["all"]
    assert [next(iter(node)) for node in moved] == ["field", "field", "any"]
    assert moved[2]["any"][0]["field"] == "orders"
    page.get_by_role("button", name="Undo").click()
    assert [node.get("field") for node in definition(page)["all"]][:3] == ["orders", "order_last", "last_seen"]
    page.locator("[data-handle]").nth(1).focus()
    page.keyboard.press("Delete")
    assert [node.get("field") for node in definition(page)["all"]] == ["orders", "last_seen", None]


def test_what_is_wrong_is_said_at_its_row_and_goes_when_it_is_mended(page: Page, mina: User) -> None:
    page.goto("/segments/new/")
    choose(page, "City")
    expect(page.locator(".seg-problems:visible")).to_have_count(0)  # not while it is being filled in
    choose(page, "Age in years")
    expect(page.locator(".seg-leaf").first.get_by_text("Choose at least one value.")).to_be_visible()
    page.locator(".seg-leaf").first.get_by_role("combobox", name="City").fill("서울")
    page.locator(".seg-leaf").last.locator("input").fill("3")
    expect(page.locator(".seg-problems:visible")).to_have_count(0)
    expect(page.locator("[data-part=count]")).to_contain_text("0 people match")
    page.locator(".seg-json summary").click()
    page.locator("[name=definition]").fill('{"version": 1, "rule": {"any": [{"field": "shoe", "operator": "is"}]}}')
    expect(page.get_by_text("does not exist any more")).to_be_visible()
    expect(page.locator(".seg-leaf .seg-problems")).to_contain_text("There is no field “shoe”.")
    page.get_by_label("Name").fill("Shoes")
    page.get_by_role("button", name="Save the segment").click()
    expect(page.get_by_role("alert").first).to_contain_text("There is no field “shoe”.")
    assert not Segment.objects.audiences().exists()


def test_leaving_with_unsaved_changes_asks_first_and_two_editors_are_told(page: Page, mina: User) -> None:
    page.goto("/segments/new/?template=customers")
    page.get_by_role("button", name="Save the segment").click()
    page.wait_for_url(ONE)
    segment = Segment.objects.audiences().get()
    page.goto(f"/segments/{segment.pk}/edit/")
    page.get_by_label("Comparison").select_option("equals")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Not now").click()
    page.wait_for_url(f"**/segments/{segment.pk}/")
    assert asked == ["beforeunload"]
    page.goto(f"/segments/{segment.pk}/edit/")
    page.get_by_label("Comparison").select_option("equals")
    Segment.objects.audiences().update(version=2)
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("Somebody else changed this in the meantime.")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="Go on in the form").click()
    expect(page.get_by_label("Comparison")).to_have_value("equals")
    assert definition(page)["all"][0]["operator"] == "equals"


def test_builder_fits_a_phone_and_a_thumb(page: Page, mina: User) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/segments/new/?template=opened-not-clicked")
    expect(page.locator(".seg-bar")).to_contain_text("0")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.locator("#segment-tree button:visible, #segment-tree select:visible").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 43).map(one => one.outerHTML.slice(0, 90))"
    )
    assert small == []
