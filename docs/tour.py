"""`make tour`: starts an install with demo data, logs in as each role and photographs every page.

All pictures go to var/tour/pictures (each page in English and Korean, light and dark, 1440 and 390 pixels wide). The
few that are committed go to docs/tour as small WebP files, with a page that lists them. One line in PAGES is one page.
"""

import argparse
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var" / "tour"
SHOWN = ROOT / "docs" / "tour"
LIMIT = 1_500_000  # bytes of all committed pictures
WIDTHS = {1440: 900, 390: 844}


@dataclass(frozen=True)
class Page:
    """A page of the tour: who opens what. `{contact}` and the like are filled from the demo data by `examples`."""

    name: str
    who: str  # the part of a demo log-in before the @; empty for somebody who is not logged in
    path: str
    shown: tuple[str, ...] = ("en-light-1440",)  # the variants that are committed


WIDE, PHONE, KOREAN, DARK = "en-light-1440", "en-light-390", "ko-light-1440", "en-dark-1440"
KOREAN_PHONE = "ko-light-390"
_MONTH = {"last": {"n": 30, "unit": "days"}}
NESTED = {
    "all": [
        {"field": "known", "operator": "yes"},
        {
            "any": [
                {"field": "orders", "operator": "at_least", "value": 2},
                {
                    "all": [
                        {"did": "page.viewed", "times": {"operator": "at_least", "n": 3}, "window": _MONTH},
                        {"did": "mail.clicked", "window": _MONTH},
                    ]
                },
            ]
        },
    ]
}
PAGES = [
    Page("login", "", "/team/login/", (WIDE, KOREAN_PHONE)),
    Page("home", "marketer", "/", (WIDE, KOREAN)),
    Page("people", "marketer", "/people/", (WIDE, KOREAN)),
    Page("person", "marketer", "/people/{contact}/", (WIDE, DARK)),
    Page("leads", "rep", "/leads/", (PHONE, KOREAN_PHONE)),
    Page("leads-unowned", "rep", "/leads/unowned/", ()),
    Page("leads-later", "rep", "/leads/later/", ()),
    Page("lead-add", "rep", "/leads/add/", ()),
    Page("accounts", "marketer", "/accounts/"),
    Page("account", "rep", "/accounts/{account}/", (WIDE,)),
    Page("roles", "marketer", "/settings/roles/", ()),
    Page("duplicates", "marketer", "/duplicates/", (WIDE,)),
    Page("duplicates-many", "marketer", "/duplicates/many/?reason=mailbox&agreeing=1", ()),
    Page("merge", "marketer", "/duplicates/compare/{twin}/{other}/", (WIDE, KOREAN_PHONE)),
    Page("lists", "marketer", "/lists/"),
    Page("segments", "marketer", "/segments/", (WIDE,)),
    Page("segment", "marketer", "/segments/{segment}/", (WIDE,)),
    Page("segment-new", "marketer", "/segments/new/", ()),
    Page("segment-edit", "marketer", "/segments/{segment}/edit/", (DARK,)),
    Page("segment-nested", "marketer", "/segments/{nested}/edit/", (WIDE, KOREAN, PHONE)),
    Page("segment-people", "marketer", "/segments/{segment}/people/", ()),
    Page("segment-why", "marketer", "/segments/{segment}/why/?person={contact}", (WIDE,)),
    Page(
        "segment-overlap", "marketer", "/segments/{segment}/overlap/?with={other_segment}&with={third_segment}", (WIDE,)
    ),
    Page("segment-versions", "marketer", "/segments/{segment}/versions/", ()),
    Page("segment-act", "marketer", "/segments/{segment}/act/", ()),
    Page("imports", "marketer", "/imports/"),
    Page("import", "marketer", "/imports/{import}/", (WIDE,)),
    Page("orders", "success", "/orders/", ()),
    Page("products", "analyst", "/products/", ()),
    Page("templates", "marketer", "/admin/campaigns/mailtemplate/", ()),
    Page("mail-editor", "marketer", "/admin/campaigns/mailtemplate/{template}/change/", (WIDE, KOREAN)),
    Page("campaigns", "marketer", "/campaigns/", (WIDE,)),
    Page("campaign-edit", "marketer", "/campaigns/{draft}/edit/", ()),
    Page("campaign-check", "marketer", "/campaigns/{draft}/check/", (WIDE, KOREAN)),
    Page("campaign-result", "analyst", "/campaigns/{campaign}/", (WIDE,)),
    Page("mail-of-person", "rep", "/mails/{message}/", ()),
    Page("senders", "marketer", "/senders/", ()),
    Page("sending", "marketer", "/settings/sending/", ()),
    Page("in-doubt", "marketer", "/mails/in-doubt/", ()),
    Page("consent-notices", "marketer", "/settings/consent-notices/", ()),
    Page("company", "admin", "/team/company/", ()),
    Page("attributes", "marketer", "/settings/attributes/", ()),
    Page("scores", "marketer", "/settings/scores/", (WIDE,)),
    Page("score-rule", "marketer", "/settings/scores/{rule}/", ()),
    Page("habits", "marketer", "/settings/activity/", ()),
    Page("stages", "marketer", "/settings/stages/", (WIDE,)),
    Page("stage-rule", "marketer", "/settings/stages/rules/{stage}/", (WIDE, KOREAN)),
    Page("users", "admin", "/admin/team/user/", (DARK,)),
    Page("mailbox", "marketer", "/mailbox/", ()),
    Page("mail", "marketer", "/mailbox/{mail}/", ()),
    Page("profile", "rep", "/team/profile/", ()),
]


