"""The search field under a Korean input method, typed key by key through the browser's own IME interface."""

import pytest
from playwright.sync_api import Page, expect

from crm.team.models import Role, User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home(page: Page, sign_in) -> Page:
    sign_in(User.objects.create_user("alice@example.com", name="Alice", role=Role.ADMIN))
    page.goto("/team/profile/")
    return page


class Ime:
    """Composes syllables the way a keyboard does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session = page.context.new_cdp_session(page)

    def compose(self, *steps: str) -> None:
        for text in steps:
            self.session.send(
                "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
            )

    def commit(self, text: str) -> None:
        self.session.send("Input.insertText", {"text": text})


def _finder(page: Page):
    page.keyboard.press("Control+k")
    expect(page.locator("#finder")).to_be_visible()
    return page.locator("#finder input[type=search]")


def _asked(page: Page) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/search/" in request.url else None)
    return asked


def test_results_come_during_composition_and_the_input_keeps_focus(home: Page):
    field = _finder(home)
    Ime(home).compose("u", "us")  # still being composed: nothing was committed
    expect(home.locator("#finder-results a")).to_have_text(["Users"])
    expect(field).to_be_focused()
    assert field.input_value() == "us"


def test_half_syllable_that_finds_nobody_keeps_the_last_results(home: Page):
    _finder(home)
    ime = Ime(home)
    ime.compose("us")
    expect(home.locator("#finder-results a")).to_have_text(["Users"])
    with home.expect_response("**/search/?q=us%EA%B9%80"):
        ime.compose("us김")
    expect(home.locator("#finder-results a")).to_have_text(["Users"])
    ime.commit("us김")
    expect(home.locator("#finder-results a")).to_have_count(0)
    expect(home.locator("#finder-results")).to_contain_text("Nothing found")


def test_lone_jamo_at_the_end_is_not_asked_for(home: Page):
    _finder(home)
    asked = _asked(home)
    ime = Ime(home)
    with home.expect_response("**/search/?q=%EA%B9%80"):
        ime.compose("김")
    ime.compose("김ㅊ")
    home.wait_for_timeout(300)
    assert [url.rsplit("q=", 1)[1] for url in asked] == ["%EA%B9%80"]


def test_initial_consonants_are_asked_for(home: Page):
    _finder(home)
    with home.expect_response("**/search/?q=%E3%84%B1%E3%85%8A%E3%85%85"):
        Ime(home).compose("ㄱㅊㅅ")


def test_enter_escape_and_shortcuts_wait_for_the_syllable(home: Page):
    field = _finder(home)
    Ime(home).compose("us")
    expect(home.locator("#finder-results a")).to_have_count(1)
    press = """(e, key) => e.dispatchEvent(
        new KeyboardEvent("keydown", {key, keyCode: 229, isComposing: true, bubbles: true, cancelable: true}))"""
    for key in ("Enter", "Escape", "ArrowDown"):
        field.evaluate(press, key)
    expect(home.locator("#finder")).to_be_visible()
    expect(field).to_be_focused()
    assert home.url.endswith("/team/profile/")


def test_enter_opens_the_first_result_and_arrows_walk(home: Page):
    field = _finder(home)
    field.fill("us")
    expect(home.locator("#finder-results a")).to_have_count(1)
    field.press("ArrowDown")
    expect(home.locator("#finder-results a").first).to_be_focused()
    home.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    field.press("Enter")
    home.wait_for_url("**/admin/team/user/")


def test_latest_request_wins(home: Page):
    field = _finder(home)
    held: list = []
    home.route("**/search/?q=h", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks the function
    field.fill("h")
    home.wait_for_timeout(250)
    assert len(held) == 1
    field.fill("users")
    expect(home.locator("#finder-results a").first).to_have_text("Users")
    held[0].fulfill(body='<div id="search-results" data-count="1"><a href="/">Late</a></div>', content_type="text/html")
    home.wait_for_timeout(150)
    expect(home.locator("#finder-results a").first).to_have_text("Users")


def test_shortcut_does_not_fire_while_typing(home: Page):
    home.locator("#id_title").focus()
    home.keyboard.type("a/b")
    assert home.locator("#id_title").input_value() == "a/b"
    expect(home.locator("#finder")).to_be_hidden()
