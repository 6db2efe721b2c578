"""Icons as inline SVG, read once from the icon package. Drawn by the {% icon %} tag, also in the admin."""

import re
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_NAME = re.compile(r"[a-z0-9-]+")
_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_FRAME = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'


class UnknownIcon(LookupError):
    """No icon of this name is in the package."""


@cache
def drawing(name: str, *, filled: bool = False) -> str:
    """Return what stands inside the <svg> of an icon. Raises UnknownIcon that names it."""
    style = "filled" if filled else "outline"
    place = Path(settings.BASE_DIR) / "node_modules/@tabler/icons/icons" / style / f"{name}.svg"
    if not _NAME.fullmatch(name) or not place.is_file():
        raise UnknownIcon(f'no {style} icon is called "{name}"; names are those of tabler.io/icons')
    found = _BODY.search(place.read_text())
    if found is None:
        raise UnknownIcon(f"{place.name} holds no drawing")
    return " ".join(found[1].replace(_FRAME, "").split())


def icon(name: str, label: str = "", *, filled: bool = False, css: str = "") -> SafeString:
    """Return an icon as SVG: hidden from screen readers, or named by `label` when it stands alone."""
    return _svg(name, str(label), filled, css)


@lru_cache(2_000)  # a page of a list draws 130 of them, hardly any two different
def _svg(name: str, label: str, filled: bool, css: str) -> SafeString:
    named = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    colour = mark_safe('fill="currentColor"' if filled else 'fill="none" stroke="currentColor"')  # noqa: S308
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" width="20" height="20" {} stroke-linecap="round"'
        ' stroke-linejoin="round" focusable="false" {}>{}</svg>',
        css,
        colour,
        named,
        mark_safe(drawing(name, filled=filled)),  # noqa: S308  # a file of the package, never of a user
    )
