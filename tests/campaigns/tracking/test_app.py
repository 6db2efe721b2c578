"""Openings and clicks at their doors: what is answered, what is kept, and what leaves no trace."""

import asyncio

import pytest

from campaigns.models import Link
from campaigns.tracking.answers import PIXEL
from campaigns.tracking.tokens import click_url, mail_token, open_url
from contacts.ledger.models import Event

from .conftest import SHOP, elsewhere, new_dispatch

pytestmark = pytest.mark.django_db(transaction=True)


def path_of(url):
    return url[url.index("/t/") :]


def kept():
    rows = Event.objects.order_by("id").select_related("kind", "subject")
    return [(e.kind.key, e.subject.type, e.subject.key, e.contact_id, e.properties) for e in rows]


def test_open_is_answered_with_the_picture_and_kept(on_app, dispatch):
    token = mail_token(dispatch.pk, 501, 77)

    status, headers, body = on_app(lambda client: client.ask(path_of(open_url(token))))

    assert (status, body, headers["content-type"], headers["cache-control"]) == (200, PIXEL, "image/gif", "no-store")
    assert headers["content-length"] == str(len(PIXEL))
    properties = {"message": 501, "agent": "Mozilla/5.0", "ip": "203.0.113.0"}
    assert kept() == [("hit.opened", "dispatch", str(dispatch.pk), 77, properties)]


def test_click_leads_to_the_stored_address_and_is_kept(on_app, dispatch):
    token = mail_token(dispatch.pk, 501, 77)

    status, headers, body = on_app(lambda client: client.ask(path_of(click_url(token, 1)), agent='x"\\{}\x07é'))

    assert (status, headers["location"], headers["cache-control"], body) == (302, SHOP, "no-store", b"")
    properties = {"message": 501, "link": 1, "links": 2, "agent": 'x"\\{} é', "ip": "203.0.113.0"}
    assert kept() == [("hit.clicked", "dispatch", str(dispatch.pk), 77, properties)]


def test_head_is_kept_with_its_flag_and_gets_no_body(on_app, dispatch):
    token = mail_token(dispatch.pk, 501, 77)

    async def story(client):
        return await client.ask(path_of(open_url(token)), "HEAD"), await client.ask(
            path_of(click_url(token, 2)), "HEAD"
        )

    (opened, headers, body), (clicked, _, _) = on_app(story)

    assert (opened, body, headers["content-length"], clicked) == (200, b"", str(len(PIXEL)), 302)
    assert [(row[0], row[4]["method"]) for row in kept()] == [("hit.opened", "HEAD"), ("hit.clicked", "HEAD")]


def test_invisible_link_is_kept_as_number_0_and_leads_nowhere(on_app, dispatch):
    status, headers, body = on_app(lambda client: client.ask(path_of(click_url(mail_token(dispatch.pk, 5, 7), 0))))

    assert (status, body, "location" in headers) == (204, b"", False)
    assert [row[4]["link"] for row in kept()] == [0]


def test_token_altered_at_any_place_leaves_nothing_and_leads_nowhere(on_app, dispatch):
    token = mail_token(dispatch.pk, 501, 77)
    good = path_of(click_url(token, 1)), path_of(open_url(token))

    async def story(client):
        answers = []
        for path in good:
            start = path.index(token)
            for place in range(start, start + len(token)):
                letter = "A" if path[place] != "A" else "B"
                answers.append(await client.ask(path[:place] + letter + path[place + 1 :]))
        return answers

    answers = on_app(story)

    assert len(answers) == 2 * len(token)
    assert {(status, headers["content-type"]) for status, headers, _ in answers} == {(404, "text/plain; charset=utf-8")}
    assert not any("location" in headers for _, headers, _ in answers)
    assert kept() == []


