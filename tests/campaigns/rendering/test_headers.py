"""Encoded words are the library's to read, short enough, and never cut a letter."""

from email.header import decode_header, make_header

from hypothesis import given
from hypothesis import strategies as st

from campaigns.rendering.headers import encoded_words


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1))
def test_encoded_words_are_read_back_as_they_were(text: str) -> None:
    words = encoded_words(text).split(b"\r\n ")
    assert all(len(word) <= 75 - len(b"Subject: ") for word in words)
    assert str(make_header(decode_header(" ".join(word.decode() for word in words)))) == text
    assert "".join(str(make_header(decode_header(word.decode()))) for word in words) == text


def test_encoded_words_of_long_korean_break_between_letters() -> None:
    assert encoded_words("가" * 14) == b"=?utf-8?b?" + b"6rCA" * 13 + b"?=\r\n =?utf-8?b?6rCA?="
