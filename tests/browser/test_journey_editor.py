"""The journey editor in a real browser: drawn with the mouse, by keyboard alone, undone, pasted, stale, offline."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from contacts.lists.models import Tag
from contacts.stages.choice import stages_in_use
from crm.kit.clock import now
from crm.team.models import Role, User
from journeys.journey import editing
from journeys.journey.models import Journey
from tests.campaigns.conftest import make_sender, make_template

pytestmark = pytest.mark.django_db(transaction=True)
# Where the middle of a connection is in the window.
HALFWAY = """selector => { const line = document.querySelector(selector);
  const spot = line.getPointAtLength(line.getTotalLength() / 2).matrixTransform(line.getScreenCTM());
  return [spot.x, spot.y]; }"""
SAVED = re.compile("^Saved$")


@pytest.fixture
def mina(sign_in: Callable[[User], None]) -> User:
    """A marketer who is logged in; there are a tag, a mail and a sender."""
    user = User.objects.create_user("mina@example.com", name="Mina", role=Role.MARKETER)
    Tag.objects.create(name="met us")
    make_template()
    make_sender()
    sign_in(user)
    return user


@pytest.fixture
def journey(page: Page, mina: User) -> Journey:
    """An empty journey, open on the canvas."""
    made = editing.create("Welcome", by=mina, now=now())
    page.goto(f"/admin/journeys/journey/{made.pk}/change/")
    expect(page.locator("#je-empty")).to_be_visible()
    return made


def draft(page: Page, journey: Journey) -> dict[str, Any]:
    """Return the drawing once it is saved."""
    expect(page.locator("#je-saved")).to_have_text(SAVED)
    journey.refresh_from_db()
    return journey.draft


def kinds(drawn: dict[str, Any]) -> list[str]:
    """Return the kinds of the steps from top to bottom."""
    return [step["kind"] for step in sorted(drawn["steps"], key=lambda step: (step["row"], step["column"]))]


def links(drawn: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Return the links as (kind, outlet, kind)."""
    kind = {step["key"]: step["kind"] for step in drawn["steps"]}
    return {(kind[link["from"]], link["outlet"], kind[link["to"]]) for link in drawn["links"]}


def drag(page: Page, what: Locator, x: float, y: float) -> None:
    """Drag something to a point of the window, as a hand does: with stops on the way."""
    what.scroll_into_view_if_needed()
    box = what.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(x - 20, y - 10, steps=4)
    page.mouse.move(x, y, steps=2)
    page.mouse.up()


def middle(what: Locator) -> tuple[float, float]:
    """Return the middle of an element in the window."""
    box = what.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def kind(page: Page, key: str) -> Locator:
    """Return a kind of step in the palette."""
    return page.locator(f"#je-palette [data-kind={key}]")


def card(page: Page, words: str) -> Locator:
    """Return the cards on which the words stand."""
    return page.locator(".je-card").filter(has_text=words)


def test_journey_is_drawn_with_the_mouse_and_published(page: Page, journey: Journey) -> None:
    view = page.locator("#je-view").bounding_box()
    assert view is not None
    drag(page, kind(page, "tag"), view["x"] + 80, view["y"] + 260)
    page.locator("#je-panel-body").get_by_label("Tag", exact=True).select_option(label="met us")
    expect(card(page, "met us")).to_have_count(1)

    # onto a connection: between the start and the tag
    drag(page, kind(page, "wait"), *middle(page.locator(".je-plus").first))
    page.locator("#je-panel-body").get_by_label("How long").fill("2")
    expect(card(page, "Wait 2 days")).to_have_count(1)

    # onto a card: after it; then a connection from its way out back up, by dragging
    drag(page, kind(page, "end"), *middle(card(page, "met us")))
    expect(page.locator(".je-card")).to_have_count(3)
    page.locator("#je-panel-close").click()
    drawn = draft(page, journey)
    assert kinds(drawn) == ["wait", "tag", "end"]
    assert links(drawn) == {("wait", "next", "tag"), ("tag", "next", "end")}
    assert drawn["steps"][0]["lane"] == stages_in_use()[0].key

    # how it starts
    page.locator("#je-start").click()
    page.locator("#je-panel-body").get_by_role("button", name="Add a start").click()
    page.locator("#je-chooser input").fill("by hand")
    page.keyboard.press("Enter")
    expect(page.locator("#je-problems-count")).to_have_text("")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("button", name="Publish now").click()
    expect(page.locator(".je-bar")).to_contain_text("Running · Version 1")
    journey.refresh_from_db()
    assert (journey.state, kinds(journey.live.graph)) == ("running", ["wait", "tag", "end"])


