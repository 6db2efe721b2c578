"""An admin's first hour: second factor and recovery code, roles, tokens, an erasure, and the trail of it all."""

import http.client
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from contacts.ledger.follow import catch_up
from contacts.models import Contact
from contacts.people import profile
from contacts.people.profile import Profile
from contacts.privacy import running
from contacts.privacy.models import Erasure
from crm.kit import clock
from crm.team.models import Role, SecondFactor, User
from tests.browser.conftest import web_server
from tests.team.second_factor_codes import code_of

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "harbour-lantern-42"


@pytest.fixture
def alice(live_site: str) -> User:
    User.objects.create_user("emma@example.com", PASSWORD, name="Emma Park", role=Role.MARKETER)
    return User.objects.create_user("alice@example.com", PASSWORD, name="Alice Han", role=Role.ADMIN)


def log_in(page: Page) -> None:
    page.goto("/team/login/")
    page.get_by_label("E-mail").fill("alice@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Log in").click()


def test_admin_who_must_have_a_second_factor_comes_no_further_without(page: Page, alice: User, tmp_path: Path) -> None:
    with web_server(tmp_path / "web.log", REQUIRE_SECOND_FACTOR="admins") as address:
        page.goto(f"{address}/team/login/")
        page.get_by_label("E-mail").fill(alice.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/team/second-factor/set-up/")
        page.goto(f"{address}/people/")  # nothing else opens
        page.wait_for_url("**/team/second-factor/set-up/")
        key = page.locator("[data-key]").inner_text()
        page.get_by_label("Code that the app shows").fill(code_of(key, clock.now()))
        page.get_by_role("button", name="Set it up").click()
        expect(page.locator(".factor-codes li")).to_have_count(10)
        page.goto(f"{address}/people/")
        expect(page.get_by_role("heading", level=1)).to_have_text("People")


def test_admin_protects_herself_changes_a_role_and_reads_the_trail(page: Page, alice: User) -> None:
    log_in(page)
    page.goto("/team/second-factor/")
    page.get_by_role("link", name="Set it up").click()
    expect(page.locator("svg.qr-code")).to_be_visible()
    key = page.locator("[data-key]").inner_text()
    page.get_by_label("Code that the app shows").fill("000000")
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_text("This code is not right")).to_be_visible()
    page.get_by_label("Code that the app shows").fill(code_of(key, clock.now()))
    page.get_by_role("button", name="Set it up").click()
    expect(page.locator(".factor-codes li")).to_have_count(10)
    recovery = page.locator(".factor-codes li").first.inner_text()
    with page.expect_navigation():
        page.get_by_role("link", name="I kept them").click()

    page.locator(".wf-me").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/team/login/")
    log_in(page)
    page.wait_for_url("**/team/login/code/")
    page.goto("/people/")  # the password alone opens nothing
    page.wait_for_url("**/team/login/**")
    log_in(page)
    page.get_by_label("Code", exact=True).fill(recovery)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(re.compile(r"/$"))
    assert SecondFactor.objects.filter(user=alice).count() == 1
    assert alice.recovery_codes.count() == 9

    page.goto("/admin/team/user/")
    page.get_by_role("link", name="Emma Park").click()
    page.locator("select[name=role]").select_option("analyst")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/admin/team/user/")
    page.goto("/team/trail/?kind=user")
    row = page.locator("#results tbody tr").first
    expect(row).to_contain_text("Alice Han")
    expect(row).to_contain_text("Emma Park")
    expect(row.locator("del")).to_have_text("Marketer")
    expect(row.locator("ins")).to_have_text("Analyst")

    page.goto("/team/company/")
    page.get_by_label("Name of the company").fill("Harbour Books")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    page.locator(".wf-history summary").click()
    expect(page.locator(".trail-list ins")).to_have_text("Harbour Books")


def test_admin_gives_a_program_a_token_revokes_it_and_erases_a_person(page: Page, alice: User, live_site: str) -> None:
    person = profile.create(Profile(name="Grace Seo", email="grace@example.com"), by=alice, now=clock.now())
    log_in(page)
    page.wait_for_url(re.compile(r"/$"))
    page.goto("/team/tokens/")
    page.get_by_label("Name").fill("shop")
    page.locator("input[name=scopes][value='contacts:write']").check()
    page.locator("input[name=scopes][value='contacts:read']").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Make the token").click()
    secret = page.locator("#secret").inner_text()
    assert _ask(live_site, secret, "PATCH", person.pk, {"title": "CTO", "version": person.version}) == 200
    page.get_by_role("button", name="Revoke").first.click()
    page.locator("dialog[open]").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("does not work any more")).to_be_visible()
    assert _ask(live_site, secret, "GET", person.pk) == 401

    page.goto("/team/trail/?kind=contact")
    row = page.locator("#results tbody tr").first
    expect(row).to_contain_text("Grace Seo")
    expect(row).to_contain_text("“shop”")
    expect(row.locator("ins")).to_have_text("CTO")
    page.goto(f"/people/{person.pk}/erase/")
    page.locator("select[name=reason]").select_option(index=1)
    page.get_by_label("Proof").fill("letter of November 3")
    page.get_by_label("Yes, erase everything named above").check()
    page.get_by_role("button", name="Erase for good").click()
    page.wait_for_url("**/erasures/**")
    catch_up(clock.now())
    job = Erasure.objects.get()
    assert running.run_due(lambda: job.due_at)
    assert not Contact.objects.filter(email="grace@example.com").exists()
    page.goto("/team/trail/?kind=contact")
    expect(page.locator("#results tbody tr").first).to_contain_text("Alice Han")
    expect(page.get_by_text("Grace Seo")).to_have_count(0)
    expect(page.get_by_text("CTO", exact=True)).to_have_count(0)


def _ask(site: str, secret: str, method: str, number: int, body: dict[str, object] | None = None) -> int:
    """Return the status that the API answers a program with."""
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    asked = http.client.HTTPConnection(site.removeprefix("http://"), timeout=20)
    try:
        asked.request(method, f"/api/v1/contacts/{number}", json.dumps(body) if body else None, headers)
        return asked.getresponse().status
    finally:
        asked.close()


def test_device_is_logged_out_from_another(page: Page, alice: User, browser: Browser, live_site: str) -> None:
    log_in(page)
    page.wait_for_url(re.compile(r"/$"))
    other = browser.new_context(base_url=live_site, locale="en-US", viewport={"width": 390, "height": 844})
    try:
        phone = other.new_page()
        log_in(phone)
        phone.wait_for_url(re.compile(r"/$"))
        page.goto("/team/sign-ins/")
        expect(page.locator(".sign-ins > li")).to_have_count(2)
        page.locator(".sign-ins").get_by_role("button", name="Log out").click()
        expect(page.locator(".sign-ins > li")).to_have_count(1)
        phone.goto("/people/")
        phone.wait_for_url("**/team/login/**")
    finally:
        other.close()
