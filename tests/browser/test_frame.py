"""The frame in a real browser: themes, phone, target sizes, keyboard, menus, dialogs, charts under the policy."""

import pytest
from playwright.sync_api import Page, expect

from crm.team.models import Role, Theme, User

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = ["/", "/team/profile/", "/team/password/", "/search/", "/style/", "/admin/team/user/", "/nowhere/"]
LIGHT, DARK = "rgb(246, 247, 245)", "rgb(15, 21, 19)"
SMALL = """(least) => [...document.querySelectorAll('a[href], button, select, summary, input:not([type=hidden])')]
    .filter(e => e.checkVisibility())
    .filter(e => !e.closest('p, .wf-facts, .wf-timeline-text, .wf-crumbs, td, th, .card-body > a'))
    .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.height < least || box.width < 24) && box.bottom > 0)
    .map(([html, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)"""


@pytest.fixture
def alice(live_site) -> User:
    return User.objects.create_user("alice@example.com", "harbour-lantern-42", name="Alice Han", role=Role.ADMIN)


@pytest.fixture
def inside(page: Page, sign_in, alice) -> Page:
    sign_in(alice)
    return page


def _ground(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("path", PAGES)
def test_phone_shows_every_page_without_sideways_scrolling(inside, path):
    inside.set_viewport_size({"width": 390, "height": 844})
    inside.goto(path)
    assert inside.evaluate("document.documentElement.scrollWidth") <= 390


def test_long_korean_name_breaks_nothing(inside, alice):
    User.objects.filter(pk=alice.pk).update(name="가" * 60 + " " + "나다라마바사아자차카" * 5)
    for width in (390, 1440):
        inside.set_viewport_size({"width": width, "height": 844})
        for path in ("/", "/admin/team/user/"):
            inside.goto(path)
            assert inside.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "least"), [(390, 44), (1440, 24)])
def test_targets_are_large_enough(inside, width, least):
    inside.set_viewport_size({"width": width, "height": 844})
    for path in ("/", "/team/profile/", "/style/"):
        inside.goto(path)
        small = [
            text for text in inside.evaluate(SMALL, least) if 'type="radio"' not in text and "checkbox" not in text
        ]
        assert small == [], path


def test_device_theme_is_followed_and_a_choice_counts_at_once(inside, alice):
    inside.emulate_media(color_scheme="dark")
    inside.goto("/")
    assert _ground(inside) == DARK
    inside.emulate_media(color_scheme="light")
    assert _ground(inside) == LIGHT
    inside.locator(".wf-side .wf-me").click()
    inside.locator("#user-menu").get_by_role("button", name="Dark", exact=True).click()
    inside.wait_for_load_state()
    assert _ground(inside) == DARK
    assert User.objects.get(pk=alice.pk).theme == Theme.DARK
    inside.goto("/admin/team/user/")
    assert _ground(inside) == DARK


def test_language_of_the_menu_counts_at_once(inside):
    inside.goto("/team/profile/")
    inside.locator(".wf-side .wf-me").click()
    inside.get_by_role("button", name="한국어").click()
    expect(inside.locator("html")).to_have_attribute("lang", "ko")
    assert inside.url.endswith("/team/profile/")


def test_keyboard_goes_to_the_content_first(inside):
    inside.goto("/team/profile/")
    inside.keyboard.press("Tab")
    expect(inside.locator(".wf-skip")).to_be_focused()
    inside.keyboard.press("Enter")
    expect(inside.locator("#main")).to_be_focused()
    inside.keyboard.press("Tab")
    expect(inside.get_by_role("link", name="Log-ins")).to_be_focused()


def test_dialog_opens_on_the_harmless_button_and_gives_focus_back(inside):
    inside.goto("/style/")
    opener = inside.get_by_role("button", name="Open a dialog")
    opener.focus()
    inside.keyboard.press("Enter")
    dialog = inside.locator("#demo-confirm")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Back")).to_be_focused()
    inside.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_finder_is_the_same_in_the_admin(inside):
    inside.goto("/admin/team/user/")
    inside.keyboard.press("Control+k")
    expect(inside.locator("#finder input[type=search]")).to_be_focused()
    inside.keyboard.type("home")
    expect(inside.locator("#finder-results a").first).to_have_text("Home")
    inside.keyboard.press("Enter")
    inside.wait_for_url(lambda url: url.endswith("/") and "admin" not in url)


def test_charts_are_drawn_and_their_figures_stand_behind_them(inside):
    inside.goto("/style/")
    for number in range(5):
        expect(inside.locator("[data-chart]").nth(number).locator("canvas").first).to_be_visible()
    first = inside.locator(".wf-chart-box").first
    first.locator("summary").click()
    expect(first.locator("tbody tr")).to_have_count(12)


def test_drawer_of_the_phone_opens_and_closes(inside):
    inside.set_viewport_size({"width": 390, "height": 844})
    inside.goto("/")
    expect(inside.locator("#navigation")).to_be_hidden()
    inside.get_by_role("button", name="Menu", exact=True).click()
    expect(inside.locator("#navigation")).to_be_visible()
    inside.keyboard.press("Escape")
    expect(inside.locator("#navigation")).to_be_hidden()


def test_message_goes_by_its_button(inside):
    inside.goto("/team/profile/")
    inside.get_by_role("button", name="Save").click()
    toast = inside.locator(".wf-toast")
    expect(toast).to_contain_text("Your profile was saved.")
    toast.get_by_role("button").click()
    expect(toast).to_have_count(0)


def test_second_click_does_not_send_twice(inside):
    inside.goto("/team/profile/")
    sent: list[str] = []
    inside.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    inside.evaluate("const b = document.querySelector('main form .btn-primary'); b.click(); b.click();")
    expect(inside.locator(".wf-toast")).to_be_visible()
    assert len(sent) == 1


def test_log_in_with_the_keyboard_alone(page, alice):
    page.goto("/")
    page.keyboard.type("alice@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type("harbour-lantern-42")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lifecycle map")
