"""Pictures for mails: an upload is checked and drawn anew, so that what is served is a picture and nothing else."""

import hashlib
import io
import secrets
from datetime import datetime
from pathlib import PurePath
from typing import IO

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from campaigns.templating.errors import TemplateError
from campaigns.templating.models import Asset
from crm.kit.text import ForbiddenCharacter, clean_line
from crm.team.models import User

LARGEST_UPLOAD = 8 * 1024 * 1024  # bytes
MOST_PIXELS = 40_000_000
WIDEST = 1200  # pixels: twice the 600 of a mail
MOST_FRAMES = 80
ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif"}


def take(upload: IO[bytes], *, name: str, alt: str = "", by: User | None, now: datetime) -> Asset:
    """Keep an uploaded picture and return it; the same picture again returns the one that is there.

    Raises TemplateError when it is too large, no PNG, JPEG, GIF or WebP, or damaged; then nothing is kept.
    """
    raw = upload.read(LARGEST_UPLOAD + 1)
    if len(raw) > LARGEST_UPLOAD:
        raise TemplateError(_("The picture is larger than %(limit)d MB. Make it smaller.") % {"limit": 8})
    data, mime, (width, height) = _drawn_anew(raw)
    digest = hashlib.sha256(data).hexdigest()
    if known := Asset.objects.filter(digest=digest).first():
        return known
    key = secrets.token_urlsafe(12)
    asset = Asset(
        key=key,
        name=_line(PurePath(name).name, 120) or "picture",
        digest=digest,
        mime=mime,
        width=width,
        height=height,
        size=len(data),
        alt=_line(alt, 200),
        created_by=by,
        created_at=now,
    )
    asset.file.save(key + ENDINGS[mime], ContentFile(data), save=False)
    asset.save(force_insert=True)
    return asset


def _line(text: str, longest: int) -> str:
    try:
        return clean_line(text)[:longest]
    except ForbiddenCharacter as error:
        raise TemplateError(_("The name of the picture holds control characters.")) from error


def _drawn_anew(raw: bytes) -> tuple[bytes, str, tuple[int, int]]:
    try:
        with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG", "GIF", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise TemplateError(_("The picture has too many pixels: at most 40 million are allowed."))
            image.load()
            return _encode(image)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, TemplateError):
            raise
        raise TemplateError(_("This file is no PNG, JPEG, GIF or WebP picture, or it is damaged.")) from error


def _encode(image: Image.Image) -> tuple[bytes, str, tuple[int, int]]:
    out = io.BytesIO()
    if image.format == "GIF" and getattr(image, "n_frames", 1) > 1:
        return _animated(image, out)
    upright = ImageOps.exif_transpose(image)
    if upright.width > WIDEST:
        upright = upright.resize((WIDEST, max(1, round(upright.height * WIDEST / upright.width))))
    clear = upright.has_transparency_data
    if clear or image.format in ("PNG", "GIF"):
        upright.convert("RGBA" if clear else "RGB").save(out, "PNG", optimize=True)
        return out.getvalue(), "image/png", upright.size
    upright.convert("RGB").save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return out.getvalue(), "image/jpeg", upright.size


def _animated(image: Image.Image, out: io.BytesIO) -> tuple[bytes, str, tuple[int, int]]:
    if getattr(image, "n_frames", 1) > MOST_FRAMES:
        raise TemplateError(_("The animation has more than %(limit)d pictures.") % {"limit": MOST_FRAMES})
    frames = [frame.convert("RGBA") for frame in ImageSequence.Iterator(image)]
    duration = image.info.get("duration", 100)
    frames[0].save(
        out, "GIF", save_all=True, append_images=frames[1:], duration=duration, loop=image.info.get("loop", 0)
    )
    return out.getvalue(), "image/gif", image.size
