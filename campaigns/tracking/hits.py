"""One opening or click as it comes in: what its address says, and what is kept of it. Called by the two doors.

The names of the properties are a contract with the follower that tells people from machines (docs/tracking.md).
"""

import functools
import ipaddress
import json
import re
from typing import Any, NamedTuple

from campaigns.tracking.tokens import MailToken, read_mail_token
from crm.kit.tokens import BadToken

OPENED = "hit.opened"
CLICKED = "hit.clicked"
SUBJECT = "dispatch"  # the subject of a hit is ("dispatch", its id)

OPEN_PATH = "/t/o/"
CLICK_PATH = "/t/c/"
LONGEST_AGENT = 300  # letters
_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_KEPT_BITS = {4: 24, 6: 48}


class Hit(NamedTuple):
    """One hit as it goes to the ledger: kind, row ids, time (ISO 8601, UTC) and the JSON of its properties."""

    kind: str
    dispatch_id: int
    contact_id: int
    at: str
    properties: str

    def facts(self) -> dict[str, Any]:
        """Return the properties, read."""
        facts: dict[str, Any] = json.loads(self.properties)
        return facts


def read_address(path: str) -> tuple[MailToken, int | None]:
    """Return whose mail a path under /t/ tells of, and which link (None for the picture).

    Raises BadToken when it is not exactly a path that we wrote.
    """
    if path.startswith(OPEN_PATH) and path.endswith(".gif"):
        return read_mail_token(path[5:-4]), None
    if path.startswith(CLICK_PATH):
        token, _, number = path[5:].partition("/")
        return read_mail_token(token), _link_number(number)
    raise BadToken("no such address")


@functools.lru_cache(maxsize=1024)
def _link_number(written: str) -> int:
    if not _NUMBER.fullmatch(written):
        raise BadToken("no such link")
    return int(written)


def make_hit(
    mail: MailToken, number: int | None, *, at: str, agent: bytes, ip: str, head: bool = False, links: int = 0
) -> Hit:
    """Return the hit for a request.

    `at` is ISO 8601 in UTC, `agent` the raw header, `ip` the client's address or "", `links` how many the mail has.
    """
    link = "" if number is None else f'"link":{number},"links":{links},'
    method = '"method":"HEAD",' if head else ""
    properties = f'{{"message":{mail[1]},{link}{method}{_client_json(agent, ip)}'
    return Hit(OPENED if number is None else CLICKED, mail[0], mail[2], at, properties)


@functools.lru_cache(maxsize=4096)
def _client_json(agent: bytes, ip: str) -> str:
    """Return the end of the properties: who asked."""
    said = json.dumps(_CONTROL.sub(" ", agent[:LONGEST_AGENT].decode("latin-1")))
    return f'"agent":{said},"ip":"{ip_prefix(ip)}"}}'


@functools.lru_cache(maxsize=4096)
def ip_prefix(address: str) -> str:
    """Return the network of a client (IPv4 by 24 bits, IPv6 by 48), or "": whole addresses are never kept."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network((ip, _KEPT_BITS[ip.version]), strict=False).network_address)
