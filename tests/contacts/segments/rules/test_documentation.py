"""docs/segment-fields.md lists every operator and field; the expected text is printed when it does not."""

from django.conf import settings
from django.utils import translation

from contacts.segments.rules.fields.field import FIELDS
from contacts.segments.rules.operators import OPERATORS

PLACE = settings.BASE_DIR / "docs" / "segment-fields.md"
HEAD = """# What rules can ask of a field

The tables of the program, held to it by a test. The words are those of the pages; a negative operator is exactly the opposite of its
positive one and says what a missing value means. Custom attributes are `attribute.KEY` and `account.attribute.KEY`, of the
type they were defined with (several of a choice, and lists, are `entries`).

"""
BETWEEN = """
- `time` is a day or a day and time in ISO 8601; `day` a day. Days are those of the company's time zone, or of each person's with
  `"zone": "contact"`; a person without a time zone is in the company's.
- *is in the last 7 days* of a day (not a time): the seven days up to and with today. *in the next 7 days*: those after today.
- Who was born on 29 February comes round on the 28th in other years, and turns a year older on 1 March.
- `*` and `?` of *looks like* stand for any letters and for one.
- Texts compare without case; choices, tags and entries of lists as they are written.

"""


def operators():
    rows = ["| types | operator | on the page | value |", "|---|---|---|---|"]
    return rows + [f"| {', '.join(row.types)} | `{row.key}` | {row.label} | {row.reader.widget} |" for row in OPERATORS]


def fields():
    rows = ["| field | on the page | type |", "|---|---|---|"]
    return rows + [f"| `{field.key}` | {field.label} | {field.type} |" for field in FIELDS]


def test_every_operator_and_field_has_its_line():
    with translation.override("en"):
        expected = HEAD + "\n".join(operators()) + "\n" + BETWEEN + "\n".join(fields()) + "\n"
    assert PLACE.read_text() == expected
