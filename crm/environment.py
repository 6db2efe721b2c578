"""Reads settings from the environment; what it read is the settings table of docs/operations.md. Used by crm.settings.

A name in `secret` may also come as NAME_FILE, the path of a file that holds the value. Wrong values stop the start.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

DOMAIN = re.compile(r"(\w([\w-]*\w)?\.)+\w{2,}")
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


@dataclass(frozen=True)
class Variable:
    """One setting as the table shows it; `default` is in the words of a person where it depends on the machine."""

    name: str
    default: str
    what: str
    secret: bool = False


@dataclass
class Environment:
    """Typed access to the environment that remembers what was asked for."""

    source: Mapping[str, str] = field(default_factory=lambda: os.environ)
    variables: list[Variable] = field(default_factory=list)

    def text(self, name: str, default: str = "", *, what: str, shown: str | None = None) -> str:
        """Return a text; `shown` replaces a default that depends on the machine in the table."""
        self.variables.append(Variable(name, default if shown is None else shown, what))
        return self.source.get(name, default)

    def whole(self, name: str, default: int, *, what: str, shown: str | None = None) -> int:
        """Return a whole number. Raises ImproperlyConfigured."""
        text = self.text(name, str(default), what=what, shown=shown)
        if not text.isdecimal():
            raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.")
        return int(text)

    def number(self, name: str, default: float, *, what: str) -> float:
        """Return a number above zero. Raises ImproperlyConfigured."""
        text = self.text(name, f"{default:g}", what=what)
        try:
            found = float(text)
        except ValueError:
            found = 0.0
        if not 0 < found < float("inf"):
            raise ImproperlyConfigured(f"{name} must be a number above zero, not {text!r}.")
        return found

    def one_of(self, name: str, default: str, known: tuple[str, ...], *, what: str) -> str:
        """Return one of the known words. Raises ImproperlyConfigured for another."""
        value = self.text(name, default, what=what)
        if value not in known:
            raise ImproperlyConfigured(f'{name} is "{value}"; it must be one of: {", ".join(known)}.')
        return value

    def flag(self, name: str, default: bool, *, what: str) -> bool:
        """Return whether it is on. Raises ImproperlyConfigured."""
        text = self.text(name, "1" if default else "0", what=what).lower()
        if text not in TRUE | FALSE:
            raise ImproperlyConfigured(f"{name} must be 1 or 0, not {text!r}.")
        return text in TRUE

    def choice(self, name: str, default: str, known: tuple[str, ...], *, what: str) -> str:
        """Return one of the known texts. Raises ImproperlyConfigured."""
        text = self.text(name, default, what=what)
        if text not in known:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(known)}, not {text!r}.")
        return text

    def several(self, name: str, default: list[str], *, what: str, shown: str | None = None) -> list[str]:
        """Return the parts of a comma-separated text."""
        text = self.text(name, ",".join(default), what=what, shown=shown)
        return [part.strip() for part in text.split(",") if part.strip()]

    def recipients(self, name: str, *, what: str) -> list[str]:
        """Return addresses, and domains as "@example.com", of a comma-separated text. Raises ImproperlyConfigured."""
        found = []
        for part in self.several(name, [], what=what):
            before, at, domain = part.rpartition("@")
            if not DOMAIN.fullmatch(domain) or (at and part.count("@") > 1) or " " in part:
                raise ImproperlyConfigured(f"{name}: {part!r} is neither an address nor a domain such as example.com.")
            found.append(f"{before}@{domain}".lower())
        return found

    def secret(self, name: str, default: str = "", *, what: str, shown: str = "") -> str:
        """Return a text that may also stand in the file named by NAME_FILE. Raises ImproperlyConfigured."""
        self.variables.append(Variable(name, shown or default, what, secret=True))
        place = self.source.get(f"{name}_FILE", "")
        if not place:
            return self.source.get(name, default)
        if name in self.source:
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: keep one of them.")
        try:
            return Path(place).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: {place} cannot be read ({error.strerror}).") from None

    def mapping(self, name: str, *, what: str) -> dict[str, Any]:
        """Return a JSON object that may also stand in the file named by NAME_FILE. Raises ImproperlyConfigured."""
        text = self.secret(name, "{}", what=what)
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ImproperlyConfigured(f"{name} must be a JSON object, such as {{}}.")
        return found

    def has(self, name: str) -> bool:
        """Whether the setting was given, itself or as a file."""
        return bool(self.source.get(name) or self.source.get(f"{name}_FILE"))

    def url(self, name: str, text: str, schemes: tuple[str, ...]) -> str:
        """Return `text` when it is an address with one of the schemes. Raises ImproperlyConfigured; shows no secret."""
        if urlsplit(text).scheme not in schemes:
            raise ImproperlyConfigured(f"{name} must start with one of: {', '.join(f'{s}://' for s in schemes)}.")
        return text


def table(variables: list[Variable]) -> str:
    """Return the settings as a Markdown table."""
    rows = [
        f"| `{variable.name}`{' or `' + variable.name + '_FILE`' if variable.secret else ''} | "
        f"{f'`{variable.default}`' if variable.default else '–'} | {variable.what} |"
        for variable in variables
    ]
    return "\n".join(["| Setting | Default | What it is |", "|---|---|---|", *rows])
