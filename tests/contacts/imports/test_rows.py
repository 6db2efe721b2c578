"""Rows on their way to the staging table: what is kept, how it is written, and each reason why not."""

import re
import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from contacts.attributes.models import Attribute
from contacts.imports import cells
from contacts.imports.errors import BadCell
from contacts.imports.fields import guess, looks_like_resident_number, without_resident_numbers
from contacts.imports.plan import Plan
from contacts.imports.queries import neutral
from contacts.imports.reader import Record
from contacts.imports.reasons import REASONS, sentence
from contacts.imports.rows import COLUMNS, RowMaker

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
VIP = Attribute(key="vip", label="VIP 등급", type="choice", choices=["Gold", "Silver"])


def make(header, *rows, attributes=(), **choices):
    plan = Plan(tuple(guess(header, rows, attributes)), basis="form", wording="yes", **choices)
    maker = RowMaker(plan, header, attributes, SEOUL, NOW)
    lines = [maker.make(Record(list(row), "", 2 + place, 0, 0, 0)) for place, row in enumerate(rows)]
    staged = [dict(zip(COLUMNS, line.split("\t"), strict=True)) if line else None for line in lines]
    return [{name: cell for name, cell in row.items() if cell} if row else None for row in staged], maker.refusals


def one(header, row, **more):
    (staged,), refusals = make(header, row, **more)
    return staged, [refusal[1:5] for refusal in refusals]


def test_places_are_written_one_way_and_roles_become_keys(db):
    header = ["email", "시도", "시군구", "country", "역할"]
    staged, refusals = one(header, ["a@example.com", "서울시", "Seoul", "KR", "의사결정자, User"])
    assert (staged["region"], staged["city"], staged["account_roles"]) == (
        "서울특별시", "서울", '{"decision_maker","user"}',
    )  # fmt: skip
    assert refusals == []
    staged, refusals = one(header, ["a@example.com", "Seoul", "", "US", "wizard"])
    assert (staged["region"], staged.get("account_roles")) == ("Seoul", None)
    assert refusals == [(False, "unknown_role", "역할", "wizard")]


def test_child_and_guardian_are_read():
    header = ["이메일", "만 14세 미만", "보호자 동의", "동의일"]
    staged, refusals = one(header, ["a@example.com", "예", "동의", "2026-05-01"])
    assert (staged["under_14"], staged["consents"], refusals) == ("t", "y", [])
    staged, refusals = one(header, ["a@example.com", "vielleicht", "", ""])
    assert "under_14" not in staged
    assert refusals == [(False, "bad_yes_or_no", "만 14세 미만", "vielleicht")]


def test_korean_row_is_read_as_koreans_write_it():
    header = [
        "이메일",
        "성",
        "이름",
        "휴대폰",
        "회사명",
        "사업자등록번호",
        "생년월일",
        "이메일 수신여부",
        "동의일",
        "태그",
        "VIP 등급",
    ]
    row = [
        " KIM@Example.com ", "김", "철수", "1012345678", "㈜한빛 소프트", "124-81-00998", "1990. 3. 7.", "동의",
        "2026-05-01 오후 3:20", "우수, 세미나", "gold",
    ]  # fmt: skip
    staged, refusals = one(header, row, attributes=[VIP])
    assert refusals == []
    assert staged.pop("email_key")
    assert staged == {
        "line": "2",
        "email": "kim@example.com",
        "name": "김철수",
        "phone": "+821012345678",
        "company": "㈜한빛 소프트",
        "company_key": "한빛소프트",
        "business_number": "1248100998",
        "birthday": "1990-03-07",
        "consents": "y",
        "consent_at": "2026-05-01T15:20:00+09:00",
        "tags": '{"우수","세미나"}',
        "attributes": '{"vip": "Gold"}',
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["", "Alice"], ("no_address", "", "")),
        (["alice", "Alice"], ("bad_address", "", "alice")),
        (["alice@", "Alice"], ("bad_address", "", "alice@")),
        (["email", "name"], ("header_again", "", "")),
        (["a@example.com"], ("too_few_cells", "", "1")),
        (["a@example.com", "Alice", "more"], ("too_many_cells", "", "3")),
        (["a@example.com", "Ali\0ce"], ("control_character", "name", "")),
        (["a@example.com", "Alice\r\nBcc: all@example.com"], ("control_character", "name", "")),
        (["a@example.com\nBcc: x@example.com", "Alice"], ("control_character", "email", "")),
    ],
)
def test_row_that_does_not_fit_is_refused_with_its_reason(row, reason):
    staged, refusals = one(["email", "name"], row)
    assert staged is None
    assert refusals == [(True, *reason)]


@pytest.mark.parametrize("row", [[], ["", ""], [" ", "\t"]])
def test_empty_row_is_passed_over(row):
    assert one(["email", "name"], row) == (None, [])


