"""docs/segment-fields.md lists every operator and field; the lines it ought to have are shown when it does not."""

from django.conf import settings
from django.utils import translation

from contacts.segments.rules.fields.field import FIELDS
from contacts.segments.rules.operators import OPERATORS

PLACE = settings.BASE_DIR / "docs" / "segment-fields.md"


def operators():
    rows = ["| types | operator | on the page | value |", "|---|---|---|---|"]
    return rows + [f"| {', '.join(row.types)} | `{row.key}` | {row.label} | {row.reader.widget} |" for row in OPERATORS]


def fields():
    rows = ["| field | on the page | type |", "|---|---|---|"]
    return rows + [f"| `{field.key}` | {field.label} | {field.type} |" for field in FIELDS]


def test_every_operator_and_field_has_its_line():
    with translation.override("en"):
        expected = [*operators(), *fields()]
    assert [line for line in PLACE.read_text().splitlines() if line.startswith("|")] == expected
