"""Values of custom attributes: all nine types, read, kept and shown."""

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from contacts.attributes.models import Attribute, AttributeType
from contacts.attributes.values import BadValue, as_text, checked, parse, shown

SIZES = ["Small", "Large", "아주 큼"]


def of(kind):
    return Attribute(key="a", label="A", type=kind, choices=SIZES if kind.startswith("choice") else [])


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("text", "  둘  ", "둘"),
        ("text", "", None),
        ("list", " , ;", None),
        ("choices", ",", None),
        ("number", "1,234", 1234),
        ("number", "-0.50", -0.5),
        ("number", "1e3", 1000),
        ("money", "₩12,000원", 12000),
        ("date", "1970-01-02", 1),
        ("date", "2026. 11. 21.", 20778),
        ("date", "2026년 11월 21일", 20778),
        ("date", "1969-12-31", -1),
        ("datetime", "1970-01-01T09:00:00+09:00", 0),
        ("datetime", "1970-01-01 00:00:01Z", 1000),
        ("datetime", "1970-01-01", -32_400_000),  # midnight in Seoul
        ("boolean", "예", True),
        ("boolean", "N", False),
        ("boolean", "O", True),
        ("boolean", "x", False),
        ("choice", "large", "Large"),
        ("choices", "아주 큼; small, Small", ["아주 큼", "Small"]),
        ("list", "부산, 서울|부산", ["부산", "서울"]),
    ],
)
def test_value_is_kept_as(kind, raw, value):
    kept = parse(of(kind), raw)
    assert kept == value
    assert type(kept) is type(value)
    assert parse(of(kind), as_text(of(kind), kept)) == value


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("text", "x" * 1001), ("text", "a\x00b"), ("number", "abc"), ("number", "NaN"), ("number", "1e400"),
        ("number", "12345678901234567"), ("money", "free"), ("date", "2026-02-30"), ("date", "soon"),
        ("datetime", "25:00"), ("datetime", "2026-13-01T00:00"), ("boolean", "maybe"), ("choice", "Huge"),
        ("choices", "Small, Huge"), ("list", ",".join(map(str, range(101)))), ("list", "y" * 1001),
    ],
)  # fmt: skip
def test_nonsense_is_refused(kind, raw):
    with pytest.raises(BadValue):
        parse(of(kind), raw)


def test_every_type_is_tried():
    assert {kind.value for kind in AttributeType} == {
        "text", "number", "money", "date", "datetime", "boolean", "choice", "choices", "list",
    }  # fmt: skip


@given(st.sampled_from(list(AttributeType)), st.text(max_size=60))
def test_any_text_is_read_back_or_refused(kind, raw):
    attribute = of(kind.value)
    with timezone.override("Asia/Seoul"):
        try:
            value = parse(attribute, raw)
        except BadValue:
            return
        assert parse(attribute, as_text(attribute, value)) == value
        assert isinstance(shown(attribute, value), str)


def test_shown_follows_the_reader():
    assert shown(of("money"), 12000) == "₩12,000"
    assert shown(of("boolean"), False) == "No"
    assert shown(of("date"), 20778) == "Sat, Nov 21, 2026"
    assert shown(of("list"), ["부산", "서울"]) == "부산, 서울"
    assert shown(of("text"), None) == "–"
    with translation.override("ko"):
        assert shown(of("money"), 12000) == "12,000원"
        assert shown(of("date"), 20778) == "2026. 11. 21. (토)"


def test_checked_names_the_wrong_ones():
    known = [Attribute(key="n", label="N", type="number"), Attribute(key="b", label="B", type="boolean")]
    values, errors = checked(known, {"n": "5", "b": "perhaps", "gone": "1"})
    assert values == {"n": 5}
    assert set(errors) == {"b", "gone"}
