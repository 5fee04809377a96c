"""Routes for the results of a job: its transcript and corrections, downloads, and audio."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from anyascii import anyascii
from anyio import to_thread
from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from lyricsrec.audio.stretch import MAX_SEMITONES, MAX_TEMPO, MIN_TEMPO
from lyricsrec.base.errors import AudioError
from lyricsrec.separation.base import StemName
from lyricsrec.web.api.routes import errors
from lyricsrec.web.api.service import Service, ServiceOf
from lyricsrec.web.failures import Refused, answer
from lyricsrec.web.follow_ups.documents import ChordsOut, MelodyOut
from lyricsrec.web.follow_ups.formats import DOWNLOADS, Download
from lyricsrec.web.follow_ups.registry import FOLLOW_UPS, found_in, with_follow_up, with_follow_ups
from lyricsrec.web.intake.slots import client_of, paced_body
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import FollowUpName, Job
from lyricsrec.web.schemas import (
    PeaksOut,
    RevisionOut,
    SpectrogramOut,
    TranscriptIn,
    TranscriptOut,
)
from lyricsrec.web.songs.drawings import Drawing, Track, find_drawing, make_drawing
from lyricsrec.web.songs.keys import MAX_DURATION_S, find_shifted, make_shifted
from lyricsrec.web.songs.sandbox import TooLongError
from lyricsrec.web.texts.tempo import at_tempo

ROUTER = APIRouter(
    prefix="/api/jobs/{id}",
    tags=["results"],
    responses=errors(status_401="The access token is missing or wrong.", status_404="Not found."),
)
_NOT_YET = errors(status_409="The job is not done.")
Semitones = Annotated[int, Query(ge=-MAX_SEMITONES, le=MAX_SEMITONES, description="Another key: semitones up.")]
Tempo = Annotated[int, Query(ge=MIN_TEMPO, le=MAX_TEMPO, description="Another tempo, in percent; the key stays.")]
_PARTS = errors(status_400="Malformed Range header.", status_416="The file ends before this Range.") | {
    206: {"description": "The requested part of the file."}
}
_TOO_LONG = errors(status_422="The song is too long.")
_EDIT = {
    "required": True,
    "content": {"application/json": {"schema": TranscriptIn.model_json_schema()}},
}
_AUDIO_TYPES = {".webm": "audio/webm", ".m4a": "audio/mp4", ".mp4": "audio/mp4", ".flac": "audio/flac"}


@ROUTER.get("/transcript", summary="The lyrics with their times", response_model=TranscriptOut, responses=_NOT_YET)
def get_transcript(id: str, service: ServiceOf) -> Response:
    """With all corrections that were saved."""
    current = service.corrections.read(service.find(id).id)
    # The file's JSON is inserted verbatim: parsing and writing a long transcript again would be slow.
    edited = "true" if current.is_edited else "false"
    text = f'{{"revision":{current.revision},"edited":{edited},"transcript":{current.text}}}'
    return Response(text.encode(), media_type="application/json")


@ROUTER.put(
    "/transcript",
    summary="Correct the lyrics",
    openapi_extra={"requestBody": _EDIT},
    responses=errors(
        status_400="The request was interrupted.",
        status_408="The body arrives too slowly.",
        status_409="The job is not done, or `revision` is not the current one.",
        status_413="Too large.",
        status_422="Not a valid transcript.",
    ),
)
async def put_transcript(id: str, request: Request, service: ServiceOf) -> RevisionOut:
    """Downloads contain the corrected lyrics from then on; the original lyrics are kept."""
    async with service.edits.of(client_of(request)):
        body = b"".join([chunk async for chunk in paced_body(request, service.edits)])
        return RevisionOut(revision=await to_thread.run_sync(_write, id, body, service, limiter=service.heavy))


def _write(id: str, body: bytes, service: Service) -> int:
    return service.corrections.write(service.find(id).id, body)


@ROUTER.delete("/transcript", summary="Discard all corrections", responses=_NOT_YET)
def delete_edits(id: str, service: ServiceOf) -> RevisionOut:
    """Restores the original lyrics."""
    return RevisionOut(revision=service.corrections.undo(service.find(id).id))


@ROUTER.get("/download/{format}", summary="The lyrics in a format", response_class=Response, responses=_NOT_YET)
async def download(id: str, format: str, service: ServiceOf, tempo: Tempo = 100) -> Response:
    """A format of /api/models, as a file named after the song; with `tempo`, for the stems at that tempo."""
    form = DOWNLOADS.get(format.lower())
    if form is None:
        raise Refused(404, "unknown format", f"Known formats: {', '.join(DOWNLOADS)}.")
    name, body = await to_thread.run_sync(_render, id, form, tempo, service, limiter=service.heavy)
    return Response(body, media_type=form.media_type, headers={"Content-Disposition": attachment(name)})


def _render(id: str, form: Download, tempo: int, service: Service) -> tuple[str, bytes]:
    job, folder = service.find(id), service.folder(id)
    transcript = with_follow_ups(service.corrections.read(job.id).transcript, folder)
    # What is damaged was not found.
    if form.needs is not None and form.needs not in found_in(folder):
        raise _not_found(form.needs)
    if job.title or job.artist:
        transcript = replace(transcript, tags=replace(transcript.tags, title=job.title, artist=job.artist))
    return f"{Path(job.name).stem}{form.suffix}", form.write(
        transcript if tempo == 100 else at_tempo(transcript, tempo)
    )


@ROUTER.get(
    "/follow-ups/{name}",
    summary="The melody or the chords",
    response_model=MelodyOut | ChordsOut,
    responses=_NOT_YET,
)
async def get_follow_up(id: str, name: FollowUpName, service: ServiceOf) -> Any:
    """What POST has found in the song; the notes are those of the words as they are now."""
    return await to_thread.run_sync(_found, id, name, service, limiter=service.heavy)


def _found(id: str, name: FollowUpName, service: Service) -> dict[str, Any]:
    folder = service.folder(id)
    if name not in found_in(folder):
        raise _not_found(name)
    transcript = service.corrections.read(folder.id).transcript
    shown = with_follow_up(transcript, folder, name)
    if shown is None:
        raise _not_found(name)
    return FOLLOW_UPS[name].show(shown)


def _not_found(name: FollowUpName) -> Refused:
    return Refused(404, f"this song has no {name} yet", f"POST /api/jobs/ID/follow-ups/{name} looks for it.")


@ROUTER.head("/audio", include_in_schema=False)
@ROUTER.get("/audio", summary="The song", response_class=FileResponse, responses=_PARTS)
def get_audio(id: str, service: ServiceOf) -> FileResponse:
    """The uploaded file, or a FLAC copy if browsers cannot play it (AIFF, ALAC, WMA). Supports Range requests."""
    folder = service.folder(id)
    return _audio(folder.playable if folder.playable.is_file() else folder.song)


@ROUTER.head("/stems/{stem}", include_in_schema=False)
@ROUTER.get(
    "/stems/{stem}",
    summary="Vocals or instrumental, also in another key or tempo",
    response_class=FileResponse,
    responses=_PARTS | errors(status_422="`semitones` or `tempo` is out of range, or the song is too long for them."),
)
async def get_stem(
    id: str, stem: StemName, service: ServiceOf, semitones: Semitones = 0, tempo: Tempo = 100, download: bool = False
) -> FileResponse:
    """FLAC, for the `tracks` of a job, with `download` as a file named after the song. Supports Range requests.

    Another key or tempo is made when it is first asked for, which takes a few seconds, and kept for a while.
    """
    job = await to_thread.run_sync(service.find, id)
    folder = service.folder(id)
    path, change = folder.stem(stem), ""
    if path.is_file() and (semitones or tempo != 100):
        path = await _shifted(job, folder, stem, service, semitones=semitones, tempo=tempo)
        change = f".key{semitones:+d}.tempo{tempo}"
    response = _audio(path)
    if download:
        response.headers["Content-Disposition"] = attachment(f"{Path(job.name).stem}.{stem}{change}.flac")
    return response


async def _shifted(
    job: Job, folder: JobFolder, stem: StemName, service: Service, *, semitones: int, tempo: int
) -> Path:
    found = find_shifted(folder, stem, semitones=semitones, tempo=tempo)
    if found is not None:
        return found
    duration_s = job.duration_s or MAX_DURATION_S
    if duration_s > MAX_DURATION_S:
        raise Refused(422, "this song is too long to change its key or tempo", "15 minutes are the limit.")
    make = partial(make_shifted, folder, stem, semitones=semitones, tempo=tempo, duration_s=duration_s)
    try:
        return await to_thread.run_sync(make, limiter=service.shifts)
    except AudioError as error:
        raise Refused(503, str(error), error.hint) from None


@ROUTER.get("/peaks", summary="The waveform", response_model=PeaksOut, responses=_PARTS)
async def get_peaks(id: str, service: ServiceOf, track: Track = "mix") -> FileResponse:
    """For drawing; available soon after the job was started.

    Those of `tracks` are made when they are first asked for.
    """
    folder = await to_thread.run_sync(service.folder, id)
    # The worker makes that of the song, before it makes anything else.
    if track == "mix":
        return plain_file(folder.peaks, "application/json")
    return await _drawing(folder, "peaks", track, service)


@ROUTER.get("/spectrogram", summary="The spectrogram", response_model=SpectrogramOut, responses=_PARTS | _TOO_LONG)
async def get_spectrogram(id: str, service: ServiceOf, track: Track = "mix") -> FileResponse:
    """For drawing, of songs of up to 30 minutes. It is made when it is first asked for, in a few seconds."""
    return await _drawing(await to_thread.run_sync(service.folder, id), "spectrogram", track, service)


async def _drawing(folder: JobFolder, kind: Drawing, track: Track, service: Service) -> FileResponse:
    found = find_drawing(folder, kind, track)
    if found is None:
        make = partial(make_drawing, folder, kind, track, service.config)
        try:
            found = await to_thread.run_sync(make, limiter=service.drawings)
        except TooLongError:
            raise Refused(422, "this song is too long for that", "30 minutes are the limit.") from None
        except AudioError as error:
            raise Refused(404, str(error), "See `tracks` of the job.") from None
    return plain_file(found, "application/json")


def attachment(name: str) -> str:
    """A Content-Disposition header for a file name, for clients with and without UTF-8 support (RFC 6266)."""
    plain = re.sub(r"[^A-Za-z0-9 ._()'&,+-]", "_", anyascii(name)).strip() or "lyrics"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _audio(path: Path | None) -> FileResponse:
    suffix = path.suffix if path is not None else ""
    guess = _AUDIO_TYPES.get(suffix) or mimetypes.guess_type(f"song{suffix}")[0] or ""
    return plain_file(path, guess if guess.startswith(("audio/", "video/")) else "application/octet-stream")


def plain_file(path: Path | None, media_type: str) -> FileResponse:
    """A file, or the parts of it that a Range asks for. Raises Refused where it is missing."""
    if path is None or not path.is_file():
        raise Refused(404, "this song has no such file", "See `state`, `formats` and `tracks` of the job.")
    return _File(path, media_type=media_type)


class _File(FileResponse):
    """A file or parts of it; an invalid Range is refused with a JSON error."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        refusal: Response | None = None

        async def checked(message: Message) -> None:
            nonlocal refusal
            if message["type"] == "http.response.start" and message["status"] >= 400:
                refused = Refused(
                    message["status"], "invalid Range for this file", "Send, for example, Range: bytes=0-99."
                )
                refusal = answer(refused)
                for name, value in message["headers"]:
                    if name == b"content-range":
                        refusal.headers["content-range"] = value.decode()
            if refusal is None:
                await send(message)

        await super().__call__(scope, receive, checked)
        if refusal is not None:
            await refusal(scope, receive, send)
