"""The files of the page, held in memory so that even a busy server delivers them at once."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from lyricsrec.version import VERSION

_FOLDER = Path(__file__).parent.parent / "static"
_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
_WORKER = "service_worker.js"


@dataclass(frozen=True)
class _File:
    body: bytes
    media_type: str
    etag: str


class Page:
    """All files of the page, read once."""

    def __init__(self, folder: Path = _FOLDER) -> None:
        self._files = {path.relative_to(folder).as_posix(): _read(path) for path in folder.rglob("*") if path.is_file()}

        self._files[_WORKER] = self._worker()

    def _worker(self) -> _File:
        """The service worker with the files of the page and their version, so that a new version is another worker."""
        files = sorted(name for name in self._files if name not in (_WORKER, "index.html"))
        tags = "".join(self._files[name].etag for name in sorted(self._files))
        version = f"{VERSION}-{hashlib.sha256(tags.encode()).hexdigest()[:12]}"
        shell = {"version": version, "files": ["./", *(f"static/{name}" for name in files)]}
        body = f"self.SHELL = {json.dumps(shell)};\n".encode() + self._files[_WORKER].body
        return _File(body, _TYPES[".js"], _etag(body))

    def worker(self, request: Request) -> Response:
        """The service worker, whose address must be that of the page."""
        return self.answer(_WORKER, request)

    def answer(self, name: str, request: Request) -> Response:
        """A file by its path, or 304 for a browser that has it already. Raises HTTPException for an unknown name."""
        file = self._files.get(name)
        if file is None:
            raise HTTPException(404)
        headers = {"ETag": file.etag}
        if file.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(file.body, media_type=file.media_type, headers=headers)


def _read(path: Path) -> _File:
    body = path.read_bytes()
    # Not from the system's table of types, which programs on Windows may have changed.
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return _File(body, media_type, _etag(body))


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'
