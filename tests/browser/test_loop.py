"""The whole loop by real pages and real servers: import, mail, send, open, click, score, the rep, the opt-out."""

import email
import email.policy
import http.client
import re
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from contacts.models import Contact, Event
from crm.runtime import valkey
from crm.team.models import Role, User
from tests import people_csv
from tests.campaigns.smtp_server import SmtpServer
from tests.processes import free_port, python, running, soon

PASSWORD = "a-long-password-1"
PEOPLE = 500
PERSON = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36"
SCANNER = "Mozilla/5.0 (compatible; Barracuda Sentinel)"


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def site(transactional_db: None, smtp: SmtpServer, tmp_path: Path) -> Iterator[str]:
    """Web, broker, Celery worker and beat, and `follow`, as `make run` starts them, on the test's database."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    shared = {"SMTP_URL": smtp.url, "BASE_URL": address, "PORT": str(port), "JOURNAL_DIR": str(tmp_path / "journal")}
    web = ["-m", "granian", "--interface", "asgi", "--no-ws", "--host", "127.0.0.1", "--port", str(port)]
    celery = ["-m", "celery", "--app=crm.celery"]
    with (
        running(valkey.command(settings.VAR_DIR)),
        python(*web, "crm.asgi:application", log=tmp_path / "web.log", **shared),
        python(*celery, "worker", "--concurrency=2", log=tmp_path / "worker.log", **shared),
        python(*celery, "beat", f"--schedule={tmp_path / 'beat'}", log=tmp_path / "beat.log", **shared),
        python("manage.py", "follow", log=tmp_path / "follow.log", **shared),
    ):
        assert soon(lambda: _status(address, "/team/login/") > 0, 90), (tmp_path / "web.log").read_text()
        yield address


def _status(address: str, path: str, agent: str = PERSON, method: str = "GET", body: str = "") -> int:
    parts = urlsplit(address)
    asked = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    headers = {"User-Agent": agent} | ({"Content-Type": "application/x-www-form-urlencoded"} if body else {})
    try:
        asked.request(method, path, body or None, headers)
        return asked.getresponse().status
    except OSError:
        return 0
    finally:
        asked.close()


@pytest.fixture
def team(transactional_db: None) -> dict[Role, User]:
    roles = {Role.MARKETER: "민아", Role.SALES_REP: "도윤"}
    return {
        role: User.objects.create_user(f"{role}@team.example", PASSWORD, name=name, role=role, language="en")
        for role, name in roles.items()
    }


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Log in as somebody, in a window of a given width."""
    opened = []

    def as_user(user: User, width: int = 1440) -> Page:
        context = browser.new_context(base_url=site, viewport={"width": width, "height": 844}, locale="en-US")
        context.set_default_timeout(15_000)
        opened.append(context)
        page = context.new_page()
        page.goto("/team/login/")
        page.fill("[name=username]", user.email)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/")
        return page

    yield as_user
    for context in opened:
        context.close()


def people_file(place: Path) -> tuple[Path, list[people_csv.Person]]:
    """Write 500 people as Korean Excel does; who agreed to marketing agreed to tracking too."""
    people = people_csv.people(PEOPLE)
    rows = [[*person.row, person.said] for person in people]
    header = [*people_csv.KOREAN_HEADER, "추적 동의"]
    file = place / "고객 명단.csv"
    file.write_bytes(people_csv.csv_bytes(rows, header=header, encoding="cp949"))
    return file, people


def import_people(page: Page, file: Path) -> None:
    page.goto("/imports/new/")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="Upload").click()
    page.fill("[name=basis]", "가입 신청서")
    page.fill("[name=wording]", "광고성 정보 수신에 동의합니다")
    page.fill("[name=new_list]", "11월 고객")
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name=f"Import {PEOPLE} people").click(timeout=30_000)
    expect(page.get_by_text("People of this file")).to_be_visible(timeout=30_000)


def prove_sender(page: Page, smtp: SmtpServer, site: str) -> None:
    page.goto("/senders/new/")
    for name, text in {
        "name": "하늘 민아", "email": "mina@haneul.example", "organisation": "하늘", "postal_address": "서울 중구 1",
        "phone": "02-123-4567",
    }.items():  # fmt: skip
        page.fill(f"[name={name}]", text)
    page.get_by_role("button", name="Save").click()
    assert soon(lambda: smtp.taken)
    link = re.search(r"http://\S+/senders/confirm/\S+", body_of(parsed(smtp.taken[0].data), "plain"))
    assert link is not None
    page.goto(link[0])
    page.get_by_role("button", name="Confirm the address").click()
    expect(page.get_by_text("is confirmed")).to_be_visible()
    smtp.taken.clear()


