"""A rep on a phone: her leads, why one is hot, taking one, the outcome in one tap, a note, a person met just now."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from contacts.consent.models import ConsentEntry
from contacts.leads.models import FollowUp
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.models import Contact
from contacts.notes.models import NoteMention
from contacts.people import ownership, profile
from contacts.people.profile import Profile
from crm.kit import clock
from crm.team.models import Notice, Role, User

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "harbour-lantern-42"
HOT = ("order.placed", "order.placed", "form.submitted", "form.submitted")


def _person(name: str, place: int, by: User, *kinds: str) -> Contact:
    now = clock.now()
    fields = Profile(name=name, email=f"p{place}@example.com", phone=f"010-1234-567{place}", company="한빛소프트")
    made = profile.create(fields, by=by, now=now)
    append([NewEvent(made.pk, kind, now - timedelta(minutes=1)) for kind in kinds], source="test", now=now)
    return made


@pytest.fixture
def rob(live_site: str) -> User:
    """A rep with one hot lead of his own; another is nobody's, a third is a colleague's."""
    rob = User.objects.create_user("rob@example.com", PASSWORD, name="Rob Lee", role=Role.SALES_REP)
    emma = User.objects.create_user("emma@example.com", name="Emma Park", role=Role.MARKETER)
    own, _free = _person("김철수", 1, emma, *HOT), _person("이영희", 2, emma, *HOT)
    foreign = _person("박민수", 3, emma, *HOT)
    ownership.assign([own.pk], rob, by=emma, now=clock.now())
    ownership.assign([foreign.pk], emma, by=emma, now=clock.now())
    catch_up(clock.now())
    return rob


@pytest.fixture
def phone(page: Page, rob: User) -> Page:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/team/login/")
    page.get_by_label("E-mail").fill("rob@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Log in").click()
    return page


def test_rep_works_through_her_leads(phone: Page, rob: User) -> None:
    with phone.expect_navigation():
        phone.get_by_role("link", name="1 of your leads is hot and was not called since.").click()
    card = phone.locator("article.lead")
    expect(card).to_have_count(1)
    expect(card.get_by_role("list", name="Why")).to_contain_text("Ordered 2 times")
    expect(card.get_by_role("link", name="Call")).to_have_attribute("href", "tel:+821012345671")
    card.get_by_role("button", name="Answered").click()
    expect(phone.get_by_text("김철수: Answered, noted.")).to_be_visible()
    assert FollowUp.objects.get().outcome == "answered"

    with phone.expect_navigation():
        phone.get_by_role("link", name="To take").click()
    expect(phone.locator("article.lead")).to_have_count(1)
    with phone.expect_navigation():
        phone.get_by_role("button", name="Take this lead").click()
    expect(phone.get_by_text("이영희 is your lead now.")).to_be_visible()
    taken = Contact.objects.get(name="이영희")
    assert taken.owner == rob

    phone.goto("/leads/")
    with phone.expect_navigation():
        phone.get_by_role("link", name="이영희").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("이영희")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_rep_asks_a_colleague_adds_a_person_and_finds_one_by_initials(phone: Page) -> None:
    kim = Contact.objects.get(name="김철수")
    phone.goto(f"/people/{kim.pk}/")
    note = phone.get_by_label("Note", exact=True)
    note.press_sequentially("견적 부탁해요 @em")
    expect(phone.get_by_role("option", name="Emma Park")).to_be_visible()
    note.press("Enter")
    with phone.expect_navigation():
        phone.get_by_role("button", name="Keep the note").click()
    expect(phone.locator(".note-name")).to_have_text("@Emma Park")
    assert [mention.user.name for mention in NoteMention.objects.all()] == ["Emma Park"]
    assert Notice.objects.filter(user__name="Emma Park", icon="at").count() == 1

    phone.goto("/leads/add/")
    phone.get_by_label("Name", exact=True).fill("최서연")
    phone.get_by_label("E-mail").fill("seoyeon@example.com")
    phone.get_by_label("Agreed to marketing mails").check()
    phone.get_by_label("Where and in what words").fill("“네, 보내 주세요”, 서울 박람회")
    phone.get_by_label("Let the person confirm it by mail").uncheck()
    with phone.expect_navigation():
        phone.get_by_role("button", name="Add", exact=True).click()
    made = Contact.objects.get(name="최서연")
    assert made.owner is not None
    assert made.owner.name == "Rob Lee"
    [proof] = ConsentEntry.objects.filter(contact=made, purpose="marketing")
    assert (proof.decision, proof.recorded_by.name) == ("granted", "Rob Lee")

    phone.goto("/people/")
    phone.get_by_role("searchbox").first.press_sequentially("ㅊㅅㅇ")
    expect(phone.locator("#results tbody tr")).to_have_count(1)
    expect(phone.locator("#results")).to_contain_text("최서연")
    expect(phone.locator("#results")).not_to_contain_text("박민수")
