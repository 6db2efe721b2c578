"""The people list as a desk: columns, views that are kept, changes of many with undo, and a file, in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from contacts.acts import jobs as acts
from contacts.attributes import definition, sorting
from contacts.attributes.models import Attribute
from contacts.exports import jobs
from contacts.ledger.follow import catch_up
from contacts.models import Contact
from contacts.people import profile
from contacts.people.profile import Profile
from contacts.privacy import running
from contacts.privacy.models import Erasure
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


@pytest.fixture
def size() -> Iterator[Attribute]:
    """An attribute whose index, a real one that no roll-back drops, goes whatever becomes of the test."""
    made = definition.define("contact", "Shoe size", "number")
    try:
        yield made
    finally:
        sorting.give_up(made)
        sorting.arrange(clock.now())


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
    desk.get_by_role("link", name="Export", exact=True).click()
    desk.get_by_label("What is the file for?").fill("Badges for the fair")
    desk.get_by_role("button", name="Write the file").click()
    expect(desk.get_by_text("The file is being written")).to_be_visible()
    assert jobs.run_due(clock.now)
    expect(desk.get_by_text("The file is ready")).to_be_visible()
    expect(desk.get_by_role("link", name="Download")).to_be_visible()


def test_the_list_is_sorted_by_an_attribute(desk: Page, size: Attribute) -> None:
    for name, value in zip(NAMES, (260, 245, 270), strict=True):
        Contact.objects.filter(name=name).update(attributes={size.key: value})
    desk.goto(f"/settings/attributes/{size.pk}/")
    with desk.expect_navigation():
        desk.get_by_role("button", name="Let the list be sorted by it").click()
    expect(desk.get_by_text("The order is being prepared")).to_be_visible()
    sorting.arrange(clock.now())
    desk.goto("/people/?columns=name,attribute.shoe_size")
    with desk.expect_navigation():
        desk.get_by_role("link", name="Shoe size").click()
    assert desk.locator("#results tbody tr td:last-child").all_inner_texts() == ["245", "260", "270"]
    with desk.expect_navigation():
        desk.get_by_role("link", name="Shoe size").click()
    assert desk.locator("#results tbody tr td:last-child").all_inner_texts() == ["270", "260", "245"]


def test_many_are_erased_for_good(page: Page, desk: Page, sign_in: Callable[[User], None]) -> None:
    page.context.clear_cookies()
    sign_in(User.objects.create_user("alice@example.com", name="Alice", role=Role.ADMIN))
    catch_up(clock.now())
    page.goto("/people/?city=부산")
    page.get_by_label("Tick all on this page").check()
    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_navigation():
        page.get_by_role("button", name="Erase").click()
    expect(page.get_by_text("This cannot be undone.")).to_be_visible()
    page.get_by_label("Why").select_option("retention")
    page.get_by_label("How many people are erased?").fill("3")
    with page.expect_navigation():
        page.get_by_role("button", name="Erase").click()
    expect(page.get_by_text("These are 2 people.")).to_be_visible()
    assert Contact.objects.count() == len(NAMES)
    page.get_by_label("How many people are erased?").fill("2")
    with page.expect_navigation():
        page.get_by_role("button", name="Erase").click()
    while acts.run_due(clock.now) or running.run_due(clock.now):
        pass
    job = Erasure.objects.get()
    page.goto(f"/erasures/{job.pk}/")
    expect(page.get_by_text(f"Certificate of erasure {job.number}").first).to_be_visible()
    assert (job.people, job.erased, job.state) == (2, 2, "done")
    assert list(Contact.objects.values_list("name", flat=True)) == [NAMES[0]]
