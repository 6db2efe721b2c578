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
_KNOWN = (
    "naver.com", "gmail.com", "hanmail.net", "daum.net", "nate.com", "kakao.com", "hotmail.com", "outlook.com",
    "yahoo.com", "icloud.com",
)  # fmt: skip
# Endings as fingers mistype them.
_SLIPS = {
    "com": ("con", "cim", "vom", "xom", "comm", "cpm", "co", "cm", "om", "net"),
    "net": ("ney", "nte", "ent", "met", "com"),
}
# A slip away from a known domain, but real.
_REAL = frozenset({"nate.net", "mail.com", "gmail.co", "yahoo.co", "outlook.net", "email.com", "daum.com", "kakao.net"})


def _mistyped(domain: str) -> set[str]:
    """Return what becomes of a domain by one slip: a letter left out, doubled, or swapped; a wrong ending."""
    name, _, ending = domain.rpartition(".")
    names = {name[:at] + name[at + 1 :] for at in range(len(name))}
    names |= {name[:at] + name[at] + name[at:] for at in range(len(name))}
    names |= {name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in range(len(name) - 1)}
    return {f"{one}.{ending}" for one in names} | {f"{name}.{slip}" for slip in _SLIPS[ending]}


TYPOS = {
    wrong: domain
    for domain in reversed(_KNOWN)
    for wrong in sorted(_mistyped(domain))
    if wrong not in {*_KNOWN, *_REAL}
} | {"navar.com": "naver.com", "daum.com": "daum.net", "gmail.co": "gmail.com"}


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
    return f"{local}@{TYPOS[domain]}" if domain in TYPOS else ""


def email_key(address: str) -> str:
    """Return the keyed hash of a normalised address: 32 hex digits, the same for all names of one mailbox."""
    local, _, domain = address.rpartition("@")
    mailbox = f"{local}@{_SAME_MAILBOX.get(domain, domain)}"
    return hmac.digest(settings.SECRET_KEY.encode(), b"mailbox:" + mailbox.encode(), hashlib.sha256)[:16].hex()
