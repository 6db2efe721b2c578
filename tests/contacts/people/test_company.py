"""Company names and registration numbers."""

import pytest

from contacts.people.company import BadBusinessNumber, business_number, name_key, shown_business_number


@pytest.mark.parametrize(
    "name",
    ["한빛소프트", "㈜한빛소프트", "(주) 한빛 소프트", "주식회사 한빛소프트", "한빛소프트(주)", "한빛소프트 주식회사"],
)
def test_legal_forms_do_not_matter_in_korean(name):
    assert name_key(name) == "한빛소프트"


@pytest.mark.parametrize("name", ["Hanbit", "Hanbit Inc.", "HANBIT, Inc", "Hanbit Co., Ltd.", "hanbit corp"])
def test_legal_forms_do_not_matter_in_english(name):
    assert name_key(name) == "hanbit"


@pytest.mark.parametrize(
    ("name", "key"), [("Inc.", "inc"), ("Corsair", "corsair"), ("주식회사", "주식회사"), ("!!!", "!!!")]
)
def test_a_key_is_never_empty(name, key):
    assert name_key(name) == key


@pytest.mark.parametrize("raw", ["124-81-00998", "1248100998", " 124 81 00998 "])
def test_business_number_with_right_check_digit(raw):
    assert business_number(raw) == "1248100998"
    assert shown_business_number("1248100998") == "124-81-00998"


@pytest.mark.parametrize("raw", ["124-81-00997", "12481009", "abcdefghij", "", "１２４８１００９９８"])
def test_business_number_is_refused(raw):
    with pytest.raises(BadBusinessNumber):
        business_number(raw)
