"""Bodies on their way in: counted, and their songs written into the data folder as they come."""

from __future__ import annotations

import time
import unicodedata
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path

from anyio import CapacityLimiter, fail_after, to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lyricsrec.base.text_encoding import decode
from lyricsrec.web.failures import Refused, answer

UPLOADS = "/api/jobs"
"""The path that takes songs, and so large bodies."""

FIELDS = ("kind", "preset", "language", "lyrics", "stems")
MAX_LYRICS_BYTES = 200_000
MAX_NAME = 200

# Some 100 bytes for each of as many words as a transcript may have.
_MAX_DOCUMENT_BYTES = 12 << 20
_MAX_PARTS = 16
# Who waits for longer than this in all gets 64 kB less often than every minute.
_SILENT_S = 60.0
_LEAST_BYTES = 1 << 16
_FORM_HINT = "Send multipart/form-data: curl -F file=@song.mp3 ..."


class BodyLimit:
    """ASGI middleware that refuses bodies which are too large, at once where they say so, else while they come.

    Those that trickle are refused, too: nobody may keep others waiting for a place.
    """

    def __init__(self, app: ASGIApp, max_upload_mb: int) -> None:
        self._app = app
        self._max_upload_mb = max_upload_mb

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Fields and the form's own marks come on top of the song.
        is_upload = scope["path"] == UPLOADS
        limit = self._max_upload_mb * 1_000_000 + 2 * MAX_LYRICS_BYTES if is_upload else _MAX_DOCUMENT_BYTES
        refused = Refused(413, "this is too large", f"At most {limit // 1_000_000} MB are taken.")
        if int(Headers(scope=scope).get("content-length", "0")) > limit:
            await answer(refused)(scope, receive, send)
            return
        received = 0
        pace = _Pace()

        async def counted() -> Message:
            nonlocal received
            message = await pace.take(receive)
            received += len(message.get("body", b""))
            if received > limit:
                raise refused
            return message

        await self._app(scope, counted, send)


class _Pace:
    """How long a client may still let a server wait for its body."""

    def __init__(self) -> None:
        self._left_s = _SILENT_S
        self._brought = 0
        self._is_whole = False

    async def take(self, receive: Receive) -> Message:
        """The next message. Raises Refused for a body that comes too slowly."""
        if self._is_whole:
            return await receive()
        began = time.monotonic()
        try:
            with fail_after(self._left_s):
                message = await receive()
        except TimeoutError:
            raise Refused(408, "the upload stands still", "Try again with a better connection.") from None
        self._left_s -= time.monotonic() - began
        self._brought += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._brought >= _LEAST_BYTES:
            self._left_s, self._brought = _SILENT_S, 0
        return message


@dataclass
class _Part:
    """A part of a form, while it comes."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: str = ""
    data: bytearray = field(default_factory=bytearray)


@dataclass
class Form:
    """A form with a song: its fields as text, what the song is called, and how many bytes of it were written."""

    fields: dict[str, str] = field(default_factory=dict)
    song_name: str | None = None
    size_bytes: int = 0


class _FormWriter:
    """Takes a form's bytes as they come; the song's go into a file, and everything else must be small."""

    def __init__(self, boundary: bytes, file: BufferedWriter) -> None:
        self.form = Form()
        self._file = file
        self._part = _Part()
        self._num_parts = 0
        self._header, self._value = bytearray(), bytearray()
        self._is_complete = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._write,
                "on_part_end": self._end,
                "on_end": self._complete,
            },
        )

    def write(self, data: bytes) -> None:
        """Take some bytes. Raises Refused for what is no such form, OSError when the disk does not take them."""
        try:
            self._parser.write(data)
        except FormParserError:
            raise Refused(400, "this is no form", _FORM_HINT) from None

    def finish(self) -> Form:
        """The form. Raises Refused when its end, or the song, is missing."""
        if not self._is_complete:
            raise Refused(400, "the form ends too early", _FORM_HINT)
        if self.form.song_name is None:
            raise Refused(400, "there is no song in the form", "Send it as `file`.")
        return self.form

    def _begin(self) -> None:
        self._part = _Part()
        self._num_parts += 1
        if self._num_parts > _MAX_PARTS:
            raise Refused(400, "the form has too many parts", _FORM_HINT)

    def _end_header(self) -> None:
        self._part.headers[bytes(self._header).lower()] = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._part.headers.get(b"content-disposition"))
        self._part.name = name = options.get(b"name", b"").decode("utf-8", "replace")
        if name not in ("file", *FIELDS):
            raise Refused(400, f"unknown field '{_shown(name)}'", f"Known: file, {', '.join(FIELDS)}.")
        if name in self.form.fields or (name == "file" and self.form.song_name is not None):
            raise Refused(400, f"the form has more than one '{name}'", "Send one request for each song.")
        if name == "file" and (song := options.get(b"filename")):
            self.form.song_name = display_title(song.decode("utf-8", "replace"))

    def _write(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if part.name == "file":
            self._file.write(data[start:end])
            self.form.size_bytes += end - start
            return
        part.data += data[start:end]
        if len(part.data) > MAX_LYRICS_BYTES:
            raise Refused(400, f"'{part.name}' is too long", f"At most {MAX_LYRICS_BYTES // 1000} kB are taken.")

    def _end(self) -> None:
        if self._part.name != "file":
            self.form.fields[self._part.name] = decode(bytes(self._part.data))[0]

    def _complete(self) -> None:
        self._is_complete = True


async def read_form(request: Request, song: Path, threads: CapacityLimiter) -> Form:
    """Read a request's form, and write its song to a path as it comes.

    Raises Refused for what is no form with a song, and when the client went away; OSError when the disk is full.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise Refused(400, "this is no form", _FORM_HINT)
    try:
        with song.open("xb") as file:
            writer = _FormWriter(options[b"boundary"], file)
            async for chunk in request.stream():
                await to_thread.run_sync(writer.write, chunk, limiter=threads)
        return writer.finish()
    except FormParserError:
        raise Refused(400, "this is no form", _FORM_HINT) from None
    except ClientDisconnect:
        raise Refused(400, "the upload was broken off") from None


def display_title(file_name: str) -> str:
    """What to call a song whose file a client calls so: its last part, without control characters, not too long."""
    name = file_name.replace("\\", "/").rpartition("/")[2]
    return _shown(name) or "song"


def _shown(text: str) -> str:
    visible = "".join(c for c in text if unicodedata.category(c)[0] != "C")
    return " ".join(visible.split())[:MAX_NAME]
