"""A search that runs to its end, and the pairs it leaves."""

import pytest

from contacts.duplicates import search
from contacts.models import DuplicatePair


@pytest.fixture
def searched(now):
    """Search everyone and return {(one name, other name): (score, reasons)} of the open pairs."""

    def run():
        search.start(None, now=now)
        assert search.run_due(lambda: now)
        rows = DuplicatePair.objects.filter(state="open").select_related("first", "second")
        return {(p.first.display_name, p.second.display_name): (p.score, p.reasons) for p in rows}

    return run
