"""E-mail addresses: one normal form, and the keyed hash by which a mailbox is known even after erasure."""

import hashlib
import hmac
import re
import unicodedata

from django.conf import settings

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*\Z")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})\Z")
# Daum keeps one mailbox under both names.
_SAME_MAILBOX = {"hanmail.net": "daum.net"}
# Domains under which one mailbox may be known by two addresses.
TWIN_DOMAINS = frozenset(_SAME_MAILBOX) | frozenset(_SAME_MAILBOX.values())
_TYPOS = {
    "naver.con": "naver.com",
    "naver.co": "naver.com",
    "navar.com": "naver.com",
    "nate.con": "nate.com",
    "daum.com": "daum.net",
    "daum.ney": "daum.net",
    "hanmail.com": "hanmail.net",
    "gmail.con": "gmail.com",
    "gmail.co": "gmail.com",
    "gamil.com": "gmail.com",
    "gmial.com": "gmail.com",
    "hotmail.con": "hotmail.com",
}


class BadAddress(ValueError):
    """The text is no e-mail address; `args[0]` says why, in English, for a log or a refused row."""


def normalise(raw: str) -> str:
    """Return the address in NFC, lower case, its domain in ASCII (IDNA). Raises BadAddress."""
    text = unicodedata.normalize("NFKC", raw).strip().lower()
    local, at, domain = text.rpartition("@")
    if not at:
        raise BadAddress("there is no @ in it")
    try:
        domain = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError as error:
        raise BadAddress("the part after @ is no domain name") from error
    if len(local) > 64 or not _LOCAL.match(local):
        raise BadAddress("the part before @ is not written as an address is")
    if len(domain) > 253 or not _DOMAIN.match(domain):
        raise BadAddress("the part after @ is no domain name")
    return f"{local}@{domain}"


def likely_typo(address: str) -> str:
    """Return the address that was probably meant, or "" when nothing looks wrong (naver.con → naver.com)."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{_TYPOS[domain]}" if domain in _TYPOS else ""


def email_key(address: str) -> str:
    """Return the keyed hash of a normalised address: 32 hex digits, the same for all names of one mailbox."""
    local, _, domain = address.rpartition("@")
    mailbox = f"{local}@{_SAME_MAILBOX.get(domain, domain)}"
    return hmac.digest(settings.SECRET_KEY.encode(), b"mailbox:" + mailbox.encode(), hashlib.sha256)[:16].hex()
