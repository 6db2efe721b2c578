"""Where a statement was made is told in the reader's language."""

import pytest
from django.utils.translation import override

from campaigns.public.wishes import ONE_CLICK, PAGE, PREFERENCES
from contacts.consent.models import ConsentEntry
from contacts.consent.sources import SOURCES


@pytest.mark.parametrize(
    ("source", "english", "korean"),
    [
        ("one-click", "one click in a mail", "메일의 원클릭 수신거부"),
        ("form: newsletter", "form: newsletter", "양식: newsletter"),
        ("Trade fair: Busan", "Trade fair: Busan", "Trade fair: Busan"),
    ],
)
def test_source_in_words(source, english, korean):
    entry = ConsentEntry(source=source)
    assert entry.where == english
    with override("ko"):
        assert entry.where == korean


def test_what_the_public_pages_write_has_words():
    assert {ONE_CLICK, PAGE, PREFERENCES} <= SOURCES.keys()
