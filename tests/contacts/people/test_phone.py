"""Phone numbers as Koreans write them."""

import pytest

from contacts.people.phone import BadPhone, normalise, query_digits, shown


@pytest.mark.parametrize(
    ("raw", "stored", "written"),
    [
        ("010-1234-5678", "+821012345678", "010-1234-5678"),
        ("1012345678", "+821012345678", "010-1234-5678"),
        ("010 1234 5678", "+821012345678", "010-1234-5678"),
        ("+82 10 1234 5678", "+821012345678", "010-1234-5678"),
        ("+82 (0)10-1234-5678", "+821012345678", "010-1234-5678"),
        ("02-312-3456", "+8223123456", "02-312-3456"),
        ("0507-1234-5678", "+8250712345678", "0507-1234-5678"),
        ("1588-1234", "+8215881234", "1588-1234"),
        ("070.1234.5678", "+827012345678", "070-1234-5678"),
        ("+1 415 555 2671", "+14155552671", "+1 415-555-2671"),
    ],
)
def test_number_is_kept_as_e164_and_shown_as_written(raw, stored, written):
    assert normalise(raw) == stored
    assert shown(stored) == written
    assert normalise(written) == stored


@pytest.mark.parametrize("raw", ["", "abc", "12", "010-12", "010-1234-5678\nBcc: a@example.com", "0101234567890123"])
def test_what_is_no_number_is_refused(raw):
    with pytest.raises(BadPhone):
        normalise(raw)


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("5678", "5678"), ("010-1234", "101234"), ("+82 10", "8210"), ("567", ""), ("김철수", ""), ("a1234", "")],
)
def test_query_digits(typed, digits):
    assert query_digits(typed) == digits
