"""Bodies of requests: JSON alone, bounded before it is read, without what no database can store."""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from crm.api.problems import Refusal, invalid

MEGABYTE = 1024 * 1024
USUAL = MEGABYTE  # bytes of a body
BULK = 5 * MEGABYTE
UPLOAD = 16 * MEGABYTE  # a file in base64: 12 MB of it
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def check_head(request: HttpRequest, largest: int) -> None:
    """Refuse a body by its head alone: another type than JSON, or more than `largest` bytes (see bounds.py)."""
    length = request.headers.get("Content-Length", "")
    size = int(length) if length.isdecimal() and length.isascii() and len(length) < 19 else 0
    if size > largest:
        raise too_large(largest)
    if size and request.content_type != "application/json":
        raise Refusal("unsupported-type", _("Send the body as application/json."))


def too_large(largest: int) -> Refusal:
    """Return the refusal of a body."""
    text = _("A body has at most %(most)d bytes here. Send less at once.")
    return Refusal("too-large", text % {"most": largest}, headers={"Connection": "close"})


class Json(BaseParser):  # reads what check_head let through
    """Keeps the bytes for the fingerprint of an Idempotency-Key in `request.raw_body`."""

    media_type = "application/json"

    def parse(self, stream: Any, _media_type: Any = None, context: Mapping[str, Any] | None = None) -> Any:
        """Return the values of the body. Raises Refusal."""
        assert context is not None
        largest = context["view"].largest(context["request"].method)
        raw = stream.read(largest + 1)
        if len(raw) > largest:
            raise too_large(largest)
        context["request"].raw_body = raw
        return parsed(raw)


def parsed(raw: bytes) -> Any:
    """Return the values of JSON bytes. Raises Refusal for what is no JSON or cannot be stored."""
    try:
        text = raw.decode()
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError as error:
        raise invalid("", _("This is nested too deeply.")) from error
    except ValueError as error:
        raise invalid("", _("The body is no JSON: %(why)s") % {"why": str(error)[:200]}) from error
    if "\\u" in text:
        _check_storable(value, "")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise ValueError(f"{text[:40]} is too large a number")
    return number


def _check_storable(value: Any, path: str) -> None:
    if isinstance(value, str) and _UNSTORABLE.search(value):
        raise invalid(path, _("Control characters are not allowed here."))
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_storable(name, path)
            _check_storable(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            _check_storable(inner, f"{path}.{place}".lstrip("."))
