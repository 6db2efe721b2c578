"""Where a request came from, as coarse as it may be kept."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

V4_PREFIX, V6_PREFIX = 24, 64


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address; behind our own proxy the last one it appended, never what a client claims."""
    if settings.BEHIND_PROXY and (chain := request.headers.get("X-Forwarded-For", "")):
        return chain.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def network_of(request: HttpRequest) -> str:
    """Return the client's network (/24, or /64 of IPv6); "unknown" when the address cannot be read."""
    try:
        address = ipaddress.ip_address(client_address(request))
    except ValueError:
        return "unknown"
    prefix = V4_PREFIX if address.version == 4 else V6_PREFIX
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))
