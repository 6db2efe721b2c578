"""What differs between two contents of a template, line by line, for people to read."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SHOWN = ("text", "note", "url", "src", "alt")


@dataclass(frozen=True)
class Line:
    """One line of a comparison; `sign` is "+" for new, "-" for gone, " " for unchanged."""

    sign: str
    text: str


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Line]:
    """Return the lines of both contents, told apart; empty when they say the same."""
    before, after = list(_lines(old)), list(_lines(new))
    if before == after:
        return []
    return [Line(line[0], line[2:]) for line in difflib.ndiff(before, after) if line[0] in "+- " and line[2:].strip()]


def lines_of(variant: Mapping[str, Any]) -> list[str]:
    """Return what the blocks or the source of one language say, line by line."""
    said = [" · ".join(str(block[key]) for key in SHOWN if block.get(key)) for block in variant.get("blocks") or []]
    return [
        line.strip() for text in (*said, str(variant.get("source") or "")) for line in text.split("\n") if line.strip()
    ]


def _lines(content: Mapping[str, Any]) -> Iterator[str]:
    for language, variant in content.get("languages", {}).items():
        yield f"[{language}] {variant.get('subject', '')}"
        yield f"[{language}] {variant.get('preheader', '')}"
        for block in variant.get("blocks") or []:
            yield from _block(block, language)
        for part in ("source", "text"):
            yield from (f"[{language}] {line}" for line in str(variant.get(part) or "").split("\n") if line.strip())


def _block(block: Mapping[str, Any], language: str) -> Iterator[str]:
    said = [str(block[key]) for key in SHOWN if block.get(key)]
    for line in " · ".join(said).split("\n"):
        yield f"[{language}] {block.get('kind', '')}: {line}"
    for side in ("left", "right"):
        for inner in block.get(side) or []:
            yield from _block(inner, language)
