"""The guide in the product: in the reader's language, her own role first, searched, and safe."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.home.guide import pages
from crm.home.guide.writing import anchor_of, written
from crm.team.models import Role, User


@pytest.fixture
def signed_in(db):
    def sign_in(role: Role, language: str = "en") -> Client:
        user = User.objects.create_user(f"{role}-{language}@example.com", name="Alice", role=role, language=language)
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.mark.parametrize(
    ("role", "first"),
    [(Role.MARKETER, "marketer"), (Role.ANALYST, "marketer"), (Role.SALES_REP, "rep"), (Role.ADMIN, "admin")],
)
def test_the_cover_begins_with_the_readers_own_page(role, first):
    assert next(page.key for page in pages.by_role(role)) == first
    assert {page.key for page in pages.by_role(role)} == {"marketer", "rep", "admin"}


def test_every_role_has_a_page_of_its_own():
    assert set().union(*(page.roles for page in pages.PAGES)) == set(Role)


def test_the_cover_lists_the_sections_of_the_own_page_alone(signed_in):
    shown = signed_in(Role.SALES_REP).get(reverse("guide")).content.decode()
    assert 'href="/help/rep/#call-and-say-what-came-of-it"' in shown
    assert 'href="/help/admin/"' in shown
    assert "/help/admin/#" not in shown


def test_a_page_follows_the_readers_language(signed_in):
    address = reverse("guide-page", args=["rep"])
    english = signed_in(Role.SALES_REP, "en").get(address).content.decode()
    korean = signed_in(Role.SALES_REP, "ko").get(address).content.decode()
    assert "Guide for sales reps" in english
    assert "영업 담당자 가이드" not in english
    assert "영업 담당자 가이드" in korean
    assert "Guide for sales reps" not in korean
    assert '<h2 id="처음-30분">처음 30분</h2>' in korean
    assert 'src="/help/pictures/leads-ko-light-390.webp"' in korean


def test_help_stands_in_the_readers_menu(signed_in):
    assert f'href="{reverse("guide")}"' in signed_in(Role.ANALYST).get(reverse("home")).content.decode()


def test_a_search_finds_sections_with_all_words_the_own_role_first(signed_in):
    hits = pages.find("unsubscribes BOUNCES", Role.ADMIN, "en")
    assert [(hit.page.key, hit.section.title) for hit in hits] == [("marketer", "Bring your people in")]
    assert next(hit.page.key for hit in pages.find("second factor", Role.SALES_REP, "en")) == "rep"
    assert pages.find("   ", Role.ADMIN, "en") == []
    assert pages.find("no such words", Role.ADMIN, "en") == []
    shown = signed_in(Role.MARKETER, "ko").get(reverse("guide"), {"q": "글자가 깨져"}).content.decode()
    assert "/help/marketer/#글자가-깨져-보여요" in shown


def test_a_search_shows_the_words_around_what_it_found():
    (hit,) = pages.find("rendered or typed", Role.ADMIN, "en") or [None]
    assert hit is None
    (hit, *_rest) = pages.find("overwrites anybody", Role.ADMIN, "en")
    assert "overwrites anybody" in hit.words
    assert len(hit.words) < 200


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\0", "%", "a" * 5000])
def test_what_is_searched_for_is_shown_as_text(signed_in, text):
    answer = signed_in(Role.MARKETER).get(reverse("guide"), {"q": text})
    assert answer.status_code == 200
    assert "<script>alert(1)" not in answer.content.decode()


@pytest.mark.parametrize(
    ("url_name", "args"), [("guide-page", ["nothing"]), ("guide-picture", ["nothing"]), ("guide-picture", ["README"])]
)
def test_what_is_not_there_is_not_found(signed_in, url_name, args):
    assert signed_in(Role.ADMIN).get(reverse(url_name, args=args)).status_code == 404


def test_a_picture_is_given_as_it_lies_there(signed_in):
    answer = signed_in(Role.SALES_REP).get(reverse("guide-picture", args=["home-ko-light-1440"]))
    assert answer.headers["Content-Type"] == "image/webp"
    assert b"".join(answer.streaming_content) == (pages.PICTURES / "home-ko-light-1440.webp").read_bytes()


def test_nobody_changes_the_guide(signed_in):
    client = signed_in(Role.ADMIN)
    assert [client.post(reverse("guide")).status_code, client.post("/help/rep/").status_code] == [405, 405]


def test_markdown_becomes_safe_html():
    page = written(
        "# T\n\n## A & b\n\n<b onclick=x>raw</b> [x](javascript:alert(1)) [o](rep.md#a) ![p](../../tour/p.webp)\n",
        "/pictures/",
    )
    assert page.title == "T"
    assert '<h2 id="a-b">A &amp; b</h2>' in page.html
    assert "<b" not in page.html
    assert 'href="javascript' not in page.html
    assert '<a href="../rep/#a">o</a>' in page.html
    assert '<img src="/pictures/p.webp" alt="p">' in page.html


def test_a_page_without_a_title_is_refused():
    with pytest.raises(ValueError, match="begins with its title"):
        written("no title", "/")


def test_anchors_are_made_of_letters_of_any_script():
    assert anchor_of("Somebody says: I never wanted this!") == "somebody-says-i-never-wanted-this"
    assert anchor_of("처음 30분") == "처음-30분"
