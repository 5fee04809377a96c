"""What came of a job over HTTP: the transcript with its corrections, files to download, and sound."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from anyascii import anyascii
from fastapi import APIRouter
from starlette.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from lyricsrec.formats.writers import FORMATS
from lyricsrec.web.api.routes import errors
from lyricsrec.web.api.service import ServiceOf
from lyricsrec.web.failures import Refused, answer
from lyricsrec.web.schemas import PeaksOut, RevisionOut, TranscriptIn, TranscriptOut

ROUTER = APIRouter(
    prefix="/api/jobs/{id}",
    tags=["results"],
    responses=errors(status_401="The token is missing or wrong.", status_404="There is no such thing."),
)
_NOT_YET = errors(status_409="The job is not done.")
_PARTS = errors(status_400="No Range is written so.", status_416="It ends before this Range.") | {
    206: {"description": "The part that Range asks for."}
}
_TYPES = {"json": "application/json", "vtt": "text/vtt", "srt": "application/x-subrip"}
_SOUND_TYPES = {".webm": "audio/webm", ".m4a": "audio/mp4", ".mp4": "audio/mp4", ".flac": "audio/flac"}


@ROUTER.get("/transcript", summary="The lyrics with their times", response_model=TranscriptOut, responses=_NOT_YET)
def get_transcript(id: str, service: ServiceOf) -> Response:
    """As they were heard, or as they were corrected last."""
    present = service.edits.read(service.find(id).id)
    # As it lies on the disk: to take it apart and put it together again would take long for nothing.
    edited = "true" if present.is_edited else "false"
    text = f'{{"revision":{present.revision},"edited":{edited},"transcript":{present.text}}}'
    return Response(text.encode(), media_type="application/json")


@ROUTER.put(
    "/transcript",
    summary="Correct the lyrics",
    responses=errors(
        status_400="This is no JSON.",
        status_408="It comes too slowly.",
        status_409="The job is not done, or `revision` is old.",
        status_413="Too large.",
        status_422="This is no transcript.",
    ),
)
def put_transcript(id: str, edit: TranscriptIn, service: ServiceOf) -> RevisionOut:
    """Downloads are of the corrected lyrics from now on; what was heard is kept beside them."""
    return RevisionOut(revision=service.edits.write(service.find(id).id, edit.revision, edit.transcript))


@ROUTER.delete("/transcript", summary="Go back to what was heard", responses=_NOT_YET)
def delete_edits(id: str, service: ServiceOf) -> RevisionOut:
    """Forgets all corrections."""
    return RevisionOut(revision=service.edits.undo(service.find(id).id))


@ROUTER.get("/download/{format}", summary="The lyrics in a format", response_class=Response, responses=_NOT_YET)
def download(id: str, format: str, service: ServiceOf) -> Response:
    """One of /api/models, as a file called like the song."""
    form = FORMATS.get(format.lower())
    if form is None:
        raise Refused(404, "no format is called so", f"Formats: {', '.join(FORMATS)}.")
    job = service.find(id)
    text = form.render(service.edits.read(job.id).transcript)
    name = f"{Path(job.name).stem}{form.suffix}"
    media_type = f"{_TYPES.get(form.name, 'text/plain')}; charset=utf-8"
    return Response(text.encode(), media_type=media_type, headers={"Content-Disposition": attachment(name)})


@ROUTER.head("/audio", include_in_schema=False)
@ROUTER.get("/audio", summary="The song", response_class=FileResponse, responses=_PARTS)
def get_audio(id: str, service: ServiceOf) -> FileResponse:
    """As it was uploaded; as FLAC where browsers cannot play that (AIFF, ALAC, WMA). Takes Range requests."""
    folder = service.folder(id)
    return _sound(folder.playable if folder.playable.is_file() else folder.song)


@ROUTER.head("/stems/{stem}", include_in_schema=False)
@ROUTER.get("/stems/{stem}", summary="Voice or accompaniment", response_class=FileResponse, responses=_PARTS)
def get_stem(id: str, stem: Literal["vocals", "accompaniment"], service: ServiceOf) -> FileResponse:
    """FLAC, for jobs with `has_stems`. Takes Range requests."""
    folder = service.folder(id)
    return _sound(folder.vocals if stem == "vocals" else folder.accompaniment)


@ROUTER.get("/peaks", summary="The waveform of the song", response_model=PeaksOut, responses=_PARTS)
def get_peaks(id: str, service: ServiceOf) -> FileResponse:
    """For drawing it; there soon after work on the job began."""
    return _file(service.folder(id).peaks, "application/json")


def attachment(name: str) -> str:
    """A Content-Disposition for a file name, for clients that know UTF-8 there and for others (RFC 6266)."""
    plain = re.sub(r"[^A-Za-z0-9 ._()'&,+-]", "_", anyascii(name)).strip() or "lyrics"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _sound(path: Path | None) -> FileResponse:
    suffix = path.suffix if path is not None else ""
    guess = _SOUND_TYPES.get(suffix) or mimetypes.guess_type(f"song{suffix}")[0] or ""
    return _file(path, guess if guess.startswith(("audio/", "video/")) else "application/octet-stream")


def _file(path: Path | None, media_type: str) -> FileResponse:
    if path is None or not path.is_file():
        raise Refused(404, "there is no such file for this song", "A job's `state`, `formats` and `has_stems` tell.")
    return _File(path, media_type=media_type)


class _File(FileResponse):
    """A file or parts of it; a Range that it has not is refused in the form of all errors."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        refusal: Response | None = None

        async def checked(message: Message) -> None:
            nonlocal refusal
            if message["type"] == "http.response.start" and message["status"] >= 400:
                refused = Refused(message["status"], "this file has no such part", "Range: bytes=0-99, for instance.")
                refusal = answer(refused)
                for name, value in message["headers"]:
                    if name == b"content-range":
                        refusal.headers["content-range"] = value.decode()
            if refusal is None:
                await send(message)

        await super().__call__(scope, receive, checked)
        if refusal is not None:
            await refusal(scope, receive, send)
