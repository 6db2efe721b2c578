"""The people list as a desk: columns, views that are kept, changes of many with undo, and a file, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from contacts.exports import jobs
from contacts.models import Contact
from contacts.people import profile
from contacts.people.profile import Profile
from crm.kit import clock
from crm.team.models import Role, User

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("김철수", "이영희", "Emma Park")


@pytest.fixture
def desk(page: Page, sign_in: Callable[[User], None]) -> Page:
    mina = User.objects.create_user("mina@example.com", name="Mina", role=Role.MARKETER)
    for place, name in enumerate(NAMES):
        fields = Profile(name=name, email=f"p{place}@example.com", city="부산" if place else "서울")
        profile.create(fields, by=mina, now=clock.now())
    sign_in(mina)
    page.goto("/people/?sort=name")
    expect(page.locator("#results tbody tr")).to_have_count(3)
    return page


def heads(page: Page) -> list[str]:
    return [text for text in page.locator("#results thead th").all_inner_texts() if text and text != "Tick"]


def test_columns_are_chosen_and_kept_as_a_view_the_list_opens_with(desk: Page) -> None:
    desk.get_by_role("button", name="Columns").click()
    chooser = desk.locator("#columns")
    for label in ("Company", "Stage", "Owner", "Tags", "Mails", "Last seen", "Added"):
        chooser.get_by_label(label, exact=True).uncheck()
    chooser.locator("input[value=city]").check()
    chooser.locator("input[value=email]").check()
    row = chooser.locator("li", has=desk.locator("input[value=city]"))
    for _ in range(20):
        row.get_by_role("button", name="Further to the front").click()
    chooser.get_by_role("button", name="Show these columns").click()
    desk.wait_for_url("**columns=city%2Cemail**")
    assert heads(desk) == ["Name", "City", "E-mail"]
    desk.get_by_role("button", name="Save as a view").click()
    desk.get_by_label("Name of the view").fill("By city")
    desk.locator("#view-save").get_by_label("The list opens with it for me").check()
    desk.get_by_role("button", name="Save the view").click()
    expect(desk.get_by_role("link", name="By city")).to_have_attribute("aria-current", "page")
    desk.goto("/people/")
    assert heads(desk) == ["Name", "City", "E-mail"]
    desk.get_by_role("link", name="Everything").click()
    expect(desk.get_by_role("columnheader", name="Company")).to_be_visible()


def test_a_change_of_many_is_undone(desk: Page) -> None:
    desk.goto("/people/?city=부산")
    desk.get_by_label("Tick all on this page").check()
    desk.get_by_role("button", name="Add a tag").click()
    expect(desk.get_by_text("2 people", exact=True)).to_be_visible()
    desk.locator("input[name=name]").fill("항구")
    desk.get_by_role("button", name="Add a tag").click()
    with desk.expect_navigation():  # until the page is loaded whole: its buttons open dialogs by script
        desk.get_by_role("link", name="Look, or undo it").click()
    expect(desk.get_by_text("2 people changed")).to_be_visible()
    assert Contact.objects.filter(tag_links__tag__name="항구").count() == 2
    desk.get_by_role("button", name="Undo").click()
    desk.locator("#undo-act").get_by_role("button", name="Undo").click()
    expect(desk.get_by_text("2 people put back")).to_be_visible()
    assert not Contact.objects.filter(tag_links__tag__name="항구").exists()


def test_a_file_is_written_and_downloaded(desk: Page, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    desk.get_by_role("link", name="Export").click()
    desk.get_by_label("What is the file for?").fill("Badges for the fair")
    desk.get_by_role("button", name="Write the file").click()
    expect(desk.get_by_text("The file is being written")).to_be_visible()
    assert jobs.run_due(clock.now)
    expect(desk.get_by_text("The file is ready")).to_be_visible()
    expect(desk.get_by_role("link", name="Download")).to_be_visible()
