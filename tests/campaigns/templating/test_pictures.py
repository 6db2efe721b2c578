"""Pictures: what is kept, what is refused, and how they are served."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from campaigns.templating import pictures
from campaigns.templating.errors import TemplateError
from campaigns.templating.models import Asset
from crm.team.models import User
from tests.campaigns.templating.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def drawn(form: str, size: tuple[int, int] = (1600, 800), mode: str = "RGB", **options: Any) -> io.BytesIO:
    """Return a picture as an upload."""
    out = io.BytesIO()
    Image.new(mode, size, 0 if mode == "P" else "red").save(out, form, **options)
    out.seek(0)
    return out


def test_large_photo_is_made_smaller_and_loses_what_it_says_of_its_owner(alice: User) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    asset = pictures.take(drawn("JPEG", exif=exif), name="a.jpg", alt="Red", by=alice, now=NOW)
    assert (asset.width, asset.height, asset.mime, asset.alt) == (1200, 600, "image/jpeg", "Red")
    with asset.file.open("rb") as file:
        data = file.read()
    assert b"SecretCamera" not in data
    assert len(data) == asset.size


def test_same_picture_is_kept_once(alice: User) -> None:
    first = pictures.take(drawn("PNG"), name="a.png", by=alice, now=NOW)
    assert pictures.take(drawn("PNG"), name="b.png", by=alice, now=NOW) == first
    assert Asset.objects.count() == 1


def test_animation_keeps_its_frames(alice: User) -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "blue", "green")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    asset = pictures.take(io.BytesIO(out.getvalue()), name="a.gif", by=alice, now=NOW)
    assert asset.mime == "image/gif"
    with asset.file.open("rb") as file, Image.open(file) as image:
        assert image.n_frames == 3


@pytest.mark.parametrize(
    "raw",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>", b"GIF89a<script>", b"\x89PNG\r\n\x1a\n"],
)
def test_what_is_no_picture_is_refused(raw: bytes, alice: User) -> None:
    with pytest.raises(TemplateError, match="no PNG"):
        pictures.take(io.BytesIO(raw), name="a.png", by=alice, now=NOW)
    assert not Asset.objects.exists()


def test_huge_pictures_are_refused(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TemplateError, match="8 MB"):
        pictures.take(io.BytesIO(b"x" * (pictures.LARGEST_UPLOAD + 1)), name="a.png", by=alice, now=NOW)
    with pytest.raises(TemplateError, match="pixels"):
        pictures.take(drawn("PNG", (8000, 5001), "1"), name="a.png", by=alice, now=NOW)
    assert not Asset.objects.exists()


def test_picture_is_served_to_everybody(alice: User, client: Client) -> None:
    asset = pictures.take(drawn("PNG", (10, 10)), name="a.png", by=alice, now=NOW)
    response = client.get(asset.path)
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert "immutable" in response["Cache-Control"]
    assert Image.open(io.BytesIO(b"".join(response.streaming_content))).size == (10, 10)
    assert client.get("/mail/pictures/not-there").status_code == 404
    assert client.post(asset.path).status_code == 405