@pytest.mark.parametrize(
    ("header", "cell", "code"),
    [
        ("phone", "1.01235E+09", "bad_phone"),
        ("phone", "010-12", "bad_phone"),
        ("birthday", "31/12/1990", "bad_date"),
        ("birthday", "2026-02-30", "bad_date"),
        ("birthday", "2035-01-01", "future_date"),
        ("consent date", "tomorrow", "bad_date"),
        ("subscribed", "maybe", "bad_consent"),
        ("사업자등록번호", "124-81-00999", "bad_business_number"),
        ("VIP 등급", "Bronze", "bad_attribute"),
    ],
)
def test_cell_that_cannot_be_read_is_left_out_and_told(header, cell, code):
    staged, refusals = one(["email", header], ["a@example.com", cell], attributes=[VIP])
    kept = {name for name in staged if name not in ("line", "email", "email_key", "consents")}
    assert kept == set()
    assert [(whole, reason, column) for whole, reason, column, _ in refusals] == [(False, code, header)]
    assert staged.get("consents", "-") == "-"


def test_mistyped_domain_is_flagged_and_kept():
    staged, refusals = one(["email"], ["kim@naver.con"])
    assert staged["email"] == "kim@naver.con"
    assert refusals == [(False, "typo", "email", "kim@naver.com")]


def test_agreement_without_any_date_is_unknown():
    header = ["email", "subscribed", "consent date"]
    assert one(header, ["a@example.com", "yes", ""])[0]["consents"] == "-"
    assert one(header, ["a@example.com", "no", ""])[0]["consents"] == "n"
    assert one(header, ["a@example.com", "yes", ""], agreed_on=NOW.date())[0]["consents"] == "y"


@pytest.mark.parametrize("said", ["Y", "t", "TRUE", "1", "O", "동의", "수신", "수신 동의", "예", "Subscribed"])
def test_words_that_agree(said):
    assert cells.consent(said) == "y"


@pytest.mark.parametrize(
    "said", ["N", "f", "False", "0", "X", "거부", "수신거부", "수신 거부", "미동의", "아니오", "unsubscribed"]
)
def test_words_that_refuse(said):
    assert cells.consent(said) == "n"


@given(st.text(max_size=20))
def test_no_other_word_is_taken_for_a_yes(word):
    try:
        said = cells.consent(word)
    except BadCell:
        return
    assert said in ("y", "n", "-")
    assert said != "y" or word.strip().casefold().replace(" ", "") in cells._AGREED


def test_resident_numbers_never_arrive():
    assert guess(["email", "주민등록번호"], [["a@example.com", ""]]) == ["email", ""]
    assert guess(["email", "name"], [["a@example.com", "900307-1234567"]] * 4) == ["email", ""]
    crowd = [[f"a{number}@example.com", "김철수"] for number in range(9)]
    staged, refusals = make(["email", "name"], ["b@example.com", "김철수 900307-1234567"], *crowd)
    assert "name" not in staged[0]
    assert refusals == [(2, False, "resident_number", "name", "", "b@example.com, 김철수 900307-*******")]
    assert not looks_like_resident_number("01012345678")
    assert without_resident_numbers("김철수, 900307-1234567") == "김철수, 900307-*******"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), max_size=20))
def test_cells_survive_a_careful_export_and_import(text):
    assert cells.restored(neutral(text)) == text or text.startswith("'")


@pytest.mark.parametrize("text", ["=1+1", "+82 10", "-5", "@SUM(A1)"])
def test_formula_is_neutralised_and_restored(text):
    assert neutral(text) == "'" + text
    assert one(["email", "title"], ["a@example.com", neutral(text)])[0]["title"] == text


def test_decomposed_hangul_of_a_mac_is_composed():
    assert one(["email", "이름"], ["a@example.com", unicodedata.normalize("NFD", "김철수")])[0]["name"] == "김철수"


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=30), min_size=3, max_size=3))
def test_any_row_is_staged_or_refused_and_never_breaks_the_copy(row):
    (staged,), refusals = make(["email", "name", "tags"], ["a@example.com", *row[1:]])
    assert (staged is None) == any(refusal[1] for refusal in refusals)
    for refusal in refusals:
        "".join(map(str, refusal)).encode()
        assert "\0" not in "".join(map(str, refusal))


@pytest.mark.parametrize(
    ("family", "given_name", "name"),
    [("김", "철수", "김철수"), ("Smith", "John", "John Smith"), ("", "철수", "철수"), ("남궁", "민", "남궁민")],
)
def test_names_are_joined_as_their_language_does(family, given_name, name):
    assert one(["email", "성", "이름"], ["a@example.com", family, given_name])[0]["name"] == name


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_reads_in_both_languages(code):
    with translation.override("en"):
        english = sentence(code, "이름", "값")
    with translation.override("ko"):
        korean = sentence(code, "이름", "값")
    assert english != korean
    assert re.search("[가-힣]", korean)
    assert "{" not in english + korean
