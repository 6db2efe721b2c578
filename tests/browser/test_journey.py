"""A journey by real pages and real servers: drawn with the mouse, published, walked; one person clicks."""

import re
from collections.abc import Callable
from time import sleep
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from contacts.consent.models import Decision, Purpose
from contacts.ledger.models import Event
from contacts.lists import membership
from contacts.lists.models import ContactTag, FixedList, Tag
from crm.kit.clock import now
from crm.team.models import Role, User
from journeys.journey import editing
from journeys.models import Enrolment, Journey, Trace
from tests.browser.test_journey_editor import card, drag, kind, links, middle
from tests.browser.test_loop import (  # noqa: F401 - fixtures among them
    SCANNER,
    _status,
    links_of,
    parsed,
    site,
    smtp,
    team,
    visit,
)
from tests.campaigns.conftest import decide, make_people, make_sender, make_template
from tests.campaigns.smtp_server import SmtpServer
from tests.processes import soon

NAME = "Newcomers"


def setting(page: Page, name: str, **option: str | int) -> None:
    page.locator("#je-panel-body").get_by_label(name, exact=True).select_option(**option)


def draw(page: Page, journey: Journey) -> None:
    """Draw: a mail, a wait for a click in it, and a tag for those who click, with the mouse."""
    page.goto(f"/admin/journeys/journey/{journey.pk}/change/")
    view = page.locator("#je-view").bounding_box()
    assert view is not None
    drag(page, kind(page, "send_email"), view["x"] + 80, view["y"] + 260)
    setting(page, "Mail template", label="News")
    setting(page, "Sender", index=1)
    drag(page, kind(page, "wait_event"), *middle(page.locator(".je-card").first))
    expect(page.locator(".je-card")).to_have_count(2)
    drag(page, kind(page, "tag"), *middle(card(page, "Wait for a click")))
    setting(page, "Tag", label="reader")
    expect(card(page, "reader")).to_have_count(1)
    page.locator("#je-start").click()
    page.locator("#je-panel-body").get_by_role("button", name="Add a start").click()
    page.locator("#je-chooser input").fill("Joins a list")
    page.keyboard.press("Enter")
    setting(page, "List", label=NAME)
    expect(page.locator("#je-saved")).to_have_text(re.compile("^Saved$"))


def publish(page: Page) -> None:
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("button", name="Publish now").click()
    expect(page.locator(".je-bar")).to_contain_text("Running · Version 1")


@pytest.fixture
def company(team: dict[Role, User]) -> tuple[Journey, FixedList]:  # noqa: F811 - the fixture
    """A mail, its sender, a tag, a list, and an empty journey."""
    make_template()
    make_sender()
    Tag.objects.create(name="reader")
    return editing.create("Welcome", by=team[Role.MARKETER], now=now()), FixedList.objects.create(name=NAME)


def test_people_walk_a_journey_and_a_click_decides_the_branch(
    visit: Callable[..., Page],  # noqa: F811
    team: dict[Role, User],  # noqa: F811
    company: tuple[Journey, FixedList],
    smtp: SmtpServer,  # noqa: F811
    site: str,  # noqa: F811
) -> None:
    journey, newcomers = company
    page = visit(team[Role.MARKETER])
    draw(page, journey)
    publish(page)
    journey.refresh_from_db()
    assert links(journey.live.graph) == {("send_email", "next", "wait_event"), ("wait_event", "happened", "tag")}

    reader, scanned, refused = make_people(3)
    for purpose in (Purpose.MARKETING, Purpose.TRACKING):
        decide([reader, scanned], Decision.GRANTED, purpose)
    membership.add(newcomers, [person.pk for person in (reader, scanned, refused)], by=None, now=now())
    assert soon(lambda: len(smtp.taken) == 2, 60), len(smtp.taken)
    mails = {taken.recipient: parsed(taken.data) for taken in smtp.taken}
    assert set(mails) == {reader.email, scanned.email}
    assert all(str(mail["Subject"]).startswith("(광고) ") for mail in mails.values())

    assert soon(lambda: Event.objects.filter(kind__key="mail.sent").count() == 2, 30)
    sleep(3)  # no person opens a mail within two seconds of its hand-over, and the product knows that
    assert (
        _status(site, urlsplit(next(one for one in links_of(mails[reader.email]) if not one.endswith("/0"))).path)
        == 302
    )
    for link in links_of(mails[scanned.email]):
        _status(site, urlsplit(link).path, agent=SCANNER)

    assert soon(lambda: ContactTag.objects.filter(tag__name="reader").exists(), 60), list(Trace.objects.values())
    assert soon(lambda: Event.objects.filter(kind__key="mail.clicked_by_machine").exists(), 60)
    assert set(ContactTag.objects.values_list("contact", flat=True)) == {reader.pk}
    inside = dict(Enrolment.objects.filter(ended_at=None).values_list("contact_id", "step__key"))
    assert set(inside) == {scanned.pk, refused.pk}  # both wait: one was clicked for by a machine, one got no mail
    assert Trace.objects.get(contact_id=refused.pk).facts["left_out"] == "no_consent"
    assert Enrolment.objects.get(contact_id=reader.pk).end == "completed"
    see_counts(page, journey, reader.pk)


def see_counts(page: Page, journey: Journey, reader: int) -> None:
    """The live canvas says who is where, and marks the way of the one who clicked."""
    page.goto(f"/journeys/{journey.pk}/?person={reader}")
    expect(page.locator(".je-card.is-walked")).to_have_count(3)
    figures = page.locator("#je-figures .je-figure:not(.is-way)")
    expect(figures.get_by_role("link", name=re.compile("^3 Went through"))).to_have_count(1)  # the mail
    expect(figures.get_by_role("link", name=re.compile("^2 Here now"))).to_have_count(1)  # the wait
    expect(figures.get_by_role("link", name=re.compile("^2 Mail sent"))).to_have_count(1)
    expect(figures.get_by_role("link", name=re.compile("^1 Went through"))).to_have_count(2)  # the wait and the tag
