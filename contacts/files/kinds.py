"""Which files are taken: by the end of the name, the first bytes, and a name that hides nothing."""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

LONGEST_NAME = 160
_ZIP = (b"PK\x03\x04",)
_OLE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
# Marks that turn the direction of writing or show nothing: a name that ends in exe must not read as a PDF.
_HIDING = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_RISKY = {
    "exe", "com", "bat", "cmd", "scr", "msi", "js", "vbs", "ps1", "sh", "jar", "lnk",
    "html", "htm", "svg", "xhtml", "php",
}  # fmt: skip


@dataclass(frozen=True)
class FileKind:
    """A kind of file: its content type, and how its content begins (empty: plain text)."""

    type: str
    begins: tuple[bytes, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS: dict[str, FileKind] = {
    "pdf": FileKind("application/pdf", (b"%PDF-",)),
    "png": FileKind("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": FileKind("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": FileKind("image/jpeg", (b"\xff\xd8\xff",)),
    "gif": FileKind("image/gif", (b"GIF87a", b"GIF89a")),
    "webp": FileKind("image/webp", (b"RIFF",)),
    "docx": FileKind(f"{_OFFICE}.wordprocessingml.document", _ZIP),
    "xlsx": FileKind(f"{_OFFICE}.spreadsheetml.sheet", _ZIP),
    "pptx": FileKind(f"{_OFFICE}.presentationml.presentation", _ZIP),
    "doc": FileKind("application/msword", _OLE),
    "xls": FileKind("application/vnd.ms-excel", _OLE),
    "ppt": FileKind("application/vnd.ms-powerpoint", _OLE),
    "hwp": FileKind("application/x-hwp", _OLE),
    "hwpx": FileKind("application/hwp+zip", _ZIP),
    "zip": FileKind("application/zip", _ZIP),
    "txt": FileKind("text/plain", ()),
    "csv": FileKind("text/csv", ()),
    "eml": FileKind("message/rfc822", ()),
}


class BadFile(ValueError):
    """The file is not taken; the text says why, for who sent it."""


def clean_name(raw: str) -> str:
    """Return the name without folders, in NFC. Raises BadFile for control characters, hidden marks and risky ends."""
    name = unicodedata.normalize("NFC", raw.replace("\\", "/").rsplit("/", 1)[-1]).strip().strip(".")
    if not name or any(unicodedata.category(char) == "Cc" for char in name) or _HIDING.search(name):
        raise BadFile(_("The name of this file has characters that cannot be seen. Rename it first."))
    if len(name) > LONGEST_NAME:
        raise BadFile(_("The name of a file has at most %(limit)d characters.") % {"limit": LONGEST_NAME})
    if risky := {part.lower() for part in name.split(".")[1:]} & _RISKY:
        raise BadFile(_("Files that a computer runs or opens as a page are not kept (.%(end)s).") % {"end": min(risky)})
    return name


def kind_of(name: str, start: bytes) -> FileKind:
    """Return the kind of a file by its name and first bytes (at least 16). Raises BadFile."""
    end = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    kind = KINDS.get(end)
    if kind is None:
        raise BadFile(_("Files of this kind are not kept. These are: %(kinds)s.") % {"kinds": ", ".join(KINDS)})
    fits = start.startswith(kind.begins) if kind.begins else b"\0" not in start
    if not fits:
        raise BadFile(_("This file is not what its name says (.%(end)s).") % {"end": end})
    return kind
