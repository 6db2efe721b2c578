"""The ready-made mails: made once, left alone, and without a fault in either language."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from campaigns.templating import fields
from campaigns.templating.checks import checks
from campaigns.templating.liquid import compile_source, render
from campaigns.templating.models import MailTemplate, TemplateVersion
from campaigns.templating.publish import published
from campaigns.templating.starters import STARTERS, ensure_starters
from crm.team.models import Role, User
from tests.campaigns.templating.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_starters_are_made_once_and_left_alone() -> None:
    assert [template.starter for template in ensure_starters(NOW)] == list(STARTERS)
    MailTemplate.objects.filter(starter="offer").update(name="Mine")
    assert ensure_starters(NOW) == []
    assert MailTemplate.objects.get(starter="offer").name == "Mine"
    assert TemplateVersion.objects.count() == 3


def test_starters_have_no_fault_in_either_language(settings: Any) -> None:
    settings.BASE_URL = "https://mail.example.com"
    for template in ensure_starters(NOW, "shop.example.net"):
        version = template.versions.get()
        assert checks(version) == []
        for language in ("en", "ko"):
            made = published(version.pk, language)
            values = fields.examples() | {"mail": {"language": language}}
            page = render(compile_source(made.html, part="html"), values, part="html")
            assert ("김철수 님" in page) == (language == "ko")
            assert 'src="https://mail.example.com/mail/pictures/' in page
            assert "prefers-color-scheme: dark" in page
            assert len(page) < 60_000
            text = render(compile_source(made.text, part="text"), values, part="text")
            assert "수신거부" in text
            assert "{" not in page[page.index("<body") :] + text


def test_links_that_only_hold_the_place_must_be_changed() -> None:
    for template in ensure_starters(NOW):
        found = checks(template.versions.get())
        assert {(finding.severity, finding.code) for finding in found} == {("error", "placeholder-link")}
        assert {finding.language for finding in found} == {"en", "ko"}
        assert all("www.example.com" in finding.message for finding in found)


@pytest.mark.parametrize(("role", "status"), [(Role.MARKETER, 200), (Role.ANALYST, 200), (Role.SALES_REP, 403)])
def test_small_mail_is_the_newest_version_in_a_sandbox(client: Client, role: str, status: int) -> None:
    client.force_login(User.objects.create_user("a@team.example", "pw-pw-pw-pw", name="A", role=role, language="ko"))
    template = ensure_starters(NOW)[0]
    address = f"/mail/templates/{template.pk}/small/"
    answer = client.get(address)
    assert answer.status_code == status
    if status == 200:
        page = answer.content.decode()
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "script-src" not in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        assert "김철수" in page
        MailTemplate.objects.filter(pk=template.pk).update(draft={"languages": {}})
        assert client.get(address).content.decode() == page
        template.versions.all().delete()
        assert client.get(address).status_code == 200
        assert client.get("/mail/templates/999999/small/").status_code == 404
