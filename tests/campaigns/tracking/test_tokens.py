"""A mail's token: what it says, and that no letter of it can be changed."""

import base64
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.tracking import tokens
from campaigns.tracking.tokens import MailToken, mail_token, read_mail_token
from crm.kit.tokens import BadToken, Signer

ROW_ID = st.integers(min_value=0, max_value=2**63 - 1)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(ROW_ID, ROW_ID, ROW_ID)
def test_token_says_what_was_put_in(dispatch, message, contact):
    assert read_mail_token(mail_token(dispatch, message, contact)) == MailToken(dispatch, message, contact)


@pytest.mark.parametrize("secret", ["k", "k" * 64, "long" * 40])
def test_token_carries_ten_bytes_of_the_library_s_hmac(secret):
    token = Signer("mail", secret).make(1, 300)
    body = bytes([1, 0xAC, 2])
    mac = hmac.digest(secret.encode(), b"wayfare:mail:" + body, "sha256")[:10]
    assert token == base64.urlsafe_b64encode(body + mac).rstrip(b"=").decode()


def test_token_in_the_other_alphabet_is_refused():
    tokens = (mail_token(1, number, 2) for number in range(1000))
    token = next(each for each in tokens if "-" in each and "_" in each)
    for wrong in (token.replace("-", "+"), token.replace("_", "/")):
        with pytest.raises(BadToken):
            read_mail_token(wrong)


def test_token_altered_at_each_position_is_refused():
    token = mail_token(7, 123_456, 89)
    altered = {
        token[:position] + letter + token[position + 1 :]
        for position in range(len(token))
        for letter in LETTERS
        if letter != token[position]
    }
    assert len(altered) == len(token) * 63
    for wrong in altered | {token[:-1], token + "A", token[1:], token + "=", "", "é", token + "\n", " " + token}:
        with pytest.raises(BadToken):
            read_mail_token(wrong)


@pytest.mark.parametrize("numbers", [(), (1,), (1, 2), (1, 2, 3, 4)])
def test_token_of_other_length_is_refused(numbers):
    with pytest.raises(BadToken):
        read_mail_token(Signer("mail").make(*numbers))


def test_token_of_another_purpose_is_refused():
    with pytest.raises(BadToken):
        read_mail_token(Signer("sender").make(1, 2, 3))


def test_addresses_stand_on_the_base_url(settings):
    settings.BASE_URL = "https://crm.example.com"
    assert tokens.open_url("T") == "https://crm.example.com/t/o/T.gif"
    assert tokens.click_url("T", 3) == "https://crm.example.com/t/c/T/3"
    assert tokens.unsubscribe_url("T") == "https://crm.example.com/u/T"
    assert tokens.preferences_url("T") == "https://crm.example.com/p/T"
    assert tokens.view_url("T") == "https://crm.example.com/v/T"