def test_cards_are_moved_and_connected_by_hand(page: Page, journey: Journey) -> None:
    tag, end = {"key": "a", "kind": "tag"}, {"key": "b", "kind": "end", "row": 1}
    raw = {"version": 1, "first": "a", "steps": [tag, end]}
    editing.save_draft(journey.pk, raw, version=1, by=None, now=now())
    page.reload()
    drag(page, page.locator("[data-key=a] .je-port"), *middle(page.locator("[data-key=b]")))
    assert links(draft(page, journey)) == {("tag", "next", "end")}

    column = page.locator(".je-lane").nth(1).bounding_box()
    top = page.locator("[data-key=b]").bounding_box()
    assert column is not None
    assert top is not None
    drag(page, page.locator("[data-key=b]"), column["x"] + 60, top["y"] + 250)
    expect(page.locator("#je-saved")).to_have_text(SAVED)
    moved = next(step for step in draft(page, journey)["steps"] if step["key"] == "b")
    assert (moved["lane"], moved["row"]) == (stages_in_use()[1].key, 2)

    # a connection is chosen and removed; undo brings it back; click and click connects too
    page.mouse.click(*page.evaluate(HALFWAY, "#je-links g[data-from=a] .je-reach"))
    page.keyboard.press("Delete")
    expect(page.locator("#je-links g[data-from=a]")).to_have_count(0)
    page.locator("[data-key=a] .je-port").click()
    page.locator("[data-key=b]").click()
    expect(page.locator("#je-links g[data-from=a]")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(page.locator("#je-links g[data-from=a]")).to_have_count(0)
    page.keyboard.press("Control+z")
    assert links(draft(page, journey)) == {("tag", "next", "end")}


def choose(page: Page, words: str) -> None:
    """Choose in the dialog by typing alone."""
    expect(page.locator("#je-chooser input")).to_be_focused()
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def test_journey_is_drawn_by_keyboard_alone(page: Page, journey: Journey) -> None:
    page.locator("#je-start").focus()
    keys = page.keyboard
    keys.press("a")
    choose(page, "Wait for an act")
    expect(page.locator(".je-card:focus")).to_have_count(1)
    keys.press("a")
    choose(page, "List")
    keys.press("ArrowUp")
    keys.press("a")  # the other way out is free
    choose(page, "Branch")
    drawn = draft(page, journey)
    assert links(drawn) == {("wait_event", "happened", "list"), ("wait_event", "timed_out", "branch")}

    # C connects the branch with the list; Alt moves a card a row down and to the next stage
    keys.press("c")
    choose(page, "list")
    keys.press("Alt+ArrowDown")
    drawn = draft(page, journey)
    assert ("branch", "else", "list") in links(drawn)
    assert next(step for step in drawn["steps"] if step["kind"] == "branch")["row"] == 2

    # Enter opens the settings, Esc leads back; Delete heals; undo and redo
    keys.press("Enter")
    expect(page.locator("#je-panel-body :focus")).to_have_count(1)
    keys.press("Escape")
    expect(page.locator(".je-card:focus")).to_contain_text("Branch")
    keys.press("Delete")
    expect(page.locator(".je-card")).to_have_count(2)
    assert ("wait_event", "timed_out", "list") in links(draft(page, journey))
    keys.press("Control+z")
    expect(page.locator(".je-card")).to_have_count(3)
    keys.press("Control+Shift+z")
    expect(page.locator(".je-card")).to_have_count(2)

    # F finds, ? shows the keys
    keys.press("f")
    choose(page, "list")
    expect(page.locator("#je-panel")).to_be_visible()
    keys.press("Escape")
    keys.press("?")
    expect(page.locator("#je-keys")).to_be_visible()


def test_branch_is_copied_and_pasted_with_its_connections(page: Page, journey: Journey) -> None:
    steps = [
        {"key": key, "kind": kind, "row": row}
        for row, (key, kind) in enumerate((("a", "tag"), ("b", "wait"), ("c", "end")))
    ]
    ways = [{"from": "a", "outlet": "next", "to": "b"}, {"from": "b", "outlet": "next", "to": "c"}]
    editing.save_draft(
        journey.pk, {"version": 1, "first": "a", "steps": steps, "links": ways}, version=1, by=None, now=now()
    )
    page.reload()
    page.locator("[data-key=b]").focus()
    page.keyboard.press("Control+Shift+c")
    page.keyboard.press("Control+v")
    expect(page.locator(".je-card")).to_have_count(5)
    drawn = draft(page, journey)
    assert sorted(kinds(drawn)) == ["end", "end", "tag", "wait", "wait"]
    fresh = {step["key"] for step in drawn["steps"]} - {"a", "b", "c"}
    assert next(link for link in drawn["links"] if link["from"] in fresh)["to"] in fresh
    page.keyboard.press("Control+z")
    expect(page.locator(".je-card")).to_have_count(3)


def test_second_editor_is_told_and_nothing_is_overwritten(page: Page, journey: Journey) -> None:
    bob = User.objects.create_user("bob@example.com", name="Bob", role=Role.MARKETER)
    theirs = {"version": 1, "first": "x", "steps": [{"key": "x", "kind": "end"}]}
    editing.save_draft(journey.pk, theirs, version=1, by=bob, now=now())
    kind(page, "tag").click()
    banner = page.locator("#je-stale")
    expect(banner).to_contain_text("Bob has changed this journey")
    journey.refresh_from_db()
    assert kinds(journey.draft) == ["end"]
    banner.get_by_role("button", name="Keep mine as a copy").click()
    expect(page.locator("#je-name-button")).to_contain_text("Copy of Welcome")
    assert kinds(Journey.objects.get(name="Copy of Welcome").draft) == ["tag"]

    page.goto(f"/admin/journeys/journey/{journey.pk}/change/")
    editing.save_draft(journey.pk, theirs | {"steps": [{"key": "x", "kind": "tag"}]}, version=2, by=bob, now=now())
    kind(page, "wait").click()
    banner.get_by_role("button", name="Show theirs here").click()
    expect(page.locator(".je-card")).to_have_count(1)
    expect(page.locator("[data-key=x]")).to_contain_text("Tag")
    page.keyboard.press("Control+z")
    expect(page.locator(".je-card")).to_have_count(2)


def test_work_without_a_connection_is_kept_and_saved_later(page: Page, journey: Journey) -> None:
    page.context.set_offline(True)
    kind(page, "tag").click()
    expect(page.locator("#je-saved")).to_contain_text("No connection")
    page.context.set_offline(False)
    assert kinds(draft(page, journey)) == ["tag"]


def test_problems_lead_to_their_card_and_stop_publishing(page: Page, journey: Journey) -> None:
    kind(page, "send_email").click()
    expect(page.locator(".je-card.has-error")).to_have_count(1)
    page.locator("#je-panel-close").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("#je-publish")).to_contain_text("It cannot be published yet")
    page.locator("#je-publish").get_by_role("button", name="Back").click()
    page.locator("#je-problems-button").click()
    page.locator("#je-problems-list").get_by_role("button").filter(has_text="Mail template").click()
    panel = page.locator("#je-panel-body")
    panel.get_by_label("Mail template").select_option(label="News")
    panel.get_by_label("Sender").select_option(index=1)
    expect(page.locator(".je-card.has-error")).to_have_count(0)
    expect(page.locator(".je-card .mail-thumb iframe")).to_have_count(1)
    assert draft(page, journey)["steps"][0]["settings"]["template"]