@pytest.mark.parametrize(
    "tail", ["/1/", "/01", "/+1", "/-1", "/1?", "/１", "/x", "/", "", "/9999999", "//evil.example.com", "/1/../2", "/3"]
)
def test_address_that_is_not_exactly_ours_is_refused(on_app, dispatch, tail):
    token = mail_token(dispatch.pk, 501, 77)

    status, headers, _ = on_app(lambda client: client.ask(f"/t/c/{token}{tail}"))

    assert (status, "location" in headers, kept()) == (404, False, [])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(on_app, dispatch, method):
    status, headers, _ = on_app(lambda client: client.ask(path_of(open_url(mail_token(dispatch.pk, 5, 7))), method))

    assert (status, headers["allow"], kept()) == (405, "GET, HEAD", [])


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "mailto:a@b.kr", "//evil.example.com", "/x"]
)
def test_stored_target_that_is_no_web_address_is_never_a_redirect(on_app, url):
    dispatch = new_dispatch([url])

    status, headers, _ = on_app(lambda client: client.ask(path_of(click_url(mail_token(dispatch.pk, 5, 7), 1))))

    assert (status, "location" in headers, kept()) == (404, False, [])


def test_target_with_line_breaks_cannot_split_the_answer(on_app):
    dispatch = new_dispatch(["https://shop.example.com/a\r\nSet-Cookie: x=1", "https://shop.example.com/가 나"])

    async def story(client):
        token = mail_token(dispatch.pk, 5, 7)
        return [(await client.ask(path_of(click_url(token, number))))[1].get("location") for number in (1, 2)]

    broken, korean = on_app(story)

    assert broken is None or not set("\r\n") & set(broken)
    assert korean == "https://shop.example.com/%EA%B0%80%20%EB%82%98"


def test_link_added_later_is_found(on_app, dispatch):
    token = mail_token(dispatch.pk, 5, 7)

    async def story(client):
        first = (await client.ask(path_of(click_url(token, 9))))[0]
        await elsewhere(Link.objects.create, dispatch=dispatch, number=9, url="https://late.example.com/")
        await asyncio.sleep(1.05)
        return first, (await client.ask(path_of(click_url(token, 9))))[1]["location"]

    assert on_app(story) == (404, "https://late.example.com/")


def test_many_at_once_are_each_kept_once_in_few_commits(on_app, dispatch):
    paths = [path_of(open_url(mail_token(dispatch.pk, number, number))) for number in range(1, 601)]

    async def story(client):
        return [status for status, _, _ in await asyncio.gather(*(client.ask(path) for path in paths))]

    # A short patience would send hits of a busy machine to disk, and back in other groups.
    assert set(on_app(story, patience=20)) == {200}
    assert sorted(row[4]["message"] for row in kept()) == list(range(1, 601))
    assert len(set(Event.objects.values_list("tx", flat=True))) <= 5


def test_client_behind_a_proxy_is_the_one_the_proxy_saw(on_app, dispatch):
    path = path_of(open_url(mail_token(dispatch.pk, 5, 7)))
    forged = "198.51.100.9, 2001:db8:1:2:3::4"

    async def story(client):
        await client.ask(path, x_forwarded_for=forged)

    on_app(story, behind_proxy=True)
    on_app(story)

    assert [row[4]["ip"] for row in kept()] == ["2001:db8:1::", "203.0.113.0"]


def test_reader_who_leaves_does_not_take_others_along(on_app, dispatch):
    paths = [path_of(open_url(mail_token(dispatch.pk, number, number))) for number in (1, 2, 3)]

    async def story(client):
        await client.app.start()
        asked = [asyncio.create_task(client.ask(path)) for path in paths]
        await asyncio.sleep(0)
        asked[1].cancel()
        return await asyncio.gather(*asked, return_exceptions=True)

    first, left, third = on_app(story)

    assert (first[0], third[0], isinstance(left, asyncio.CancelledError)) == (200, 200, True)
    assert {row[4]["message"] for row in kept()} >= {1, 3}
