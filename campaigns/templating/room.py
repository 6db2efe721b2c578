"""Room for the tools that read nested HTML: they recurse, and too deep a nesting would end the whole process.

With MOST_TAGS tags at most and STACK bytes of stack no source can: 10,000 levels took 8 MB down, 128 MB hold them.
"""

import threading
from collections.abc import Callable

from django.utils.translation import gettext as _

from campaigns.templating.errors import TemplateError

MOST_TAGS = 10_000  # opening and closing ones, counted as "<", so that no way of writing hides one
STACK = 128 * 1024 * 1024
_starting = threading.Lock()


def refuse_crowded(source: str, part: str) -> None:
    """Refuse a source with more tags than any mail needs. Raises TemplateError."""
    if (tags := source.count("<")) > MOST_TAGS:
        message = _("This part has %(count)d tags; at most %(limit)d are allowed. Make it simpler.")
        raise TemplateError(message % {"count": tags, "limit": MOST_TAGS}, part=part)


def with_room(call: Callable[[str], str], source: str) -> str:
    """Return call(source), run with a large stack. Raises what it raises, ValueError when it gave up."""
    answers: list[str] = []
    faults: list[Exception] = []

    def run() -> None:
        try:
            answers.append(call(source))
        except (OSError, ValueError, RuntimeError) as error:
            faults.append(error)

    with _starting:
        before = threading.stack_size(STACK)
        try:
            thread = threading.Thread(target=run, name="mail-tools")
            thread.start()
        finally:
            threading.stack_size(before)
    thread.join()
    if faults:
        raise faults[0]
    if not answers:
        raise ValueError("the tool gave up")
    return answers[0]