def test_rule_is_written_in_the_builder_of_segments(page: Page, journey: Journey) -> None:
    kind(page, "branch").click()
    panel = page.locator("#je-panel-body")
    panel.get_by_label("Name", exact=True).first.fill("From Seoul")
    panel.get_by_role("button", name="Write a rule").first.click()
    frame = page.frame_locator("#je-rule-frame")
    frame.get_by_text("The rule as JSON").first.click()
    rule = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is_any_of", "value": ["Seoul"]}]}}
    frame.locator("[name=definition]").fill(json.dumps(rule))
    frame.get_by_role("button", name="Take this rule").first.click()
    expect(panel.locator(".je-sentence")).to_have_text("City is “Seoul”")
    (branch,) = draft(page, journey)["steps"]
    assert branch["settings"]["ways"][0] == {"key": "w1", "label": "From Seoul", "rule": rule}
    panel.get_by_role("button", name="Add", exact=True).click()
    expect(panel.locator(".jr-row")).to_have_count(2)
    expect(panel.locator("[name=ways-1-label]")).to_be_focused()


def test_a_phone_shows_the_list_and_opens_a_step(page: Page, journey: Journey) -> None:
    tag = {"key": "a", "kind": "tag", "settings": {"what": "add"}}
    raw = {"version": 1, "first": "a", "steps": [tag]}
    editing.save_draft(journey.pk, raw, version=1, by=None, now=now())
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(page.locator("#je-list")).to_contain_text("1. Tag")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("[data-row=a] .je-row-main").click()
    page.locator("#je-panel-body").get_by_label("Tag", exact=True).select_option(label="met us")
    page.locator("#je-panel-close").click()
    expect(page.locator("#je-list")).to_contain_text("met us")
    assert draft(page, journey)["steps"][0]["settings"]["tag"]


