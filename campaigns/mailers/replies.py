"""What an answer to a mail means: one table for SMTP replies, mail providers' APIs and bounce webhooks.

Whose fault it is decides: only a fault of the address itself may cost a person her mail (RFC 3463, RFC 5321 4.2).
"""

import re
from enum import StrEnum


class Outcome(StrEnum):
    """What became of one mail by one answer; `kind` is the event that says so."""

    SENT = "sent"  # taken over by the next server
    DEFERRED = "deferred"  # not now: try again later, for this recipient's domain more slowly
    BOUNCED_HARD = "bounced_hard"  # the address does not exist or takes no mail: never again
    BOUNCED_SOFT = "bounced_soft"  # this mail is over; the address may be good (full mailbox, unclear refusal)
    REJECTED = "rejected"  # the sender is refused (policy, reputation, log-in): stop the campaign
    FAILED = "failed"  # this mail is at fault (too large, malformed); says nothing of address or sender

    kind: str

    def __init__(self, value: str) -> None:
        """Keep the key of the event kind: it is asked for several times a mail."""
        self.kind = f"mail.{value}"


# One row a status: the class is taken from the first digit of the reply, so 5.1.1 here is "x.1.1 and permanent".
_BY_STATUS = {
    "1.1": Outcome.BOUNCED_HARD,  # no such mailbox
    "1.2": Outcome.BOUNCED_HARD,  # no such host
    "1.3": Outcome.BOUNCED_HARD,  # not an address
    "1.6": Outcome.BOUNCED_HARD,  # moved, no forwarding
    "1.7": Outcome.REJECTED,  # the sender's address is wrong
    "1.8": Outcome.REJECTED,  # the sender's domain is wrong
    "1.10": Outcome.BOUNCED_HARD,  # the domain says that it takes no mail (RFC 7505)
    "2.1": Outcome.BOUNCED_HARD,  # mailbox switched off, not accepting
    "2.2": Outcome.BOUNCED_SOFT,  # mailbox full
    "2.3": Outcome.FAILED,  # mail too large for this mailbox
    "3.4": Outcome.FAILED,  # mail too large for this server
    "4.4": Outcome.BOUNCED_HARD,  # no route: the host is not known
    "7.17": Outcome.BOUNCED_HARD,  # the mailbox has another owner now (RFC 7293)
    "7.18": Outcome.BOUNCED_HARD,  # the domain has another owner now
}
# Servers send these for all sorts of reasons; what they write beside it decides first.
_VAGUE = re.compile(r"(\d\.)?0|1\.0|2\.0|4\.1|5\.\d+|7\.1")
_BY_SUBJECT = {"5": Outcome.FAILED, "6": Outcome.FAILED, "7": Outcome.REJECTED}
_BY_CODE = {
    400: Outcome.FAILED,  # 400, 404, 413, 422: a provider's API finds the mail wrong
    401: Outcome.REJECTED,
    403: Outcome.REJECTED,
    404: Outcome.FAILED,
    413: Outcome.FAILED,
    422: Outcome.FAILED,
    521: Outcome.BOUNCED_HARD,  # host takes no mail
    530: Outcome.REJECTED,  # 530, 534, 535, 538: log-in or encryption wanted
    534: Outcome.REJECTED,
    535: Outcome.REJECTED,
    538: Outcome.REJECTED,
    551: Outcome.BOUNCED_HARD,  # user not local
    552: Outcome.BOUNCED_SOFT,  # mailbox full
    556: Outcome.BOUNCED_HARD,  # domain takes no mail
}
_SENDER_AT_FAULT = re.compile(
    r"spam|unsolicited|bulk|black ?list|block ?list|\bblocked\b|dnsbl|\brbl\b|reputation|\bpolicy\b|\bspf\b|\bdkim\b"
    r"|\bdmarc\b|authenticat|relay|sender (address )?rejected|스팸|차단",
    re.IGNORECASE,
)
_ADDRESS_AT_FAULT = re.compile(
    r"(user|recipient|mailbox|account|address|addressee)\b.{0,40}\b"
    r"(unknown|not found|does ?n[o']t exist|not exist|invalid|disabled|inactive|unavailable|no longer)"
    r"|(unknown|no such|invalid|nonexistent|disabled|inactive) (local )?(user|recipient|mailbox|account|address)"
    r"|does ?n[o']t have an? .{1,40} account|no mailbox here|not a valid (user|mailbox|recipient)"
    r"|recipient address rejected: access denied|unrouteable address|host (or domain name )?not found"
    r"|존재하지 않는|없는 (사용자|계정|수신자)",
    re.IGNORECASE,
)
_MAILBOX_FULL = re.compile(
    r"(mailbox|quota|storage).{0,30}(full|exceed)|over ?quota|(사서함|용량).{0,10}초과", re.IGNORECASE
)
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3}\.\d{1,3})(?!\d|\.\d)")


def enhanced_status(text: str) -> str:
    """Return the first enhanced status in a reply's text ("5.1.1"), or ""."""
    found = _ENHANCED.search(text)
    return found.group(0) if found else ""


def classify(code: int, enhanced: str = "", text: str = "") -> Outcome:
    """Return what an answer means.

    `code` is the SMTP reply code or a provider's HTTP status, 0 where only the rest is known; `enhanced` the status
    ("5.1.1") or "" to look for it in `text`. An answer that cannot be read is a soft bounce: it accuses nobody.
    """
    if code // 100 in (2, 3):
        return Outcome.SENT
    status = _ENHANCED.fullmatch(enhanced) or _ENHANCED.search(text)
    if code in _BY_CODE and code < 500:
        return _BY_CODE[code]
    first = code // 100 if code else int(status.group(1)) if status else 5
    if first in (2, 3):
        return Outcome.SENT
    if first == 4:
        return Outcome.DEFERRED
    return _permanent(code, status.group(2) if status and status.group(1) == "5" else "", text)


def _permanent(code: int, status: str, text: str) -> Outcome:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if not status or _VAGUE.fullmatch(status):
        if by_words := _by_words(text):
            return by_words
        if code in _BY_CODE:
            return _BY_CODE[code]
    return _BY_SUBJECT.get(status.partition(".")[0], Outcome.BOUNCED_SOFT)


def _by_words(text: str) -> Outcome | None:
    if _MAILBOX_FULL.search(text):
        return Outcome.BOUNCED_SOFT
    if _SENDER_AT_FAULT.search(text):
        return Outcome.REJECTED
    return Outcome.BOUNCED_HARD if _ADDRESS_AT_FAULT.search(text) else None
