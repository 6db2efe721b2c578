"""`make tour`: starts an install with demo data, logs in as each role and photographs every page.

All pictures go to var/tour/pictures (each page in English and Korean, light and dark, 1440 and 390 pixels wide). The
few that are committed go to docs/tour as small WebP files, with a page that lists them; the user guide shows some.
`make tour ARGS=--shown` takes only those, `ARGS=--sheets` only what is looked at by eye: whole pages, the phone's four
variants of a page side by side.
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
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image

from docs.tour_pages import PAGES, Page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var" / "tour"
PICTURES = VAR / "pictures"
SHOWN = ROOT / "docs" / "tour"
LIMIT = 1_500_000  # bytes of all committed pictures
WIDTHS = {1440: 900, 390: 844}
LONGEST = 1_560  # pixels of a sheet's side: what a viewer shows unscaled

type Theme = Literal["light", "dark"]
_THEMES: tuple[Theme, ...] = ("light", "dark")

type Variant = tuple[str, str, Theme, int]  # its name, language, theme, width


def variants() -> Iterator[Variant]:
    """Yield (name, language, theme, width) of every way a page is looked at."""
    for language in ("en", "ko"):
        for theme in _THEMES:
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


def photograph(address: str, only: str, *, shown: bool, whole: bool, ways: str = "") -> list[str]:
    """Take every picture, or only those that are committed (`shown`); of the `whole` page, or as it opens.

    Variants are those that fit the pattern `ways`. Return what went wrong: pages that fail, log an error, or are
    wider than the screen.
    """
    from playwright.sync_api import Error, sync_playwright

    from docs.tour_examples import examples
    from tests.browser import chromium

    places = examples()
    wrong = []
    pages = [page for page in PAGES if re.search(only, page.name)]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium.find(), args=chromium.flags())
        for variant in (each for each in variants() if re.search(ways, each[0])):
            for who in dict.fromkeys(page.who for page in pages):
                context = _log_in(browser, address, who, variant)  # one for many pages, so that it keeps their assets
                for page in pages:
                    if page.who == who and (variant[0] in page.shown or not shown):
                        try:
                            wrong += _one(context, page, places, variant, whole)
                        except Error as error:  # the others are photographed all the same
                            wrong.append(f"{page.name} {variant[0]}: {error.message}")
                context.close()
        browser.close()
    return wrong


def _log_in(browser: "Browser", address: str, who: str, variant: Variant) -> "BrowserContext":
    """Return a browser window of a demo person in one variant."""
    _name, language, theme, width = variant
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": WIDTHS[width]},
        locale={"en": "en-US", "ko": "ko-KR"}[language],
        color_scheme=theme,
        timezone_id="Asia/Seoul",
        reduced_motion="reduce",  # a chart is drawn at once, not half-way
    )
    if who:
        context.add_cookies([{"name": "sessionid", "value": session(who, language, theme), "url": address}])
    return context


def _one(context: "BrowserContext", page: Page, places: dict[str, object], variant: Variant, whole: bool) -> list[str]:
    """Photograph one page in one variant and return what is wrong with it."""
    name = variant[0]
    opened = context.new_page()
    errors: list[str] = []
    refused = f"status of {page.status}"  # what the browser says of a page that is meant to be an error
    opened.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    answer = opened.goto(page.path.format(**places), wait_until="load")
    opened.locator("#segment-live[data-busy]").wait_for(state="detached")  # the builder counts people
    for place in page.clicks:
        opened.locator(place).first.click()
        opened.wait_for_load_state("networkidle")
    opened.wait_for_timeout(300)  # charts draw themselves
    opened.screenshot(path=PICTURES / f"{page.name}-{name}.png", full_page=whole)
    too_wide = opened.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    opened.close()
    errors = [error for error in errors if refused not in error]
    if answer is None or answer.status != page.status:
        errors.append(f"answered {answer.status if answer else 'nothing'}")
    if too_wide:
        errors.append("wider than the screen")
    return [f"{page.name} {name}: {error}" for error in errors]


def sheets() -> None:
    """Put the phone's four pictures of each page side by side, cut at LONGEST."""
    for page in PAGES:
        places = [PICTURES / f"{page.name}-{name}.png" for name, *_more, width in variants() if width == min(WIDTHS)]
        places = [place for place in places if place.exists()]
        sheet = Image.new("RGB", (LONGEST, LONGEST), "gray")
        for number, place in enumerate(places):
            with Image.open(place) as picture:
                sheet.paste(picture, (number * min(WIDTHS), 0))
        sheet.save(PICTURES / f"{page.name}-phones.png")


def publish() -> int:
    """Write the chosen pictures as small WebP files beside a page that lists them; return their bytes in all."""
    SHOWN.mkdir(exist_ok=True)
    for old in SHOWN.glob("*.webp"):
        old.unlink()
    lines = ["# Tour", "", "Made by `make tour` from the demo data.", ""]
    for page in PAGES:
        for variant in page.shown:
            picture = Image.open(PICTURES / f"{page.name}-{variant}.png").convert("RGB")
            picture.thumbnail((1000, 1000))
            picture.save(SHOWN / f"{page.name}-{variant}.webp", quality=50, method=6)
            lines += [f"## {page.name.capitalize()} ({variant.replace('-', ', ')})", ""]
            lines += [f"![{page.name}]({page.name}-{variant}.webp)", ""]
    (SHOWN / "README.md").write_text("\n".join(lines))
    return sum(place.stat().st_size for place in SHOWN.glob("*.webp"))


def main() -> int:
    """Make the tour; 1 when a page was wrong or the pictures are too large."""
    parser = argparse.ArgumentParser(prog="docs.tour")
    parser.add_argument("--only", default="", help="a pattern of page names; nothing is written to docs/tour then")
    parser.add_argument("--shown", action="store_true", help="only the pictures that are committed")
    parser.add_argument("--ways", default="", help="a pattern of variants such as ko-light; with --only or --sheets")
    parser.add_argument("--sheets", action="store_true", help="whole pages, the phone's side by side; for the eye")
    asked = parser.parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with install() as address:
        wrong = photograph(address, asked.only, shown=asked.shown, whole=asked.sheets, ways=asked.ways)
    for line in wrong:
        print(line)
    if asked.sheets:
        sheets()
    size = 0 if asked.only or asked.sheets else publish()
    print(f"Pictures are in {PICTURES}; {size / 1e6:.2f} MB of them in docs/tour.")
    return 1 if wrong or size > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