def variants() -> Iterator[tuple[str, str, str, int]]:
    """Yield (name, language, theme, width) of every way a page is looked at."""
    for language in ("en", "ko"):
        for theme in ("light", "dark"):
            for width in WIDTHS:
                yield f"{language}-{theme}-{width}", language, theme, width


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextmanager
def install() -> Iterator[str]:
    """Run the product from var/tour for a block; yield its address. Django in this process works on its database."""
    port = free_port()
    os.environ |= {"WAYFARE_VAR": str(VAR), "PORT": str(port), "SMTP_PORT": str(free_port())}
    os.environ["DJANGO_SETTINGS_MODULE"] = "crm.settings"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    running = subprocess.Popen([sys.executable, "manage.py", "run"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout
        if not any("Ctrl-C" in line for line in iter(running.stdout.readline, "")):
            raise SystemExit("The install did not start; its words are above.")
        import django

        django.setup()
        yield f"http://127.0.0.1:{port}"
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(60)


def examples() -> dict[str, object]:
    """Return ids of rows worth a picture, by the name that stands for them in a path; a mail is sent for this."""
    from campaigns.campaign.models import Campaign, CampaignState
    from campaigns.sending.models import Message
    from campaigns.templating.models import MailTemplate
    from contacts.people.models import Account, Contact
    from contacts.scoring.models import Score, ScoreRule
    from contacts.stages.models import Stage
    from crm.runtime.mailbox import store
    from crm.team import roster
    from crm.team.models import User

    roster.mail_link(User.objects.get(email="rep@wayfare.example"))
    hottest = Score.objects.order_by("-total").values_list("contact_id", flat=True).first()
    contact = hottest or Contact.objects.values_list("pk", flat=True).first()
    finished = Campaign.objects.filter(state=CampaignState.FINISHED)
    return {
        "contact": contact,
        "account": Account.objects.exclude(parent=None).values_list("parent", flat=True).first(),
        **_twins(),
        "template": MailTemplate.objects.filter(starter="offer").values_list("pk", flat=True).first(),
        "campaign": finished.values_list("pk", flat=True).last(),
        "segment": _segment("at-risk"),
        "other_segment": _segment("customers"),
        "third_segment": _segment("active"),
        "nested": _nested(),
        "stage": Stage.objects.filter(model__in_use=True, key="convert").values_list("pk", flat=True).first(),
        "draft": _draft(),
        "import": _import(),
        "message": Message.objects.filter(contact_id=contact, left_out="").values_list("pk", flat=True).last(),
        "rule": ScoreRule.objects.values_list("pk", flat=True).first(),
        "mail": store.names()[0],
    }


def _twins() -> dict[str, int]:
    """Return two people who may be one, searched for when nobody did yet."""
    from django.utils import timezone

    from contacts.duplicates import search
    from contacts.duplicates.models import DuplicatePair

    while search.run_due(timezone.now):
        pass
    twin, other = DuplicatePair.objects.order_by("-score", "pk").values_list("first", "second")[0]
    return {"twin": twin, "other": other}


def _draft() -> int:
    """Return a campaign that is ready to be sent, made once."""
    from campaigns.campaign import edit
    from campaigns.campaign.models import Campaign, CampaignState
    from campaigns.senders.models import Sender
    from campaigns.templating.models import MailTemplate
    from contacts.lists.models import FixedList

    found = Campaign.objects.filter(state=CampaignState.DRAFT).values_list("pk", flat=True).first()
    if found:
        return found
    parts = [model.objects.values_list("pk", flat=True).first() for model in (Sender, MailTemplate, FixedList)]
    fields = edit.CampaignFields("Winter offer", parts[0], parts[1], include_lists=(parts[2],))
    return edit.create(fields, by=None).pk


def _segment(key: str) -> int:
    """Return a segment made from a template, made once; it is counted by the install's worker."""
    from django.utils import timezone

    from contacts.segments import saving
    from contacts.segments.models import Segment
    from contacts.segments.starters import STARTERS

    starter = STARTERS[key]
    found = Segment.objects.filter(name=str(starter.name)).first()
    draft = saving.Draft(str(starter.name), str(starter.description), starter.definition)
    return (found or saving.create(draft, by=None, now=timezone.now())).pk


def _nested() -> int:
    """Return a segment with a group in a group, made once."""
    from django.utils import timezone

    from contacts.segments import saving
    from contacts.segments.models import Segment

    found = Segment.objects.filter(name="Ready for a call").first()
    draft = saving.Draft("Ready for a call", "Buyers and the keen, reached lately.", {"version": 1, "rule": NESTED})
    return (found or saving.create(draft, by=None, now=timezone.now())).pk


def _import() -> int:
    """Return an import whose file was checked, made once."""
    from django.core.files.base import ContentFile
    from django.utils import timezone

    from contacts.imports import jobs
    from contacts.imports.fields import attributes_of_people, guess
    from contacts.imports.models import ImportJob, Step
    from contacts.imports.plan import Plan
    from crm.team.models import User
    from tests.people_csv import csv_bytes, people

    job = ImportJob.objects.filter(step=Step.CHECKED).first()
    if job is None:
        by = User.objects.get(email="marketer@wayfare.example")
        content = ContentFile(csv_bytes(person.row for person in people(40)))
        job = jobs.upload(by, content, "people.csv", now=timezone.now())
        columns = tuple(guess(job.header, job.sample, attributes_of_people()))
        jobs.check(job, Plan(columns, basis="sign-up form", wording="I agree to news."), now=timezone.now())
        while jobs.run_due(timezone.now):
            pass
    return job.pk


def session(who: str, language: str, theme: str) -> str:
    """Log the demo person in, in this language and theme, and return the session's key."""
    from django.conf import settings
    from django.test import Client

    from crm.team.models import User

    users = User.objects.filter(email=f"{who}@wayfare.example")
    users.update(language=language, theme=theme)
    client = Client()
    client.force_login(users.get())
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def photograph(address: str, only: str) -> list[str]:
    """Take every picture and return what went wrong: pages that fail, log an error, or are wider than the screen."""
    from playwright.sync_api import sync_playwright

    from tests.browser import chromium

    places = examples()
    wrong = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium.find(), args=chromium.flags())
        for name, language, theme, width in variants():
            for page in PAGES:
                if re.search(only, page.name):
                    wrong += _one(browser, address, page, places, (name, language, theme, width))
        browser.close()
    return wrong


def _one(browser, address: str, page: Page, places: dict[str, object], variant: tuple[str, str, str, int]) -> list[str]:  # noqa: ANN001
    """Photograph one page in one variant."""
    name, language, theme, width = variant
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": WIDTHS[width]},
        locale={"en": "en-US", "ko": "ko-KR"}[language],
        color_scheme=theme,
        timezone_id="Asia/Seoul",
    )
    if page.who:
        cookie = {"name": "sessionid", "value": session(page.who, language, theme), "url": address}
        context.add_cookies([cookie])
    opened = context.new_page()
    errors: list[str] = []
    opened.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    answer = opened.goto(page.path.format(**places), wait_until="load")
    opened.locator("#segment-live[data-busy]").wait_for(state="detached")  # the builder counts people
    opened.wait_for_timeout(300)  # charts draw themselves
    opened.screenshot(path=VAR / "pictures" / f"{page.name}-{name}.png")
    too_wide = opened.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    context.close()
    if answer is None or answer.status != 200:
        errors.append(f"answered {answer.status if answer else 'nothing'}")
    if too_wide:
        errors.append("wider than the screen")
    return [f"{page.name} {name}: {error}" for error in errors]