def test_several_cards_are_chosen_moved_and_laid_out_and_a_comment_is_kept(page: Page, journey: Journey) -> None:
    steps = [{"key": key, "kind": "end", "row": row} for row, key in enumerate("abc")]
    editing.save_draft(journey.pk, {"version": 1, "first": "a", "steps": steps}, version=1, by=None, now=now())
    page.reload()
    page.locator("[data-key=a]").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Control+a")
    expect(page.locator(".je-card.is-chosen")).to_have_count(3)
    page.keyboard.press("Alt+ArrowDown")
    assert [step["row"] for step in draft(page, journey)["steps"]] == [1, 2, 3]
    page.get_by_role("button", name="Lay out automatically").click()
    expect(page.locator("#je-spoken")).to_contain_text("Laid out anew")
    drawn = draft(page, journey)
    assert sorted((step["row"], step["column"]) for step in drawn["steps"]) == [(0, 0), (1, 0), (1, 1)]

    page.locator("[data-key=a]").focus()
    page.keyboard.press("n")
    page.locator("#je-note-text").fill("김서연 님이 문구를 확인합니다")
    expect(page.locator(".je-note")).to_contain_text("김서연")
    assert draft(page, journey)["notes"][0]["text"] == "김서연 님이 문구를 확인합니다"


def test_what_was_typed_last_is_kept_when_the_panel_closes_and_undo_shows_in_it(page: Page, journey: Journey) -> None:
    kind(page, "wait").click()
    panel = page.locator("#je-panel-body")
    panel.get_by_label("How long").fill("5")
    page.keyboard.press("Escape")
    expect(card(page, "Wait 5 days")).to_have_count(1)
    card(page, "Wait 5 days").click()
    expect(panel.get_by_label("How long")).to_have_value("5")
    page.locator("#je-undo").click()
    expect(panel.get_by_label("How long")).to_have_value("1")


def test_log_out_in_another_tab_loses_nothing(page: Page, journey: Journey) -> None:
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    kind(page, "tag").click()
    expect(page.locator("#je-saved")).to_contain_text("You are logged out")
    page.context.add_cookies(cookies)
    assert kinds(draft(page, journey)) == ["tag"]
