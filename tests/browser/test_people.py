"""The people list in a real browser: Korean typed by an input method, ticking, and an act on many."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Contact
from contacts.people import profile, queries
from contacts.people.profile import Profile
from crm.kit import clock
from crm.team.models import Role, User

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("김철수", "김처선", "이영희", "<b>Bold</b>")


@pytest.fixture
def people(page: Page, sign_in: Callable[[User], None]) -> Page:
    mina = User.objects.create_user("mina@example.com", name="Mina", role=Role.MARKETER)
    for name in NAMES:
        profile.create(Profile(name=name), by=mina, now=clock.now())
    sign_in(mina)
    page.goto("/people/?sort=name")
    expect(page.locator("#results tbody tr")).to_have_count(4)
    return page


def compose(page: Page, *steps: str) -> None:
    session = page.context.new_cdp_session(page)
    for text in steps:
        at = {"selectionStart": len(text), "selectionEnd": len(text)}
        session.send("Input.imeSetComposition", {"text": text, **at})


def names(page: Page) -> list[str]:
    return page.locator("#results .people-who").all_inner_texts()


def test_list_follows_the_input_method_and_the_address_keeps_it(people: Page) -> None:
    field = people.locator("main input[name=q]")
    field.focus()
    compose(people, "ㄱ", "기", "김")
    expect(people.locator("#results tbody tr")).to_have_count(2)
    assert names(people) == ["김처선", "김철수"]
    expect(field).to_be_focused()
    compose(people, "김ㅊ", "김처", "김철")
    expect(people.locator("#results tbody tr")).to_have_count(1)
    assert names(people) == ["김철수"]
    people.wait_for_url("**/people/?sort=name&q=*")
    people.reload()
    assert names(people) == ["김철수"]


def test_everyone_found_by_a_live_search_is_who_an_act_is_for(people: Page) -> None:
    people.locator("main input[name=q]").fill("김")
    expect(people.locator("#results tbody tr")).to_have_count(2)
    expect(people.get_by_role("button", name="Add a tag", exact=True)).to_be_disabled()
    people.get_by_label("Everyone found, on all pages").check()
    people.get_by_role("button", name="Add a tag", exact=True).click()
    expect(people.get_by_text("2 people", exact=True)).to_be_visible()
    people.get_by_label("Tag").fill("성이 김")
    people.get_by_role("button", name="Add a tag").click()
    expect(people.get_by_text("2 people changed.")).to_be_visible()
    tagged = Contact.objects.filter(tag_links__tag__name="성이 김")
    assert sorted(tagged.values_list("name", flat=True)) == ["김처선", "김철수"]


def test_a_great_many_are_counted_after_the_page_and_after_each_search(people: Page) -> None:
    Contact.objects.bulk_create(Contact(name=f"홍길동 {n}") for n in range(queries.COUNT_LIMIT))
    people.reload()
    said = people.locator("#subtitle")
    expect(said).to_have_text("2,004 people")
    people.locator("main input[name=q]").fill("홍길동 1")
    expect(said).to_have_text("1,271 people")
    people.locator("main input[name=q]").fill("홍길동")
    expect(said).to_have_text("2,000 people")
    people.locator("main input[name=q]").fill("")
    expect(said).to_have_text("2,004 people")


def test_ticked_rows_are_counted_and_a_filter_applies_at_once(people: Page) -> None:
    people.get_by_label("Tick all on this page").check()
    expect(people.get_by_text("4 ticked")).to_be_visible()
    people.get_by_label("Every owner").select_option("me")
    people.wait_for_url("**owner=me**")
    expect(people.get_by_text("Nothing fits these filters")).to_be_visible()


def test_person_page_filters_and_leafs_its_timeline_in_place(people: Page) -> None:
    people.get_by_role("link", name="이영희").click()
    expect(people.get_by_role("heading", level=1)).to_have_text("이영희")
    people.get_by_label("Note", exact=True).fill("내일 전화")
    people.get_by_role("button", name="Keep the note").click()
    expect(people.get_by_text("내일 전화")).to_be_visible()
    people.wait_for_load_state()  # htmx listens from then on
    people.locator("#timeline-kind").select_option("contact.created")
    expect(people.get_by_text("내일 전화")).to_have_count(0)
    expect(people.get_by_text("Added as a contact")).to_be_visible()
