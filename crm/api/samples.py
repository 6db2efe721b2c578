"""Samples of requests for the documentation: curl and Python."""

import json
from typing import Any

_CURL = """curl {verb}"{base}{path}" \\
  -H "Authorization: Bearer $WAYFARE_TOKEN\""""
_BODY = """ \\
  -H "Content-Type: application/json" \\
  -d '{body}'"""
_PYTHON = """import os, requests

answer = requests.{method}(
    "{base}{path}",
    headers={{"Authorization": f"Bearer {{os.environ['WAYFARE_TOKEN']}}"}},{more}
)
answer.raise_for_status()
print(answer{result})"""


def pretty(body: Any) -> str:
    """Return a body as JSON text over several lines, "" for none."""
    return "" if body is None else json.dumps(body, ensure_ascii=False, indent=2)


def curl(base: str, method: str, path: str, body: Any, *, file: bool = False) -> str:
    """Return a line for a shell; what is answered with a `file` is kept under its name."""
    verb = ("" if method == "GET" else f"-X {method} ") + ("-OJ " if file else "")
    text = _CURL.format(verb=verb, base=base, path=path)
    if body is None:
        return text
    return text + _BODY.format(body=json.dumps(body, ensure_ascii=False, indent=2).replace("'", "'\\''"))


def python(base: str, method: str, path: str, body: Any, *, file: bool = False) -> str:
    """Return lines of Python with the library requests."""
    lines = json.dumps(body, ensure_ascii=False, indent=4).replace("\n", "\n    ") if body is not None else ""
    for word, said in (("null", "None"), ("true", "True"), ("false", "False")):
        lines = lines.replace(f": {word}", f": {said}")
    more = f"\n    json={lines}," if lines else ""
    result = ".content" if file else ".status_code" if method == "DELETE" else ".json()"
    return _PYTHON.format(method=method.lower(), base=base, path=path, more=more, result=result)
