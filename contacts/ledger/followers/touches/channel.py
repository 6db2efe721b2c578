"""From which channel a visit came, by its UTM and Naver parameters, click ids and referrer. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

# Parameters that say something about the source; looked for in the event's properties and in its "url".
FACTS = (
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
    "gclid",
    "fbclid",
    "n_media",
    "n_query",
    "n_keyword",
    "n_rank",
    "n_ad_group",
    "NaPm",
    "nt_source",
    "nt_medium",
    "nt_detail",
    "nt_keyword",
)
SEARCH, ADS, SOCIAL, MAIL, REFERRAL, QR, DIRECT = "search", "ads", "social", "mail", "referral", "qr", "direct"
_LONGEST = 300
_MEDIA = {
    "cpc": ADS,
    "ppc": ADS,
    "paid": ADS,
    "paidsearch": ADS,
    "paid_social": ADS,
    "paidsocial": ADS,
    "display": ADS,
    "cpm": ADS,
    "banner": ADS,
    "ad": ADS,
    "ads": ADS,
    "email": MAIL,
    "e-mail": MAIL,
    "mail": MAIL,
    "newsletter": MAIL,
    "social": SOCIAL,
    "sns": SOCIAL,
    "organic": SEARCH,
    "search": SEARCH,
    "referral": REFERRAL,
    "affiliate": REFERRAL,
    "qr": QR,
    "offline": QR,
}
# Ends of host names, the longer before the shorter.
_HOSTS = (
    ("blog.naver.com", SOCIAL),
    ("cafe.naver.com", SOCIAL),
    ("mail.naver.com", MAIL),
    ("shopping.naver.com", REFERRAL),
    ("mail.google.com", MAIL),
    ("mail.daum.net", MAIL),
    ("cafe.daum.net", SOCIAL),
    ("naver.com", SEARCH),
    ("daum.net", SEARCH),
    ("zum.com", SEARCH),
    ("bing.com", SEARCH),
    ("duckduckgo.com", SEARCH),
    ("search.yahoo.com", SEARCH),
    ("youtube.com", SOCIAL),
    ("facebook.com", SOCIAL),
    ("instagram.com", SOCIAL),
    ("linkedin.com", SOCIAL),
    ("lnkd.in", SOCIAL),
    ("twitter.com", SOCIAL),
    ("x.com", SOCIAL),
    ("t.co", SOCIAL),
    ("kakao.com", SOCIAL),
    ("kakaotalk.com", SOCIAL),
    ("band.us", SOCIAL),
    ("threads.net", SOCIAL),
)


@dataclass(frozen=True)
class Touch:
    """A channel (one of the constants above), and what was said of the source: parameters and the referrer's host."""

    channel: str
    facts: dict[str, str] = field(default_factory=dict)


def touch_of(properties: Mapping[str, Any]) -> Touch:
    """Return where the visit with these properties came from; DIRECT when nothing is said of a source."""
    in_url = dict(parse_qsl(_query(properties.get("url"))))
    facts = {
        name: value[:_LONGEST]
        for name in FACTS
        if (value := str(properties.get(name) or in_url.get(name) or "").strip())
    }
    host = _referrer(properties)
    if host:
        facts["referrer"] = host
    return Touch(_channel(facts, host), facts)


def _channel(facts: Mapping[str, str], host: str) -> str:
    if facts.keys() & {"gclid", "n_ad_group", "n_keyword"} or _paid_naver(facts):
        return ADS
    medium = (facts.get("utm_medium") or facts.get("nt_medium") or "").lower()
    if medium in _MEDIA:
        return _MEDIA[medium]
    if host and (known := _known_host(host)):
        return known
    if "fbclid" in facts:
        return SOCIAL
    return REFERRAL if facts else DIRECT


def _paid_naver(facts: Mapping[str, str]) -> bool:
    """Tell whether Naver's own parameters are those of an advertisement (NaPm carries ct=, ci= and a tr= of the ad)."""
    return "n_media" in facts or "tr=sa" in facts.get("NaPm", "").replace("%3D", "=")


def _known_host(host: str) -> str:
    if host.split(".", maxsplit=1)[0] == "google" or ".google." in f".{host}":
        return MAIL if host == "mail.google.com" else SEARCH
    return next((channel for end, channel in _HOSTS if host == end or host.endswith(f".{end}")), "")


def _referrer(properties: Mapping[str, Any]) -> str:
    """Return the host the visitor came from; empty for a move within the same site."""
    host = _host(properties.get("referrer"))
    return "" if host and host == _host(properties.get("url")) else host


def _host(address: Any) -> str:
    try:
        return (urlsplit(str(address or "")).hostname or "").removeprefix("www.")[:_LONGEST]
    except ValueError:
        return ""


def _query(address: Any) -> str:
    try:
        return urlsplit(str(address or "")).query
    except ValueError:
        return ""
