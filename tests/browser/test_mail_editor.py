"""The mail editor in a real browser: blocks made, moved and saved, preview as a person, checks, two languages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from campaigns.templating.models import MailTemplate
from campaigns.templating.starters import ensure_starters
from contacts.models import Contact
from crm.team.models import Role, User
from tests.campaigns.templating.conftest import NOW


@pytest.fixture
def offer(page: Page, sign_in: Callable[[User], None]) -> MailTemplate:
    """The ready-made offer, open in the editor of a marketer, with people to preview as."""
    sign_in(User.objects.create_user("alice@wayfare.example", "x", name="Alice", role=Role.MARKETER))
    Contact.objects.create(email="younghee@example.com", email_key="1", name="이영희", company="한빛")
    Contact.objects.create(email="mallory@example.com", email_key="2", name="<script>alert(1)</script>")
    ensure_starters(NOW, "shop.example.net")
    template = MailTemplate.objects.get(starter="offer")
    page.goto(f"/admin/campaigns/mailtemplate/{template.pk}/change/")
    return template


def kinds(template: MailTemplate, language: str = "ko") -> list[str]:
    """Return the kinds of the draft's blocks in their order."""
    template.refresh_from_db()
    return [block["kind"] for block in template.draft["languages"][language]["blocks"]]


def test_blocks_are_added_moved_copied_deleted_and_saved(page: Page, offer: MailTemplate) -> None:
    assert kinds(offer) == ["picture", "heading", "text", "button", "text", "divider", "columns", "footer"]
    korean = page.locator("[data-language=ko]")
    blocks = korean.locator("[data-blocks-part] > [data-list=blocks] > .me-block")
    expect(blocks).to_have_count(7)
    korean.locator("[data-blocks-part] > .me-add [data-add=heading]").click()
    page.keyboard.type("마지막 소식")
    for _ in range(7):
        page.keyboard.press("Alt+ArrowUp")
    blocks.nth(4).locator("> header").get_by_label("Duplicate").click()
    blocks.nth(7).locator("> header").get_by_label("Delete").click()
    blocks.nth(7).locator("> header").get_by_label("Move up").click()
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    assert kinds(offer) == ["heading", "picture", "heading", "text", "button", "button", "columns", "text", "footer"]
    assert offer.draft["languages"]["ko"]["blocks"][0]["text"] == "마지막 소식"
    assert kinds(offer, "en")[0] == "picture"


def test_block_is_dragged_by_its_grip(page: Page, offer: MailTemplate) -> None:
    blocks = page.locator("[data-language=ko] [data-blocks-part] > [data-list=blocks] > .me-block")
    blocks.nth(1).locator("[data-grip]").drag_to(blocks.nth(0), target_position={"x": 60, "y": 4})
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    assert kinds(offer)[:2] == ["heading", "picture"]


def test_preview_shows_the_mail_as_a_person_gets_it(page: Page, offer: MailTemplate) -> None:
    frame = page.frame_locator("#mail-preview")
    expect(frame.locator("body")).to_contain_text("김철수 님, 늘 함께해 주셔서")
    expect(page.locator("#inbox-subject")).to_have_text("(광고) 일요일까지 전 상품 20% 할인")
    expect(page.locator("#findings")).to_contain_text("Nothing to complain about.")
    page.get_by_role("combobox", name="As this person").fill("이영")
    page.get_by_role("option", name="이영희").click()
    expect(frame.locator("body")).to_contain_text("이영희 님, 늘 함께해 주셔서")
    page.get_by_role("combobox", name="As this person").fill("mallory")
    page.get_by_role("option", name="script").click()
    expect(frame.locator("body")).to_contain_text("<script>alert(1)</script> 님")
    page.get_by_role("button", name="Text", exact=True).click()
    expect(frame.locator("pre")).to_contain_text("수신거부를 눌러 주세요")
    page.get_by_role("button", name="Dark", exact=True).click()
    expect(frame.locator(".card").first).to_have_css("background-color", "rgb(30, 35, 43)")
    page.get_by_role("button", name="English").click()
    expect(frame.locator("body")).to_contain_text("as a thank-you for being with us")


def test_field_goes_where_the_cursor_stood_and_a_fault_is_shown_at_once(page: Page, offer: MailTemplate) -> None:
    subject = page.locator("#subject-ko")
    subject.fill("안녕 ")
    page.locator("[data-language=ko]").get_by_role("button", name="Insert a field").click()
    page.locator("#merge-fallback").fill("고객")
    page.locator("#merge-fields [data-field='contact.company']").click()
    expect(subject).to_have_value('안녕 {{ contact.company | default: "고객" }}')
    expect(page.locator("#inbox-subject")).to_have_text("(광고) 안녕 한빛상사")
    subject.fill("{{ contact.nope }}")
    expect(page.locator("#findings .is-error")).to_contain_text('"contact.nope" is not known')
    page.get_by_role("button", name="Save as new version").click()
    expect(page.get_by_role("alert")).to_contain_text('"contact.nope" is not known')
    expect(page.locator("#subject-ko")).to_have_value("{{ contact.nope }}")
    assert offer.versions.count() == 1


def test_of_two_edits_one_chooses_piece_by_piece(page: Page, offer: MailTemplate) -> None:
    MailTemplate.objects.filter(pk=offer.pk).update(version=9, draft=offer.draft | {"accent": "#000000"})
    page.locator("#subject-ko").fill("내 제목")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Nothing was overwritten")).to_be_visible()
    expect(page.locator("#merge-edits tbody tr")).to_have_count(2)
    expect(page.locator("#merge-edits")).to_contain_text("내 제목")
    offer.refresh_from_db()
    assert (offer.version, offer.draft["accent"]) == (9, "#000000")
    with page.expect_navigation():
        page.get_by_role("button", name="Save what is chosen").click()
    expect(page.locator("#subject-ko")).to_have_value("내 제목")
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    offer.refresh_from_db()
    assert (offer.version, offer.draft["accent"]) == (10, "#000000")
    assert offer.draft["languages"]["ko"]["subject"] == "내 제목"
