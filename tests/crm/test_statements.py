"""How statements are written, where another way would be right and yet take minutes."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SOURCES = sorted(path for room in ("campaigns", "contacts", "crm", "journeys") for path in (ROOT / room).rglob("*.py"))
_BEGINNING = re.compile(r"\bIN\s*\(\s*SELECT\b")


def some_of_many(text):
    """Yield each `IN (SELECT … LIMIT …)` of a text."""
    for found in _BEGINNING.finditer(text):
        start, depth = text.index("(", found.start()), 0
        for place in range(start, len(text)):
            depth += {"(": 1, ")": -1}.get(text[place], 0)
            if depth == 0:
                break
        inside = text[start + 1 : place]
        while (bare := re.sub(r"\([^()]*\)", "", inside)) != inside:
            inside = bare
        if re.search(r"\bLIMIT\b", inside):
            yield text[found.start() : place + 1]


def test_it_is_seen_where_it_is():
    wrong = "DELETE FROM a WHERE id IN (\n SELECT id FROM a WHERE (b = ANY(%s)) LIMIT %s\n) RETURNING id"
    assert list(some_of_many(wrong)) == [wrong[23:-13]]
    assert list(some_of_many(wrong.replace("IN (", "= ANY(ARRAY(").replace("\n)", "\n))"))) == []
    assert list(some_of_many("a IN (SELECT b FROM c WHERE EXISTS (SELECT FROM d LIMIT 1))")) == []


def test_some_of_many_rows_are_chosen_once():
    """PostgreSQL may ask such a question again for each row, where it takes the table for empty: minutes for 4,000."""
    assert [(path.name, wrong) for path in SOURCES for wrong in some_of_many(path.read_text())] == []
