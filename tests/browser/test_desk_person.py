"""The page of a person in a real browser: a field in its place, a mention, a file, and two people who edit at once."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from contacts.models import Contact, KeptFile, Note
from contacts.notes import writing
from contacts.people import profile
from contacts.people.profile import Profile
from crm.kit import clock
from crm.team.models import Notice, Role, User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mina() -> User:
    return User.objects.create_user("mina@example.com", name="Mina", role=Role.MARKETER)


@pytest.fixture
def kim(mina: User) -> Contact:
    known = Profile(name="김철수", email="kim@example.com", phone="010-1234-5678", city="서울")
    return profile.create(known, by=mina, now=clock.now())


@pytest.fixture
def desk(page: Page, sign_in: Callable[[User], None], mina: User, kim: Contact) -> Page:
    sign_in(mina)
    page.goto(f"/people/{kim.pk}/")
    page.wait_for_load_state("networkidle")
    return page


def typed(page: Page, name: str) -> Locator:
    """Return the control of the field that is open in its place."""
    return page.locator(f"#fact-form [name={name}]")


def test_field_is_changed_where_it_stands_and_escape_puts_it_back(desk: Page, kim: Contact) -> None:
    desk.get_by_role("link", name="Edit: City").click()
    field = typed(desk, "city")
    expect(field).to_be_focused()
    field.fill("부산")
    field.press("Escape")
    expect(desk.locator("#fact-city .fact-value")).to_have_text("서울")
    desk.get_by_role("link", name="Edit: City").click()
    typed(desk, "city").fill("부산")
    typed(desk, "city").press("Enter")
    expect(desk.locator("#fact-city .fact-value")).to_have_text("부산")
    desk.get_by_role("link", name="Edit: Phone").click()
    typed(desk, "phone").fill("nope")
    typed(desk, "phone").press("Enter")
    expect(desk.get_by_text("This is no phone number")).to_be_visible()
    expect(typed(desk, "phone")).to_have_value("nope")
    kim.refresh_from_db()
    assert (kim.city, kim.phone) == ("부산", "+821012345678")


def test_field_that_two_change_is_a_choice(desk: Page, kim: Contact, mina: User) -> None:
    desk.get_by_role("link", name="Edit: City").click()
    expect(typed(desk, "city")).to_be_visible()  # the form is there, with the version before the other's
    theirs = Profile.of(Contact.objects.get(pk=kim.pk))
    profile.update(kim.pk, Profile(**{**vars(theirs), "city": "대구"}), version=1, by=mina, now=clock.now())
    typed(desk, "city").fill("부산")
    typed(desk, "city").press("Enter")
    expect(desk.get_by_text("Somebody else saved “대구” here meanwhile")).to_be_visible()
    assert Contact.objects.get(pk=kim.pk).city == "대구"
    desk.get_by_role("link", name="Keep what is saved").click()
    expect(desk.locator("#fact-city .fact-value")).to_have_text("대구")


def test_two_edits_of_one_person_are_merged_field_by_field(desk: Page, kim: Contact, mina: User) -> None:
    desk.get_by_role("link", name="Edit", exact=True).click()
    desk.get_by_label("Title").fill("부장")
    desk.get_by_label("City").fill("부산")
    theirs = Profile.of(Contact.objects.get(pk=kim.pk))
    changed = {**vars(theirs), "city": "대구", "company": "한빛"}
    profile.update(kim.pk, Profile(**changed), version=1, by=mina, now=clock.now())
    desk.get_by_role("button", name="Save", exact=True).click()
    table = desk.locator("#merge-edits tbody tr")
    expect(table).to_have_count(3)
    city = table.filter(has_text="City")
    expect(city).to_contain_text("both changed it")
    expect(city.get_by_role("radio", name="부산")).to_be_checked()
    expect(table.filter(has_text="Company").get_by_role("radio", name="한빛")).to_be_checked()
    city.get_by_role("radio", name="대구").check()
    desk.get_by_role("button", name="Save what is chosen").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("김철수")
    kim.refresh_from_db()
    assert (kim.title, kim.city, kim.company) == ("부장", "대구", "한빛")


def test_colleague_is_named_by_keys_alone_and_told(desk: Page, kim: Contact) -> None:
    rob = User.objects.create_user("rob@example.com", name="Rob Lee", role=Role.MARKETER)
    note = desk.get_by_label("Note", exact=True)
    note.press_sequentially("내일 전화 @ro")
    expect(desk.get_by_role("option", name="Rob Lee")).to_be_visible()
    note.press("Enter")
    expect(note).to_have_value("내일 전화 @Rob Lee ")
    desk.get_by_role("button", name="Keep the note").click()
    expect(desk.locator(".note-name")).to_have_text("@Rob Lee")
    assert Note.objects.get().contact == kim
    assert Notice.objects.get().user == rob


def test_file_is_kept_and_opened(desk: Page, tmp_path: Path) -> None:
    offer = tmp_path / "제안서.txt"
    offer.write_text("Offer")
    desk.get_by_label("File", exact=True).set_input_files(offer)
    desk.get_by_role("button", name="Keep the file").click()
    link = desk.get_by_role("link", name="제안서.txt")
    expect(link).to_be_visible()
    with desk.expect_download() as waiting:
        link.click()
    assert waiting.value.suggested_filename == "제안서.txt"
    assert KeptFile.objects.get().size == 5


def test_activity_is_searched_and_filtered_by_group(desk: Page, kim: Contact, mina: User) -> None:
    for text in ("Wants a demo", "Asked for the price"):
        writing.add(kim.pk, text, by=mina, now=clock.now(), token=uuid4())
    desk.reload()
    desk.wait_for_load_state("networkidle")
    events = desk.locator("#timeline-events li")
    expect(events).to_have_count(3)
    desk.get_by_label("Search in the activity").press_sequentially("DEMO")
    expect(events).to_have_count(1)
    expect(events).to_contain_text("Wants a demo")
    desk.get_by_label("Search in the activity").fill("")
    expect(events).to_have_count(3)
    desk.locator("#timeline-kind").select_option("talks")
    expect(events).to_have_count(2)
