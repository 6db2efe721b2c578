"""Icons: hidden or named, inline, and every one a template asks for exists."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from crm.kit.icons import UnknownIcon, drawing, icon

ASKED = re.compile(r"{% icon \"([^\"]+)\"|icon=\"([a-z0-9-]+)\"")


def test_icon_alone_is_named_and_beside_words_is_hidden():
    assert 'aria-hidden="true"' in icon("users")
    assert 'role="img" aria-label="Close &quot;it&quot;"' in icon("x", 'Close "it"')


@pytest.mark.parametrize("name", ["no-such-icon", "../../LICENSE", "", "Users"])
def test_unknown_icon_is_an_error_that_names_it(name):
    with pytest.raises(UnknownIcon, match=re.escape(f'"{name}"')):
        icon(name)


def test_every_icon_of_the_templates_exists():
    asked = {
        a or b
        for file in Path(settings.BASE_DIR, "templates").rglob("*.html")
        for a, b in ASKED.findall(file.read_text())
    }
    assert len(asked) > 20
    for name in asked:
        assert drawing(name)
