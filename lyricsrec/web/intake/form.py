"""The upload form: parsed as it arrives, with the song written straight to disk."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path

from anyio import CapacityLimiter, to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from lyricsrec.formats.encoding.text_encoding import decode
from lyricsrec.web.failures import Refused
from lyricsrec.web.intake.slots import Slots, paced_body

FIELDS = ("kind", "preset", "language", "lyrics", "stems")
MAX_LYRICS_BYTES = 200_000
MAX_NAME = 200

_MAX_PARTS = 16
_NOT_A_FORM = "the request body is not a multipart form"
_FORM_HINT = "Send multipart/form-data, for example: curl -F file=@song.mp3 ..."


@dataclass
class _Part:
    """A part of a form while it arrives."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: str = ""
    data: bytearray = field(default_factory=bytearray)


@dataclass
class Form:
    """A form with a song: the text fields, the song's file name and its size."""

    fields: dict[str, str] = field(default_factory=dict)
    song_name: str | None = None
    size_bytes: int = 0


class _FormWriter:
    """Parses a form as it arrives; the song is written to a file, everything else must be small."""

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
        """Parse some bytes. Raises Refused for an invalid form, OSError when the disk is full."""
        try:
            self._parser.write(data)
        except FormParserError:
            raise Refused(400, _NOT_A_FORM, _FORM_HINT) from None

    def finish(self) -> Form:
        """The parsed form. Raises Refused when it is incomplete or contains no song."""
        if not self._is_complete:
            raise Refused(400, "the form is incomplete", _FORM_HINT)
        if self.form.song_name is None:
            raise Refused(400, "the form contains no song", "Send the song in the field `file`.")
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
            raise Refused(400, f"unknown field '{_printable(name)}'", f"Known fields: file, {', '.join(FIELDS)}.")
        if name in self.form.fields or (name == "file" and self.form.song_name is not None):
            raise Refused(400, f"the form has more than one field '{name}'", "Send one request for each song.")
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
            raise Refused(400, f"the field '{part.name}' is too long", f"The limit is {MAX_LYRICS_BYTES // 1000} kB.")

    def _end(self) -> None:
        if self._part.name != "file":
            self.form.fields[self._part.name] = decode(bytes(self._part.data))[0]

    def _complete(self) -> None:
        self._is_complete = True


async def read_form(request: Request, song: Path, *, slots: Slots, threads: CapacityLimiter) -> Form:
    """Parse the form of a request that holds one of the slots, and write its song to the path `song` as it arrives.

    Raises Refused for an invalid or slow form and when the client disconnects, OSError when the disk is full.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise Refused(400, _NOT_A_FORM, _FORM_HINT)
    try:
        with song.open("xb") as file:
            writer = _FormWriter(options[b"boundary"], file)
            async for chunk in paced_body(request, slots):
                await to_thread.run_sync(writer.write, chunk, limiter=threads)
        return writer.finish()
    except FormParserError:
        raise Refused(400, _NOT_A_FORM, _FORM_HINT) from None
    except ClientDisconnect:
        raise Refused(400, "the upload was interrupted") from None


def display_title(file_name: str) -> str:
    """The display name of a song: the last part of the client's file name, shortened, without control characters."""
    name = file_name.replace("\\", "/").rpartition("/")[2]
    return _printable(name) or "song"


def _printable(text: str) -> str:
    visible = "".join(c for c in text if unicodedata.category(c)[0] != "C")
    return " ".join(visible.split())[:MAX_NAME]
