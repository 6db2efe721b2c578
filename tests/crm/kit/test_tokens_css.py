"""The colours of the design tokens: every ink is readable on what it stands on, in light and in dark."""

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = Path(settings.BASE_DIR, "static/css/tokens.css").read_text()
PAIRS = dict(re.findall(r"--wf-([a-z0-9-]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\)", CSS))
GROUNDS = ("canvas", "surface", "raised", "sunken", "hover")
READ = [(ink, ground, 4.5) for ink in ("ink", "ink-2", "ink-3", "primary", "bad", "warn", "good") for ground in GROUNDS]
READ += [(tone, f"{tone}-soft", 4.5) for tone in ("primary", "good", "warn", "bad", "info", "hot")]
READ += [("on-primary", "primary", 4.5), ("on-primary", "primary-hover", 4.5), ("on-bad", "bad", 4.5)]
READ += [("line-strong", "surface", 3), ("line-strong", "canvas", 3), ("primary", "canvas", 3)]  # edges of controls


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_measure_itself():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(("ink", "ground", "least"), READ)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_contrast(theme, ink, ground, least):
    assert contrast(PAIRS[ink].split(", ")[theme], PAIRS[ground].split(", ")[theme]) >= least
