"""The slower door through Django gives the same answers and keeps the same events."""

import pytest

from campaigns.tracking.answers import PIXEL
from campaigns.tracking.tokens import click_url, mail_token, open_url
from contacts.ledger.models import Event

from .conftest import SHOP
from .test_app import kept, path_of

pytestmark = pytest.mark.django_db
BROWSER = {"User-Agent": "Mozilla/5.0"}


def test_open_and_click_are_answered_and_kept(client, dispatch):
    token = mail_token(dispatch.pk, 501, 77)

    opened = client.get(path_of(open_url(token)), headers=BROWSER)
    clicked = client.get(
        path_of(click_url(token, 1)), headers={"User-Agent": "Mozilla/5.0"}, REMOTE_ADDR="203.0.113.77"
    )

    assert (opened.status_code, opened.content, opened["Cache-Control"]) == (200, PIXEL, "no-store")
    assert (clicked.status_code, clicked["Location"]) == (302, SHOP)
    seen = {"message": 501, "agent": "Mozilla/5.0"}
    assert kept() == [
        ("hit.opened", "dispatch", str(dispatch.pk), 77, {**seen, "ip": "127.0.0.0"}),
        ("hit.clicked", "dispatch", str(dispatch.pk), 77, {**seen, "ip": "203.0.113.0", "link": 1, "links": 2}),
    ]
    assert not opened.cookies
    assert not clicked.cookies


def test_head_is_flagged_and_the_invisible_link_leads_nowhere(client, dispatch):
    token = mail_token(dispatch.pk, 501, 77)

    assert client.head(path_of(click_url(token, 1))).status_code == 302
    assert client.get(path_of(click_url(token, 0))).status_code == 204
    assert [(row[4].get("method"), row[4]["link"]) for row in kept()] == [("HEAD", 1), (None, 0)]


@pytest.mark.parametrize("tail", ["", "/1x", "/7", "/01"])
def test_wrong_address_leaves_nothing(client, dispatch, tail):
    response = client.get(f"/t/c/{mail_token(dispatch.pk, 501, 77)}{tail}")

    assert (response.status_code, response.has_header("Location"), Event.objects.count()) == (404, False, 0)


def test_post_is_refused(client, dispatch):
    assert client.post(path_of(open_url(mail_token(dispatch.pk, 5, 7)))).status_code in (403, 405)
    assert Event.objects.count() == 0
