"""The one error of mail templates: what is wrong, and where. Shown by the editor and the pre-flight."""

from django.utils.functional import Promise


class TemplateError(ValueError):
    """A template cannot be used as it stands; the author must act.

    `part` is "subject", "preheader", "html", "text", "mjml" or "blocks"; `line` counts from 1 inside the part, 0 when
    unknown; `field` is the merge field at fault, or empty; `block` is the position of the block from 1, 0 for none.
    """

    def __init__(
        self, message: str | Promise, *, part: str = "", line: int = 0, field: str = "", block: int = 0
    ) -> None:
        super().__init__(message)
        self.message = message
        self.part = part
        self.line = line
        self.field = field
        self.block = block

    def __str__(self) -> str:
        return str(self.message)

    def located(self, *, part: str = "", block: int = 0) -> "TemplateError":
        """Return the same error with its place filled in by a caller who knows better: a part, the block's number."""
        return TemplateError(
            self.message, part=part or self.part, line=self.line, field=self.field, block=self.block or block
        )
