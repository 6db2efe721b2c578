"""The doors of the editor: who may enter, what each answers, and that refusals change nothing."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from PIL import Image

from campaigns.templating import versions
from campaigns.templating.admin import MailTemplateAdmin
from campaigns.templating.content import read_content
from campaigns.templating.models import Asset, MailKind, MailTemplate
from contacts.models import Contact
from crm.team.models import Role, User
from tests.campaigns.templating.conftest import BLOCKS, NOW, content

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}


@pytest.fixture
def desk(client: Client, alice: User) -> Client:
    """A browser in which the marketer is logged in."""
    client.force_login(alice)
    return client


def door(name: str, *args: Any) -> str:
    """Return the address of one door of the editor."""
    return reverse(f"admin:campaigns_mailtemplate_{name}", args=args)


def asked(raw: Any = None, **changes: Any) -> dict[str, Any]:
    """Return what the preview posts."""
    return {"content": json.dumps(raw or content()), "kind": "advertising", "language": "en"} | changes


def saved(template: MailTemplate, raw: Any = None, **changes: Any) -> dict[str, Any]:
    """Return what the editor posts."""
    form = {"name": template.name, "kind": template.kind, "version": template.version}
    return form | {"content": json.dumps(raw or content())} | changes


@pytest.mark.parametrize("role", list(Role))
def test_only_admins_and_marketers_enter(client: Client, news: MailTemplate, role: Role) -> None:
    versions.make_version(news, by=None, now=NOW)
    client.force_login(User.objects.create_user("r@example.com", "x", name="R", role=role))
    allowed = role in (Role.ADMIN, Role.MARKETER)
    pages = [door("add"), door("changelist"), door("change", news.pk), door("versions", news.pk), door("people")]
    for address in [*pages, door("artwork", "offer")]:
        assert (client.get(address).status_code == 200) is allowed, address
    for address in (door("preview"), door("examine")):
        assert (client.post(address, asked()).status_code == 200) is allowed, address
    posts = (door("test"), door("picture"), door("change", news.pk), door("versions", news.pk), door("add"))
    if not allowed:
        assert all(client.post(address, asked()).status_code in (302, 403) for address in posts)
        assert (MailTemplate.objects.get().version, Asset.objects.count(), len(mail.outbox)) == (1, 0, 0)


def test_guest_is_sent_to_log_in(client: Client, news: MailTemplate) -> None:
    response = client.get(door("change", news.pk))
    assert response.status_code == 302
    assert "/login/" in response["Location"]


def test_new_mail_from_a_ready_made_one(desk: Client) -> None:
    response = desk.post(door("add"), {"name": "Mine", "kind": "informational", "start": "welcome"})
    template = MailTemplate.objects.get()
    assert response["Location"] == door("change", template.pk)
    assert (template.name, template.kind, template.starter) == ("Mine", "informational", "")
    assert set(template.draft["languages"]) == {"en", "ko"}
    assert desk.post(door("add"), {"name": "", "kind": "x", "start": "welcome"}).status_code == 200
    assert MailTemplate.objects.count() == 1


def test_save_draft_and_make_versions(desk: Client, news: MailTemplate) -> None:
    assert desk.post(door("change", news.pk), saved(news, content(subject="One"))).status_code == 302
    assert news.versions.count() == 0
    news.refresh_from_db()
    desk.post(door("change", news.pk), saved(news, content(subject="Two"), make_version="1"))
    version = news.versions.get()
    assert version.content["languages"]["en"]["subject"] == "Two"
    assert desk.get(door("change", news.pk)).status_code == 200
    page = desk.get(door("versions", news.pk)).content.decode()
    assert "Version 1" in page


def test_restore_brings_an_old_version_back_unless_stale(desk: Client, news: MailTemplate, alice: User) -> None:
    versions.make_version(news, by=alice, now=NOW)
    newer = versions.save_draft(
        news, name="N", kind=MailKind.ADVERTISING, content=content(subject="Newer"), by=alice, now=NOW + timedelta(1)
    )
    versions.make_version(newer, by=alice, now=NOW)
    assert "[en] Newer" in desk.get(door("versions", news.pk)).content.decode()
    desk.post(door("versions", news.pk), {"number": "1", "version": "1"})
    news.refresh_from_db()
    assert news.draft["languages"]["en"]["subject"] == "Newer"
    desk.post(door("versions", news.pk), {"number": "1", "version": str(newer.version)})
    news.refresh_from_db()
    assert news.draft == content()
    for number in ("9", "x", "", "99999999999999999999"):
        assert desk.post(door("versions", news.pk), {"number": number, "version": "3"}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"content": "{"}, "did not arrive whole"),
        ({"content": "[]"}, "did not arrive whole"),
        ({"content": "[" * 100_000}, "did not arrive whole"),
        ({"content": json.dumps({"languages": {"en": {"subject": "\x00"}}})}, "did not arrive whole"),
        ({"content": json.dumps(content(blocks=[BLOCKS[0]]))}, "The footer must be the last block"),
        ({"kind": "spam"}, "Select a valid choice"),
        ({"name": ""}, "required"),
        ({"version": "x"}, "whole number"),
    ],
)
def test_bad_posts_are_told_and_change_nothing(
    desk: Client, news: MailTemplate, changes: dict[str, str], words: str
) -> None:
    response = desk.post(door("change", news.pk), saved(news, **changes))
    assert response.status_code == 400
    assert words in response.content.decode()
    assert MailTemplate.objects.values_list("version", "name").get() == (1, "News")


def test_stale_save_shows_both_and_overwrites_nothing(desk: Client, news: MailTemplate, alice: User) -> None:
    bob = User.objects.create_user("bob@example.com", "x", name="Bob", role=Role.MARKETER)
    versions.save_draft(
        news, name="Bob's", kind=MailKind.ADVERTISING, content=content(subject="Bob's words"), by=bob, now=NOW
    )
    seen = desk.get(door("change", news.pk)).context["seen"].replace("Bob's words", "Hi").replace("Bob's", "News")
    response = desk.post(door("change", news.pk), saved(news, content(subject="My words"), seen=seen))
    assert response.status_code == 409
    told = {row.name: (row.theirs, row.typed, row.clash) for row in response.context["differences"]}
    assert told == {"name": ("Bob's", "News", False), "en-subject": ("Bob's words", "My words", True)}
    news.refresh_from_db()
    assert (news.name, news.draft["languages"]["en"]["subject"], news.version) == ("Bob's", "Bob's words", 2)
    chosen = dict(response.context["typed_again"]) | {"merge": "1", "version": "2", "theirs-name": "Bob's"}
    chosen |= {"take-name": "theirs", "take-en-subject": "mine", "theirs-en-subject": "Bob's words"}
    going_on = desk.post(door("change", news.pk), chosen | {"further": "1"})
    assert read_content(going_on.context["content"]) == read_content(content(subject="My words"))
    assert desk.post(door("change", news.pk), chosen).status_code == 302
    news.refresh_from_db()
    assert (news.name, news.version) == ("Bob's", 3)
    assert read_content(news.draft) == read_content(content(subject="My words"))


def _policy(response: HttpResponse) -> str:
    return response["Content-Security-Policy"]


def test_preview_runs_nothing_and_shows_a_person(desk: Client) -> None:
    person = Contact.objects.create(email="a@example.com", email_key="k", name="<b>Anna</b>", city="Busan")
    response = desk.post(door("preview"), asked(contact=str(person.pk)))
    page = response.content.decode()
    assert "Hello &lt;b&gt;Anna&lt;/b&gt;" in page
    assert "Left Busan" in page
    assert "sandbox" in _policy(response)
    assert "script-src" not in _policy(response)
    assert "default-src 'none'" in _policy(response)
    fault = desk.post(door("preview"), asked(content(preheader="{{ contact.nope }}")))
    assert "contact.nope" in fault.content.decode()
    assert desk.get(door("preview")).status_code == 405


def test_preview_shows_only_people_the_user_may_see(client: Client, alice: User) -> None:
    mine = Contact.objects.create(email="a@example.com", email_key="k", name="Mine")
    merged = Contact.objects.create(email="b@example.com", email_key="l", name="Merged", merged_into=mine)
    client.force_login(alice)
    for number in (str(merged.pk), "0", "-1", "x", "9" * 30, ""):
        page = client.post(door("preview"), asked(contact=number)).content.decode()
        assert "Hello 김철수" in page, number
    found = client.get(door("people"), {"q": "me"}).json()["people"]
    assert found == []
    found = client.get(door("people"), {"q": "min"}).json()["people"]
    assert [row["name"] for row in found] == ["Mine"]
    assert [row["name"] for row in client.get(door("people")).json()["people"]] == ["Mine"]
    assert [row["name"] for row in client.get(door("people"), {"q": "M"}).json()["people"]] == ["Mine"]


def test_examine_answers_inbox_line_findings_and_text(desk: Client) -> None:
    found = desk.post(door("examine"), asked(kind="advertising")).json()
    assert found["inbox"] == {"subject": "(광고) News for 한빛상사", "preheader": "In short"}
    assert found["text"].startswith("Hello {{ contact.name")
    assert {(row["severity"], row["language"], row["part"]) for row in found["findings"]} == {
        ("warning", "en", "html"),
        ("warning", "ko", "html"),
        ("note", "ko", "preheader"),
    }
    plain = desk.post(door("examine"), asked(kind="informational")).json()
    assert plain["inbox"]["subject"] == "News for 한빛상사"


def test_test_mail_goes_to_oneself_as_it_would_be(desk: Client, alice: User) -> None:
    assert "alice@example.com" in desk.post(door("test"), asked()).json()["done"]
    message = mail.outbox[0]
    assert (message.to, message.subject) == (["alice@example.com"], "(광고) News for 한빛상사")
    assert "Hello 김철수" in message.alternatives[0].content
    response = desk.post(door("test"), asked(content(subject="{{ contact.nope }}")))
    assert (response.status_code, len(mail.outbox)) == (400, 1)


def test_test_mail_tells_when_the_server_is_away(desk: Client, settings: Any) -> None:
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 9},
        }
    }
    response = desk.post(door("test"), asked())
    assert response.status_code == 502
    assert "did not take it" in response.json()["fault"]


def test_upload_answers_how_a_block_names_the_picture(desk: Client) -> None:
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(out, "PNG")
    out.seek(0)
    out.name = "red.png"
    answer = desk.post(door("picture"), {"file": out}).json()
    assert answer["src"] == f"asset:{Asset.objects.get().key}"
    served = desk.get(answer["url"])
    assert Image.open(io.BytesIO(b"".join(served.streaming_content))).size == (20, 10)
    bad = io.BytesIO(b"no picture")
    bad.name = "a.png"
    response = desk.post(door("picture"), {"file": bad})
    assert (response.status_code, Asset.objects.count()) == (400, 1)
    assert desk.post(door("picture")).status_code == 400


def test_template_in_a_campaign_cannot_be_deleted(desk: Client, news: MailTemplate) -> None:
    from campaigns.models import Campaign

    Campaign.objects.create(name="C", template=news)
    assert desk.post(door("delete", news.pk), {"post": "yes"}).status_code == 403
    assert MailTemplate.objects.exists()


def test_list_costs_the_same_for_one_and_for_three(
    desk: Client, news: MailTemplate, alice: User, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as one:
        desk.get(door("changelist"))
    for name in ("B", "C"):
        versions.create(name, MailKind.ADVERTISING, content(), by=alice, now=NOW)
    with django_assert_num_queries(len(one)):
        page = desk.get(door("changelist")).content.decode()
    assert page.count("draft only") >= 3


def test_who_may_only_look_at_templates_cannot_enter_the_editor(rf: RequestFactory, news: MailTemplate) -> None:
    request = rf.get("/")
    request.user = User(role=Role.ANALYST, email="z@example.com")
    calls: list[Any] = []
    door_keeper = MailTemplateAdmin(MailTemplate, admin.site)
    assert door_keeper.has_view_permission(request)
    with pytest.raises(PermissionDenied):
        door_keeper._enter(lambda *_args, **_kwargs: calls.append(1), request)
    assert calls == []
