"""The ready-made mails: made once, left alone, and without a fault in either language."""

from pathlib import Path
from typing import Any

import pytest

from campaigns.templating import fields
from campaigns.templating.checks import checks
from campaigns.templating.liquid import compile_source, render
from campaigns.templating.models import MailTemplate, TemplateVersion
from campaigns.templating.publish import published
from campaigns.templating.starters import STARTERS, ensure_starters
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
    for template in ensure_starters(NOW):
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
