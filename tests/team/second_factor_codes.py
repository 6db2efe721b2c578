"""What a phone would show."""

import base64
from datetime import datetime

from django_otp.oath import hotp


def code_of(key: str, now: datetime, later: int = 0) -> str:
    """Return the six digits of a base32 key (spaces allowed) at `now`, or `later` periods after."""
    raw = base64.b32decode(key.replace(" ", ""))
    return f"{hotp(raw, int(now.timestamp()) // 30 + later):06}"
