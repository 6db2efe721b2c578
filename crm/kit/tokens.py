"""Signed tokens that are short, fixed in size and cheap to make: for tracked links, opt-outs and confirmations.

A token is base64url(numbers as varints || 10 bytes of HMAC-SHA256 over purpose and numbers). It proves who wrote it;
it is no secret, and never expires by itself.
"""

import binascii
import hashlib
import hmac

from django.conf import settings

MAC_BYTES = 10
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_PADDING = ("", "===", "==", "=")  # by the length of a token modulo 4; a remainder of 1 is never one of ours


class BadToken(ValueError):
    """The token was altered, cut, or made for another purpose."""


class Signer:
    """Makes and reads tokens of one purpose. The key schedule is computed once, a token costs about 1 µs."""

    def __init__(self, purpose: str, secret: str | None = None) -> None:
        """Prepare both hashes of HMAC (RFC 2104): copies of them cost half as much as a copy of hmac's own object."""
        key = (settings.SECRET_KEY if secret is None else secret).encode()
        key = (key if len(key) <= 64 else hashlib.sha256(key).digest()).ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + b"wayfare:" + purpose.encode() + b":")
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))

    def _sign(self, body: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(body)
        outer.update(inner.digest())
        return outer.digest()[:MAC_BYTES]

    def make(self, *numbers: int) -> str:
        """Return the token for these numbers (each ≥ 0)."""
        body = b"".join(map(_varint, numbers))
        return _written(body + self._sign(body))

    def read(self, token: str) -> list[int]:
        """Return the numbers of a token. Raises BadToken on any altered letter."""
        try:
            raw = binascii.a2b_base64(token.replace("-", "+").replace("_", "/") + _PADDING[len(token) & 3])
        except ValueError as error:
            raise BadToken("not base64url") from error
        body, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        # Compared as written: the decoder passes over strange letters and spare bits.
        if not body or _written(raw) != token or not hmac.compare_digest(mac, self._sign(body)):
            raise BadToken("signature does not match")
        return _read_varints(body)


def _written(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).translate(_URL_SAFE, b"=").decode()


def _varint(number: int) -> bytes:
    """Return the number in groups of seven bits, the lowest first. Ids mostly have three: those are made at once."""
    if number < 0x80:
        return bytes((number,))
    if number < 0x4000:
        return bytes((number & 0x7F | 0x80, number >> 7))
    if number < 0x20_0000:
        return bytes((number & 0x7F | 0x80, number >> 7 & 0x7F | 0x80, number >> 14))
    return bytes((number & 0x7F | 0x80, number >> 7 & 0x7F | 0x80, number >> 14 & 0x7F | 0x80)) + _varint(number >> 21)


def _read_varints(body: bytes) -> list[int]:
    numbers, number, shift = [], 0, 0
    for byte in body:
        if byte < 0x80:
            numbers.append(number | byte << shift)
            number, shift = 0, 0
        else:
            number |= (byte & 0x7F) << shift
            shift += 7
    return numbers
