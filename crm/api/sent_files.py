"""Files in bodies: JSON carries them in base64, so that one way of reading and bounding bodies holds for all."""

import base64
import binascii
from typing import Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.api.bodies import UPLOAD
from crm.api.fields import Body, Text
from crm.api.problems import invalid


class FileIn(Body):
    """A file, its content in base64: at most 12 MB of it."""

    name = Text(max_length=160, allow_blank=False, help_text=gettext_lazy("With its ending, such as offer.pdf."))
    content = Text(max_length=UPLOAD, allow_blank=False, help_text=gettext_lazy("In base64."))


def file_of(body: Any) -> "ContentFile[bytes]":
    """Return the file of a body that has FileIn's members. Raises Refusal."""
    try:
        content = base64.b64decode(body["content"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("content", _("This is no base64.")) from error
    return ContentFile(content, name=body["name"])