def publish() -> int:
    """Write the chosen pictures as small WebP files beside a page that lists them; return their bytes in all."""
    SHOWN.mkdir(exist_ok=True)
    for old in SHOWN.glob("*.webp"):
        old.unlink()
    lines = ["# Tour", "", "Made by `make tour` from the demo data.", ""]
    for page in PAGES:
        for variant in page.shown:
            picture = Image.open(VAR / "pictures" / f"{page.name}-{variant}.png").convert("RGB")
            picture.thumbnail((1080, 1080))
            picture.save(SHOWN / f"{page.name}-{variant}.webp", quality=60, method=6)
            lines += [f"## {page.name.capitalize()} ({variant.replace('-', ', ')})", ""]
            lines += [f"![{page.name}]({page.name}-{variant}.webp)", ""]
    (SHOWN / "README.md").write_text("\n".join(lines))
    return sum(place.stat().st_size for place in SHOWN.glob("*.webp"))


def main() -> int:
    """Make the tour; 1 when a page was wrong or the pictures are too large."""
    parser = argparse.ArgumentParser(prog="docs.tour")
    parser.add_argument("--only", default="", help="a pattern of page names; nothing is written to docs/tour then")
    asked = parser.parse_args()
    (VAR / "pictures").mkdir(parents=True, exist_ok=True)
    with install() as address:
        wrong = photograph(address, asked.only)
    for line in wrong:
        print(line)
    size = 0 if asked.only else publish()
    print(f"Pictures are in {VAR / 'pictures'}; {size / 1e6:.2f} MB of them in docs/tour.")
    return 1 if wrong or size > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
