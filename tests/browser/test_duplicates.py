"""Two records of one person in a real browser: compared, merged by keyboard, separated; a field edited in its place."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from contacts.duplicates import search
from contacts.models import Account, Contact
from contacts.people import profile
from contacts.people.profile import Profile
from crm.kit import clock
from crm.team.models import Role, User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mina(page: Page, sign_in: Callable[[User], None]) -> User:
    user = User.objects.create_user("mina@example.com", name="Mina", role=Role.MARKETER)
    for email, city in (("k.im@gmail.com", "서울"), ("kim@gmail.com", "부산")):
        person = Profile(name="김철수", email=email, city=city, company="한빛")
        profile.create(person, by=user, now=clock.now())
    search.start(None, now=clock.now())
    search.run_due(clock.now)
    sign_in(user)
    return user


def test_pair_is_merged_by_keyboard_and_separated_again(page: Page, mina: User) -> None:
    page.goto("/duplicates/")
    page.get_by_role("link", name="Compare").press("Enter")
    other = page.get_by_role("radio", name="부산")
    page.get_by_role("radio", name="서울").focus()
    page.keyboard.press("ArrowRight")
    expect(other).to_be_checked()
    page.get_by_role("button", name="Make them one").press("Enter")
    expect(page.get_by_role("heading", name="Merged records")).to_be_visible()
    kept = Contact.objects.live().get()
    assert (kept.email, kept.city) == ("k.im@gmail.com", "부산")
    page.get_by_role("button", name="Separate").press("Enter")
    expect(page.get_by_role("heading", name="Are these one person?")).to_be_visible()
    assert sorted(Contact.objects.live().values_list("email", "city")) == [
        ("k.im@gmail.com", "서울"), ("kim@gmail.com", "부산"),
    ]  # fmt: skip


def test_field_of_an_account_is_edited_in_its_place(page: Page, mina: User) -> None:
    account = Account.objects.get()
    page.goto(f"/accounts/{account.pk}/")
    page.get_by_text("Empty fields").click()
    page.get_by_role("link", name="Edit: City").click()
    field = page.locator("#fact-city input[name=city]")
    field.fill("대전")
    field.press("Enter")
    expect(page.locator("#fact-city")).to_contain_text("대전")
    account.refresh_from_db()
    assert (account.city, account.version) == ("대전", 2)
