"""Programs that fetch pictures and links without a person, by their User-Agent. Add a line, then reclassify."""

import re

# Link scanners, previews, fetchers: neither their clicks nor their openings are a person's.
_SCANNERS = re.compile(
    r"""
    safelinks | barracuda | proofpoint | mimecast | bingpreview | skypeuripreview | slackbot | slack-imgproxy
    | facebookexternalhit | facebot | twitterbot | linkedinbot | whatsapp | telegrambot | discordbot | kakaotalk-scrap
    | yeti/ | naverbot | daumoa | googlebot | bingbot | applebot | yandex | baiduspider | petalbot | ahrefs | semrush
    | trendmicro | symantec | messagelabs | forcepoint | fireeye | cloudmark | zscaler | sophos | ironport | avanan
    | checkpoint | paloalto | urldefense | phish | virustotal | urlscan | mailscanner | antispam
    | headlesschrome | phantomjs | selenium | puppeteer | playwright
    | ^curl/ | ^wget | python-requests | python-urllib | aiohttp | httpx | ^go-http-client | ^java/ | okhttp
    | apache-httpclient | libwww-perl | ^ruby | axios | node-fetch | guzzlehttp | microsoft\ office\ existence
    | \bbot\b | spider | crawler | preview | scanner | monitoring
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Proxies that fetch the pictures of a mail for its reader, mostly before she opens it, some when she does.
_IMAGE_PROXIES = re.compile(r"googleimageproxy | yahoomailproxy | ggpht\.com | mail\.ru", re.IGNORECASE | re.VERBOSE)
_APPLE_PRIVACY = "Mozilla/5.0"  # Apple's Mail Privacy Protection says this and no more


def is_scanner(agent: str) -> bool:
    """Tell whether the program is a scanner, preview or fetcher; one that does not say its name is."""
    return not agent or _SCANNERS.search(agent) is not None


def is_image_proxy(agent: str) -> bool:
    """Tell whether the program fetches pictures on behalf of a mailbox, so that an opening says nothing."""
    return agent == _APPLE_PRIVACY or _IMAGE_PROXIES.search(agent) is not None