def make_mail(page: Page) -> None:
    page.goto("/admin/campaigns/mailtemplate/add/")
    page.fill("[name=name]", "첫눈 소식")
    page.locator("[name=start]").first.check(force=True)
    page.get_by_role("button", name="Make this mail").click()
    page.wait_for_url("**/change/")
    page.locator("[data-show-language=ko]").click()
    written = page.locator("section.me-language[data-language=ko]")
    absent = written.locator("[data-add-language]")
    if absent.is_visible():
        absent.click()
    page.select_option("#mail-default", "ko")
    written.locator("[data-line=subject]").fill("{{ contact.name | nim }}, 첫눈 소식입니다")
    add = written.locator("[data-blocks-part] > .me-add")
    blocks = written.locator("[data-blocks-part] > [data-list=blocks] > .me-block")
    add.locator("[data-add=heading]").click()
    blocks.last.locator("[data-key=text]").fill("첫눈이 옵니다")
    add.locator("[data-add=button]").click()
    blocks.last.locator("[data-key=text]").fill("보러 가기")
    blocks.last.locator("[data-key=url]").fill("https://www.haneul.example/snow")
    page.locator("[data-show-language=en]").click()
    page.locator("section.me-language[data-language=en] [data-drop-language]").click()
    page.get_by_role("button", name="Save as new version").click()
    expect(page.get_by_role("link", name="Version 1")).to_be_visible()


def launch_campaign(page: Page, name: str) -> None:
    page.goto("/campaigns/new/")
    page.fill("[name=name]", name)
    page.select_option("[name=template]", label="첫눈 소식")
    page.select_option("[name=sender]", index=1)
    choose(page, "include_lists", "11월 고객")
    page.get_by_role("button", name="Save and check").click()
    page.wait_for_url("**/check/")


def choose(page: Page, field: str, words: str) -> None:
    box = page.locator(f"#id_{field}-ts-control")
    box.click()
    box.press_sequentially(words)
    page.locator(".ts-dropdown .option", has_text=words).first.click()
    page.keyboard.press("Escape")


def parsed(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, _class=EmailMessage, policy=email.policy.SMTP)


def body_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def links_of(mail: EmailMessage) -> list[str]:
    return re.findall(r'href="(http[^"]+/t/c/[^"]+)"', body_of(mail, "html"))


def test_the_loop(
    visit: Callable[..., Page], team: dict[Role, User], smtp: SmtpServer, site: str, tmp_path: Path
) -> None:
    marketer = visit(team[Role.MARKETER])
    file, people = people_file(tmp_path)
    import_people(marketer, file)
    agreed = {person.email for person in people if person.said == "Y"}
    prove_sender(marketer, smtp, site)
    make_mail(marketer)
    launch_campaign(marketer, "첫눈")
    marketer.get_by_role("button", name=re.compile(f"Send to {len(agreed)} people")).click()
    marketer.locator("#launch .btn-primary").click()

    assert soon(lambda: len(smtp.taken) == len(agreed), 60), len(smtp.taken)
    mails = {taken.recipient: parsed(taken.data) for taken in smtp.taken}
    assert set(mails) == agreed
    assert all(str(mail["Subject"]).startswith("(광고) ") for mail in mails.values())
    reader, scanned = sorted(agreed)[:2]
    name = next(person.name for person in people if person.email == reader)
    assert str(mails[reader]["Subject"]) == f"(광고) {name} 님, 첫눈 소식입니다"

    Contact.objects.filter(email__in=[reader, scanned]).update(owner=team[Role.SALES_REP])
    pixel = re.search(r'src="(http[^"]+/t/o/[^"]+)"', body_of(mails[reader], "html"))
    assert pixel is not None
    shown = next(link for link in links_of(mails[reader]) if not link.endswith("/0"))
    assert soon(lambda: Event.objects.filter(kind__key="mail.sent").count() == len(agreed), 30)
    time.sleep(3)  # no person opens a mail within two seconds of its hand-over, and the product knows that
    assert _status(site, urlsplit(pixel[1]).path) == 200
    assert _status(site, urlsplit(shown).path) == 302
    for link in links_of(mails[scanned]):
        _status(site, urlsplit(link).path, agent=SCANNER)

    def happened(address: str) -> set[str]:
        kinds = Event.objects.filter(contact_id=Contact.objects.get(email=address).pk, kind__key__startswith="mail.")
        return set(kinds.values_list("kind__key", flat=True)) - {"mail.sent"}

    assert soon(lambda: {"mail.opened", "mail.clicked"} <= happened(reader), 60), happened(reader)
    assert soon(lambda: "mail.clicked_by_machine" in happened(scanned), 60)
    assert "mail.clicked" not in happened(scanned)

    rep = visit(team[Role.SALES_REP], width=390)
    rep.goto("/leads/")
    expect(rep.locator(".lead")).to_have_count(1)
    expect(rep.locator(".lead")).to_contain_text(name)
    expect(rep.locator(".lead-reasons")).to_contain_text("Clicked in a mail, today")

    opt_out = str(mails[reader]["List-Unsubscribe"]).strip("<>").split(">")[0]
    assert str(mails[reader]["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    assert _status(site, urlsplit(opt_out).path, method="POST", body="List-Unsubscribe=One-Click") == 200

    launch_campaign(marketer, "두 번째")
    expect(marketer.get_by_role("button", name=re.compile(f"Send to {len(agreed) - 1} people"))).to_be_visible()
    refused = sum(person.said == "N" for person in people) + 1
    row = marketer.locator(".preflight-left-out li", has_text="has refused marketing")
    expect(row).to_contain_text(str(refused))
    row.get_by_role("link").click()
    marketer.wait_for_url("**/people/**")
    marketer.goto(marketer.url + f"&q={reader}")
    expect(marketer.get_by_role("link", name=name).first).to_be_visible()
