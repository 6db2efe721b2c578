"""SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489) of a sender's domain, as far as DNS tells."""

import functools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import dns.exception
import dns.resolver
from django.conf import settings

from campaigns.senders.trial.findings import Finding

SECONDS = 4.0  # for one question, all tries together
MOST_LOOKUPS = 10  # RFC 7208, 4.6.4
USUAL_SELECTORS = (
    "default", "dkim", "mail", "google", "selector1", "selector2", "s1", "s2", "k1", "k2", "k3", "mx", "smtp",
    "mandrill", "mte1", "pm", "resend", "scph0922", "email", "krs",
)  # fmt: skip
_DEEPEST = 5


class Silent(Exception):
    """DNS gave no answer to a question; `args[0]` is the name asked for."""


class NoSuchName(Exception):
    """The name does not exist."""


def _resolver() -> dns.resolver.Resolver:
    """Return the machine's resolver, or that of DNS_RESOLVERS (addresses, each with a port if it is not 53)."""
    if not settings.DNS_RESOLVERS:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    places = [place.rpartition(":") if "." in place else ("", "", place) for place in settings.DNS_RESOLVERS]
    resolver.nameservers = [host or rest for host, _colon, rest in places]
    resolver.nameserver_ports = {host: int(port) for host, _colon, port in places if host}
    return resolver


def texts(name: str, resolver: dns.resolver.Resolver) -> list[str]:
    """Return the TXT records of a name. Raises Silent, NoSuchName."""
    try:
        answer = resolver.resolve(name, "TXT", lifetime=SECONDS, search=False)
    except dns.resolver.NXDOMAIN as error:
        raise NoSuchName(name) from error
    except dns.resolver.NoAnswer:
        return []
    except dns.exception.DNSException as error:
        raise Silent(name) from error
    return [b"".join(row.strings).decode("utf-8", "replace") for row in answer]


def examine(domain: str, selector: str, *, by_provider: bool) -> list[Finding]:
    """Return what DNS says of a domain. `selector`: a name of a DKIM key to look for first; "" for the usual ones."""
    resolver = _resolver()
    try:
        records = texts(domain, resolver)
    except NoSuchName:
        return [Finding("domain_missing", {"domain": domain})]
    except Silent as silent:
        return [Finding("dns_silent", {"name": str(silent)})]
    found: list[Finding] = []
    asked = (
        functools.partial(_spf, domain, records, resolver),
        functools.partial(_dkim, domain, selector, resolver),
        functools.partial(_dmarc, domain, resolver, by_provider=by_provider),
    )
    for question in asked:
        try:
            found += question()
        except Silent as silent:
            found.append(Finding("dns_silent", {"name": str(silent)}))
    return found


# --- SPF ---
def _is_spf(record: str) -> bool:
    return record.lower() == "v=spf1" or record.lower().startswith("v=spf1 ")


def _spf(domain: str, records: list[str], resolver: dns.resolver.Resolver) -> list[Finding]:
    own = [record for record in records if _is_spf(record)]
    if len(own) != 1:
        code = "spf_several" if own else "spf_missing"
        return [Finding(code, {"domain": domain, "n": str(len(own))})]
    terms = own[0].lower().split()[1:]
    lookups = _lookups(terms, resolver)
    if lookups > MOST_LOOKUPS:
        return [Finding("spf_lookups", {"domain": domain, "n": str(lookups)})]
    if {"+all", "all"} & set(terms):
        return [Finding("spf_everybody", {"domain": domain})]
    ends = {"-all", "~all"} & set(terms) or any(term.startswith("redirect=") for term in terms)
    return [Finding("spf_good" if ends else "spf_open_end", {"domain": domain})]


def _lookups(terms: list[str], resolver: dns.resolver.Resolver, deep: int = 0) -> int:
    """Count the questions a receiver must ask DNS to judge the record, with those it includes."""
    count = 0
    for term in (term.lstrip("+-~?") for term in terms):
        if not (term.startswith(("include:", "exists:", "redirect=")) or _mechanism(term) in ("a", "mx", "ptr")):
            continue
        count += 1
        if term.startswith(("include:", "redirect=")) and deep < _DEEPEST and count <= MOST_LOOKUPS:
            count += _included(term.replace("=", ":").partition(":")[2], resolver, deep + 1)
    return count


def _mechanism(term: str) -> str:
    return term.partition(":")[0].partition("/")[0]


def _included(name: str, resolver: dns.resolver.Resolver, deep: int) -> int:
    try:
        found = [record for record in texts(name, resolver) if _is_spf(record)]
    except (NoSuchName, Silent):
        return 0
    return _lookups(found[0].lower().split()[1:], resolver, deep) if found else 0


# --- DKIM ---
def _dkim(domain: str, selector: str, resolver: dns.resolver.Resolver) -> list[Finding]:
    wanted = (selector,) if selector else USUAL_SELECTORS
    with ThreadPoolExecutor(8) as pool:
        keys = dict(zip(wanted, pool.map(lambda one: _key(one, domain, resolver), wanted), strict=True))
    good = [name for name, key in keys.items() if key]
    if good:
        return [Finding("dkim_good", {"domain": domain, "selectors": ", ".join(good)})]
    empty = [name for name, key in keys.items() if key == ""]
    if empty:
        return [Finding("dkim_revoked", {"domain": domain, "selectors": ", ".join(empty)})]
    return [Finding("dkim_missing", {"domain": domain})]


def _key(selector: str, domain: str, resolver: dns.resolver.Resolver) -> str | None:
    """Return the public key of a selector: None when there is none, "" when it was taken back."""
    try:
        found = texts(f"{selector}._domainkey.{domain}", resolver)
    except NoSuchName:
        return None
    keys = [tags["p"] for tags in map(_tags, found) if "p" in tags]
    return keys[0] if keys else None


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, _equals, value in pairs if name.strip()}


# --- DMARC ---
def _parents(domain: str) -> Iterator[str]:
    """Yield the domain and those above it, down to two labels: the record of the nearest one counts."""
    labels = domain.split(".")
    for first in range(max(1, len(labels) - 1)):
        yield ".".join(labels[first:])


def _dmarc(domain: str, resolver: dns.resolver.Resolver, *, by_provider: bool) -> list[Finding]:
    for place in _parents(domain):
        try:
            records = [one for one in texts(f"_dmarc.{place}", resolver) if one.lower().startswith("v=dmarc1")]
        except NoSuchName:
            continue
        if len(records) > 1:
            return [Finding("dmarc_several", {"domain": place, "n": str(len(records))})]
        if records:
            return [_policy(domain, place, _tags(records[0])), *_alignment(domain, _tags(records[0]), by_provider)]
    return [Finding("dmarc_missing", {"domain": domain})]


def _policy(domain: str, place: str, tags: dict[str, str]) -> Finding:
    policy = tags.get("p", "none") if place == domain else tags.get("sp", tags.get("p", "none"))
    code = "dmarc_good" if policy.lower() in ("quarantine", "reject") else "dmarc_watches"
    return Finding(code, {"domain": domain, "policy": f"p={policy}"})


def _alignment(domain: str, tags: dict[str, str], by_provider: bool) -> list[Finding]:
    strict = "s" in (tags.get("adkim", "r").lower(), tags.get("aspf", "r").lower())
    first = Finding("alignment_provider" if by_provider else "aligned", {"domain": domain})
    return [first, *([Finding("alignment_strict", {"domain": domain})] if strict else [])]
