"""Lines of the log: as JSON or as text, with the ids of request, user and job, and without addresses of people.

`CONTEXT` is set by the request middleware and by Celery's signals; every line written meanwhile carries it.
"""

import json
import logging
import re
import time
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType

CONTEXT: ContextVar[Mapping[str, str | int]] = ContextVar("log_context", default=MappingProxyType({}))

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)*", re.UNICODE)
_PHONE = re.compile(r"(?<![\w.:-])\+?\d{1,3}[- ]\d{2,4}[- ]\d{3,4}(?:[- ]\d{2,4})?(?![\w:-])")
# PostgreSQL repeats the refused row, people's data and all.
_ROW = re.compile(r"(?m)^(DETAIL|CONTEXT|QUERY):.*$")


def without_people(text: str) -> str:
    """Return the text with e-mail addresses, phone numbers and quoted rows taken out."""
    return _PHONE.sub("[phone]", _ADDRESS.sub("[address]", _ROW.sub(r"\1: [left out]", text)))


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, what CONTEXT holds, and the error with its trace."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": without_people(record.getMessage()),
            **CONTEXT.get(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = without_people("".join(traceback.format_exception(*record.exc_info)))
        return json.dumps(line, ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    """The same for a person's eyes: time, level, logger, message, ids, and the trace below."""

    default_msec_format = "%s,%03d"

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said = {**CONTEXT.get(), **getattr(record, "facts", {})}
        ids = "".join(f" {name}={value}" for name, value in said.items())
        return without_people(super().format(record)) + ids
