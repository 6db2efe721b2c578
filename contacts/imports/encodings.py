"""In which encoding a file is written: by its mark, by its zeros, by what decodes."""

import codecs
from typing import IO

HEAD_BYTES = 256 * 1024
_BLOCK = 1024 * 1024
_BOMS = [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
# Encodings a person may choose when the guess is wrong; cp949 holds all of euc_kr and what Excel adds to it.
ENCODINGS = {"utf-8": "UTF-8", "cp949": "CP949", "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE", "cp1252": "CP1252"}


def find_encoding(file: IO[bytes]) -> tuple[str, int]:
    """Return the encoding of a binary file and how many bytes its byte order mark takes."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    name = _encoding(file, head)
    return name, length_of_mark(head, name)


def length_of_mark(head: bytes, encoding: str) -> int:
    """Return the number of bytes of the byte order mark of that encoding, 0 without one."""
    return next((len(bom) for bom, name in _BOMS if name == encoding and head.startswith(bom)), 0)


def _encoding(file: IO[bytes], head: bytes) -> str:
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) / 8:
        return "utf-16-le" if odd > even else "utf-16-be"
    for name in ("utf-8", "cp949"):
        if _whole_file_decodes(file, name):
            return name
    return min(("utf-8", "cp949", "cp1252"), key=lambda name: head.decode(name, errors="replace").count("\ufffd"))


def _whole_file_decodes(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while block := file.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
