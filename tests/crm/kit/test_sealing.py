"""Sealed texts: read with the key and purpose they were sealed for, and with an older key while it is known."""

import pytest

from crm.kit.sealing import BrokenSeal, seal, unseal


def test_a_sealed_text_says_nothing_and_opens_again():
    sealed = seal("Bearer 열쇠", "test")
    assert "Bearer" not in sealed
    assert sealed != seal("Bearer 열쇠", "test")
    assert unseal(sealed, "test") == "Bearer 열쇠"
    assert (seal("", "test"), unseal("", "test")) == ("", "")


def test_another_purpose_or_a_changed_text_opens_nothing():
    sealed = seal("secret", "test")
    for text, purpose in ((sealed, "other"), (sealed[:-8] + "AAAAAAA=", "test"), ("secret", "test")):
        with pytest.raises(BrokenSeal):
            unseal(text, purpose)


def test_an_older_key_still_opens_and_a_lost_one_does_not(settings):
    sealed, old = seal("secret", "test"), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [old]
    assert unseal(sealed, "test") == "secret"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(BrokenSeal):
        unseal(sealed, "test")
