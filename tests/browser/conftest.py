"""Fixtures of browser tests: a real server on the test's database, a real Chromium, a page that reports its errors."""

import contextlib
import http.client
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from crm.team.models import User
from tests.browser import chromium
from tests.processes import free_port, python, soon

# Playwright's sync API runs an event loop in this thread, so Django would refuse to be asked anything.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
WAIT = 20_000  # ms a page may take to become what is expected: busy machines are slow, not wrong
expect.set_options(timeout=WAIT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this directory as a browser test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


# Of the module, not of the session: while Playwright runs, no other test could run an event loop in this thread.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running Chromium. Where none can be had, the tests that need it are skipped with the reason."""
    program = chromium.find()
    if program is None:
        why = chromium.REASON.read_text() if chromium.REASON.exists() else "make test tries to bring one"
        pytest.skip(f"no Chromium on this machine ({why})")
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=program, args=chromium.flags())
        yield running
        running.close()


@contextlib.contextmanager
def web_server(log: Path, **environment: str) -> Iterator[str]:
    """Start the web server as `make run` does, on this worker's test database; yield its address."""
    port = free_port()
    place = ["--interface", "asgi", "--no-ws", "--host", "127.0.0.1", "--port", str(port)]
    with python("-m", "granian", *place, "crm.asgi:application", log=log, PORT=str(port), **environment):
        assert soon(lambda: _answers(port), 30), log.read_text()
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def _server(django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The web server of this session."""
    with django_db_blocker.unblock(), web_server(tmp_path_factory.mktemp("web") / "web.log") as address:
        yield address


def _answers(port: int) -> bool:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asked.request("GET", "/team/login/")
        return asked.getresponse().status > 0
    except OSError:
        return False
    finally:
        asked.close()


@pytest.fixture
def live_site(_server: str, transactional_db: None, settings) -> str:
    """The address of a real server that sees what the test commits; BASE_URL follows it."""
    settings.BASE_URL = _server
    return _server


@pytest.fixture
def context(browser: Browser, live_site: str) -> Iterator[BrowserContext]:
    """A fresh browser profile at 1440 pixels, in English, whose relative addresses lead to `live_site`."""
    fresh = browser.new_context(
        base_url=live_site, viewport={"width": 1440, "height": 900}, locale="en-US", timezone_id="Asia/Seoul"
    )
    fresh.set_default_timeout(WAIT)
    yield fresh
    fresh.close()


@pytest.fixture
def page_errors() -> list[str]:
    """What went wrong in `page`; a test that expects an error looks at it and clears it."""
    return []


@pytest.fixture
def page(context: BrowserContext, page_errors: list[str]) -> Iterator[Page]:
    """A page. The test fails when a script failed on it or the content policy stopped something."""

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            page_errors.append(message.text)

    opened = context.new_page()
    opened.on("console", listen)
    opened.on("pageerror", lambda error: page_errors.append(str(error)))
    yield opened
    assert page_errors == []


@pytest.fixture
def sign_in(context: BrowserContext, live_site: str) -> Callable[[User], None]:
    """Call it with a user: the browser is logged in as her from then on."""

    def as_user(user: User) -> None:
        client = Client()
        client.force_login(user)
        name = django_settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_site}])

    return as_user
