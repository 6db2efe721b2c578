"""The local mailbox in a real browser: a mail's own script, form and style cannot leave its frame."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from crm.runtime.mailbox import store
from crm.team.models import Role, User
from tests.processes import soon

HOSTILE = """<p id="greeting" style="color: rgb(1, 2, 3)">안녕하세요</p>
<script>document.getElementById("greeting").textContent = "taken over"</script>
<form action="/team/logout/" method="post"><button>Win</button></form>"""


@pytest.fixture
def mail() -> str:
    message = EmailMessage()
    message["Subject"] = "겨울 혜택"
    message.set_content("text")
    message.add_alternative(HOSTILE, "html")
    folder = settings.VAR_DIR / "mailbox"
    folder.mkdir(parents=True, exist_ok=True)
    place = store.keep(message.as_bytes(), "a@wayfare.example", ["b@customer.example"], datetime.now(UTC))
    yield place.stem
    place.unlink()


def test_hostile_mail_is_shown_and_can_do_nothing(
    page: Page, page_errors: list[str], sign_in: Callable[[User], None], mail: str
) -> None:
    sign_in(User.objects.create_user("alice@wayfare.example", "x", name="Alice", role=Role.ADMIN))
    page.goto("/mailbox/")
    page.get_by_role("link", name="겨울 혜택").first.click()
    frame = page.frame_locator("iframe")
    expect(frame.locator("#greeting")).to_have_text("안녕하세요")
    expect(frame.locator("#greeting")).to_have_css("color", "rgb(1, 2, 3)")
    assert [error.split(" in ")[0] for error in page_errors] == ["Blocked script execution"]
    page_errors.clear()

    def refused() -> bool:
        """Press the button; a click falls beside a frame of its own process until the browser has drawn it."""
        frame.get_by_role("button", name="Win").click()
        return any("form" in error for error in page_errors)

    assert soon(refused)
    page.goto("/mailbox/")
    expect(page.get_by_role("heading", name="Local mailbox")).to_be_visible()  # still logged in
    page_errors.clear()
