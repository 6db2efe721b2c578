"""Where a statement was made, in the reader's words: what the product writes down is named, what people typed stays."""

from typing import Any

from django.utils.translation import gettext_lazy as _

# As stored (contacts/consent/record.py, Proof.source); a program that reads the API finds these.
SOURCES: dict[str, Any] = {
    "form": _("form"),
    "import": _("import"),
    "one-click": _("one click in a mail"),
    "person": _("told a colleague"),
    "preference page": _("preference page"),
    "undone": _("an act that was undone"),
    "unsubscribe page": _("unsubscribe page"),
}


def in_words(source: str) -> str:
    """Return a stored source such as `one-click` or `form: newsletter` as it is shown."""
    kind, colon, name = source.partition(": ")
    return f"{SOURCES[kind]}{colon}{name}" if kind in SOURCES else source
