"""A marketer's first half hour, in one go: from a file with Korean headers to a view of her own, a change, its undo."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Page, expect

from contacts.consent.models import ConsentState
from contacts.imports import worker
from contacts.models import Contact
from crm.kit import clock
from crm.team.models import Role, User
from tests.people_csv import csv_bytes, people

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = people(6)
SPOILT = ["not an address", *CROWD[5].row[1:]]


def bring_in(page: Page, path: Path, found: int) -> None:
    """Import a file from the page where one is chosen, up to its result."""
    page.get_by_label("File", exact=True).set_input_files(path)
    with page.expect_navigation():
        page.get_by_role("button", name="Upload").click()
    expect(page.get_by_label("이메일 수신여부", exact=True)).to_have_value("consent.marketing.email")
    page.get_by_label("On what ground").fill("Sign-up form")
    page.get_by_label("The words they agreed to").fill("광고성 정보 수신에 동의합니다.")
    with page.expect_navigation():
        page.get_by_role("button", name="Check the file").click()
    work()
    expect(page.get_by_role("heading", level=1)).to_have_text("This would happen")
    with page.expect_navigation():
        page.get_by_role("button", name=f"Import {found} p").click()
    work()
    expect(page.get_by_role("link", name="New people")).to_contain_text(str(found))


def work() -> None:
    while worker.run_due(clock.now):
        pass


def mended(refused: bytes) -> bytes:
    """Write the file with the rows that were refused, as somebody does who mends their addresses in Excel."""
    told = list(csv.DictReader(io.StringIO(refused.decode("utf-8-sig"))))
    rows = [next(csv.reader([row["Row"]])) for row in told if row["Imported"] == "no"]
    return csv_bytes([[CROWD[5].email, *row[1:]] for row in rows])


def test_first_half_hour_of_a_marketer(page: Page, sign_in: Callable[[User], None], tmp_path: Path) -> None:
    sign_in(User.objects.create_user("emma@example.com", name="Emma Park", role=Role.MARKETER))
    page.goto("/")
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="Bring in your people").click()
    first = tmp_path / "고객 명단.csv"
    first.write_bytes(csv_bytes([*[one.row for one in CROWD[:5]], SPOILT]))
    bring_in(page, first, 5)

    # one row was refused: home says so until it is mended, and its file says why
    page.goto("/")
    with page.expect_navigation():
        page.get_by_role("link", name="Your import of “고객 명단.csv” refused rows").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="All as CSV").click()
    second = tmp_path / "고친 명단.csv"
    second.write_bytes(mended(Path(download.value.path()).read_bytes()))
    page.goto("/imports/new/")
    bring_in(page, second, 1)
    assert set(Contact.objects.values_list("email", "name")) == {(one.email, one.name) for one in CROWD}
    states = ConsentState.objects.filter(purpose="marketing", channel="email", decision="granted")
    agreed = states.values_list("contact__email", flat=True)
    assert set(agreed) == {one.email for one in CROWD if one.said == "Y"}

    _view(page)
    _change_and_undo(page)
    _find(page)


def _view(page: Page) -> None:
    """Keep those of one city as a view."""
    page.goto(f"/people/?city={CROWD[0].city}")
    there = sum(one.city == CROWD[0].city for one in CROWD)
    expect(page.locator("#results tbody tr")).to_have_count(there)
    page.get_by_role("button", name="Save as a view").click()
    page.get_by_label("Name of the view").fill("우리 동네")
    with page.expect_navigation():
        page.get_by_role("button", name="Save the view").click()
    page.goto("/people/")
    with page.expect_navigation():
        page.get_by_role("link", name="우리 동네").click()
    expect(page.locator("#results tbody tr")).to_have_count(there)


def _change_and_undo(page: Page) -> None:
    """Give all six a tag, and take it back."""
    page.goto("/people/")
    page.get_by_label("Tick all on this page").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Add a tag").click()
    page.locator("input[name=name]").fill("첫 손님")
    with page.expect_navigation():
        page.get_by_role("button", name="Add a tag").click()
    with page.expect_navigation():
        page.get_by_role("link", name="Look, or undo it").click()
    expect(page.get_by_text("6 people changed")).to_be_visible()
    assert Contact.objects.filter(tag_links__tag__name="첫 손님").count() == 6
    page.get_by_role("button", name="Undo").click()
    with page.expect_navigation():
        page.locator("#undo-act").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("6 people put back")).to_be_visible()
    assert not Contact.objects.filter(tag_links__tag__name="첫 손님").exists()


def _find(page: Page) -> None:
    """Go by Ctrl-K to a person, and to a topic of the help."""
    _go_by_finder(page, CROWD[3].name)
    expect(page.get_by_role("heading", level=1)).to_have_text(CROWD[3].name)
    _go_by_finder(page, "Bring your people in")
    expect(page.get_by_role("heading", name="Bring your people in")).to_be_in_viewport()


def _go_by_finder(page: Page, words: str) -> None:
    """Type into the finder and follow its first answer, once the answer to all of the words is there."""
    page.keyboard.press("Control+k")
    field = page.locator("#finder input[type=search]")
    expect(field).to_be_focused()
    with page.expect_response(lambda answer: f"q={quote_plus(words)}" in answer.url.replace("%20", "+")):
        page.keyboard.type(words)
    found = page.locator("#finder-results").get_by_role("link").first
    expect(found).to_contain_text(words)
    with page.expect_navigation():
        found.click()
