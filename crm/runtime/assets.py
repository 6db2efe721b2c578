"""Serves named files of node packages under static/npm/<package>/…, so that no bundler and no copy is needed."""

import builtins
import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage, Storage
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

PREFIX = "npm/"
# What the pages use, by file name or glob below node_modules.
FILES = (
    "@tabler/core/dist/css/tabler.min.css",
    "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css",
    "pretendard/dist/web/variable/woff2-dynamic-subset/*.woff2",
    "echarts/dist/echarts.min.js",
    "tom-select/dist/js/tom-select.complete.min.js",
    "tom-select/dist/css/tom-select.bootstrap5.min.css",
)


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # WhiteNoise has no types
    """WhiteNoise, answering with whole files: under ASGI a file that is streamed by chunks costs a thread for each."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        """Return the file, a part of it, or 304."""
        found = static_file.get_response(request.method, request.META)
        with found.file or contextlib.nullcontext() as file:
            response = HttpResponse(file.read() if file else b"", status=int(found.status))
        del response.headers["Content-Type"]
        for name, value in found.headers:
            response.headers[name] = value
        return response


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise has no types
    """Names with hashes for production. Source maps are not served, so they are not looked for."""

    support_js_module_import_aggregation = True
    patterns = tuple(
        (glob, tuple(pattern for pattern in patterns if "sourceMappingURL" not in str(pattern)))
        for glob, patterns in CompressedManifestStaticFilesStorage.patterns
    )


class NodeFinder(BaseFinder):
    """Finds the files of FILES, and nothing else of node_modules."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        self.root = Path(settings.BASE_DIR) / "node_modules"
        self.storage = FileSystemStorage(location=str(self.root))
        self.storage.prefix = PREFIX.rstrip("/")  # type: ignore[attr-defined]  # collectstatic writes below it

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:
        """Return the file's place on disk, or an empty list when it is not ours."""
        name = Path(path.removeprefix(PREFIX))
        found = path.startswith(PREFIX) and any(name.full_match(glob) for glob in FILES)
        place = self.root / name
        if not found or not place.is_file():
            return []
        return [str(place)] if find_all else str(place)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:  # noqa: ARG002
        """Yield every file for collectstatic."""
        for glob in FILES:
            for place in sorted(self.root.glob(glob)):
                yield str(place.relative_to(self.root)), self.storage

    def check(self, **_kwargs: Any) -> "builtins.list[CheckMessage]":
        """Tell which files are missing from node_modules."""
        missing = [glob for glob in FILES if not any(self.root.glob(glob))]
        words = f"Not in node_modules: {', '.join(missing)}."
        return [Error(words, hint="Run `make setup`.", id="wayfare.E006")] if missing else []
