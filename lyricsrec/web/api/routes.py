"""Routes for jobs (create, list, follow, cancel, delete) and for the server itself."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Header, Request
from pydantic import ValidationError
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from lyricsrec.formats.registry import TEXT_SUFFIXES
from lyricsrec.version import VERSION
from lyricsrec.web.api.events import is_finished_for
from lyricsrec.web.api.service import ServiceOf
from lyricsrec.web.failures import Refused
from lyricsrec.web.follow_ups.formats import DOWNLOADS
from lyricsrec.web.follow_ups.registry import FOLLOW_UPS
from lyricsrec.web.gone import no_job
from lyricsrec.web.intake.again import AgainIn, read_again
from lyricsrec.web.intake.form import MAX_LYRICS_BYTES
from lyricsrec.web.intake.slots import client_of, paced_body
from lyricsrec.web.jobs.expiry import remove_job
from lyricsrec.web.jobs.folder import put_aside
from lyricsrec.web.jobs.job import FollowUpName
from lyricsrec.web.jobs.presets import list_presets
from lyricsrec.web.schemas import (
    ErrorOut,
    FollowUpOut,
    FormatOut,
    HealthOut,
    JobList,
    JobOut,
    LimitsOut,
    LyricsIn,
    ModelsOut,
    NameIn,
    PresetOut,
    PreviewOut,
)
from lyricsrec.web.texts.preview import preview


def errors(**meanings: str) -> dict[int | str, dict[str, Any]]:
    """The error responses of a route for the OpenAPI document, as `status_404="when"`."""
    return {
        int(status.removeprefix("status_")): {"model": ErrorOut, "description": meaning}
        for status, meaning in meanings.items()
    }


ROUTER = APIRouter(prefix="/api", responses=errors(status_401="The access token is missing or wrong."))
_NO_JOB = errors(status_404="No job has this id.")
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"example": 'event: job\ndata: {"id": "...", "state": "running", ...}\n\n'}}}
}
_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {
                    "file": {"type": "string", "format": "binary", "description": "The song: audio or video."},
                    "kind": {"type": "string", "enum": ["transcribe", "align"], "default": "transcribe"},
                    "preset": {"type": "string", "description": "A preset of /api/models; its default if omitted."},
                    "language": {"type": "string", "pattern": "^[a-z]{2,3}$"},
                    "lyrics": {
                        "type": "string",
                        "maxLength": MAX_LYRICS_BYTES,
                        "description": "For `align`: plain text, one line for each sung line; or LRC, SRT, WebVTT ...",
                    },
                    "stems": {
                        "type": "boolean",
                        "default": False,
                        "description": "Also make vocals and instrumental as files.",
                    },
                },
            }
        }
    },
}


@ROUTER.post(
    "/jobs",
    status_code=201,
    tags=["jobs"],
    summary="Upload a song and queue a job",
    openapi_extra={"requestBody": _FORM},
    responses=errors(
        status_400="A field is invalid.",
        status_408="The body arrives too slowly.",
        status_413="Too large, or too long.",
        status_415="Not an audio file that can be decoded.",
        status_422="`lyrics` contains nothing to time.",
        status_429="The queue is full; try again after Retry-After seconds.",
        status_507="The server's disk is full.",
    ),
)
async def create_job(request: Request, service: ServiceOf) -> JobOut:
    """The song is saved, inspected and queued. Nothing is kept of a refused upload."""
    job = await service.intake.accept(request)
    return await to_thread.run_sync(service.show, job)


@ROUTER.get("/jobs", tags=["jobs"], summary="The newest jobs, newest first")
def list_jobs(service: ServiceOf) -> JobList:
    """Includes all jobs that are queued or running."""
    return JobList(jobs=service.jobs())


@ROUTER.get("/jobs/{id}", tags=["jobs"], summary="A job", responses=_NO_JOB)
def get_job(id: str, service: ServiceOf) -> JobOut:
    """Its state, progress and results."""
    return service.show(service.find(id))


@ROUTER.patch(
    "/jobs/{id}",
    tags=["jobs"],
    summary="Rename a song",
    responses=_NO_JOB | errors(status_422="A name is too long, or has control characters."),
)
def rename_job(id: str, name: NameIn, service: ServiceOf) -> JobOut:
    """Title and artist stand in the list and in downloads, such as `[ti:]` and `[ar:]` of LRC."""
    job = service.store.rename(service.find(id).id, title=name.title or None, artist=name.artist or None)
    if job is None:
        raise no_job()
    return service.show(job)


@ROUTER.post("/jobs/{id}/cancel", tags=["jobs"], summary="Stop a job", responses=_NO_JOB)
def cancel_job(id: str, service: ServiceOf) -> JobOut:
    """The job stays in the list as cancelled. A job in a final state does not change."""
    job = service.store.cancel(service.find(id).id)
    if job is None:
        raise no_job()
    return service.show(job)


@ROUTER.post(
    "/jobs/{id}/stems",
    tags=["jobs"],
    status_code=202,
    summary="Make vocals and instrumental",
    responses=_NO_JOB | errors(status_409="The job is not done.", status_429="The queue is full."),
)
def make_stems(id: str, service: ServiceOf) -> JobOut:
    """The job is queued again, while its lyrics stay available. A job that has its stems does not change."""
    job, folder = service.find(id), service.folder(id)
    if not job.has_lyrics:
        raise Refused(409, f"this song is not ready: its job is {job.state}", "Make its stems when it is `done`.")
    are_coming = job.stems and not job.is_over and not folder.stems_note.is_file()
    if not folder.stems_found and not are_coming:
        with put_aside(folder.stems_note):
            job = service.want(job.id, "stems")
    return service.show(job)


@ROUTER.post(
    "/jobs/{id}/follow-ups/{name}",
    tags=["jobs"],
    status_code=202,
    summary="Find the melody or the chords",
    responses=_NO_JOB
    | errors(status_409="The job is not done, or the server lacks a package.", status_429="The queue is full."),
)
def want_follow_up(id: str, name: FollowUpName, service: ServiceOf) -> JobOut:
    """The job is queued again, while its lyrics stay available. A job that has it, or waits for it, does not change."""
    job, folder = service.find(id), service.folder(id)
    if not job.has_lyrics:
        raise Refused(409, f"this song is not ready: its job is {job.state}", "Ask for it when the job is `done`.")
    hint = FOLLOW_UPS[name].hint
    if hint is not None:
        raise Refused(409, f"this server cannot find the {name}: a package is missing", hint)
    if not folder.follow_up(name).is_file():
        with put_aside(folder.follow_up_note(name)):
            job = service.want(job.id, name)
    return service.show(job)


@ROUTER.post(
    "/jobs/{id}/again",
    tags=["jobs"],
    status_code=201,
    summary="Process a song again, without uploading it",
    openapi_extra={"requestBody": {"content": {"application/json": {"schema": AgainIn.model_json_schema()}}}},
    responses=_NO_JOB
    | errors(
        status_400="A field is invalid.",
        status_408="The body arrives too slowly.",
        status_413="Too large.",
        status_422="`lyrics` contains nothing to time.",
        status_429="The queue is full.",
        status_507="The server's disk is full.",
    ),
)
async def repeat_job(id: str, request: Request, service: ServiceOf) -> JobOut:
    """A new job for the same song, with another preset or with lyrics; fields that are left out are as before.

    The old job and its corrections stay; one that failed or was cancelled is replaced.
    """
    job = await to_thread.run_sync(service.find, id)
    async with service.edits.of(client_of(request)):
        body = b"".join([chunk async for chunk in paced_body(request, service.edits)])
    new = await service.intake.again(job, read_again(body))
    if job.is_over and not job.has_lyrics:
        await to_thread.run_sync(remove_job, service.store, service.folder(job.id))
    return await to_thread.run_sync(service.show, new)


@ROUTER.post(
    "/lyrics/preview",
    tags=["jobs"],
    summary="What of pasted lyrics will be timed",
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": LyricsIn.model_json_schema()}}}
    },
    responses=errors(
        status_400="The body is invalid.", status_408="The body arrives too slowly.", status_422="They cannot be read."
    ),
)
async def preview_lyrics(request: Request, service: ServiceOf) -> PreviewOut:
    """Headings, chords, remarks and credits of a sheet are left out, unless their rows are replaced by `kept`."""
    async with service.edits.of(client_of(request)):
        body = b"".join([chunk async for chunk in paced_body(request, service.edits)])
        try:
            given = LyricsIn.model_validate_json(body)
        except ValidationError:
            raise Refused(400, "invalid request", 'Send JSON: {"lyrics": "..."}.') from None
        found = await to_thread.run_sync(preview, given.lyrics, limiter=service.heavy)
    if found is None:
        raise Refused(422, "reading the lyrics took too much time or memory", "Send plain text, a line for each line.")
    return PreviewOut.model_validate(found)


@ROUTER.delete(
    "/jobs/{id}", tags=["jobs"], status_code=204, summary="Delete a job with all its files", responses=_NO_JOB
)
def delete_job(id: str, service: ServiceOf) -> None:
    """In any state."""
    remove_job(service.store, service.folder(id))


@ROUTER.get(
    "/events",
    tags=["events"],
    summary="All jobs, as they change",
    response_class=EventSourceResponse,
    responses=_EVENTS,
)
async def follow_jobs(service: ServiceOf) -> EventSourceResponse:
    """Server-sent events: `job` with a job, at first for every job; `deleted` with `{"id"}`."""
    return service.feed.stream()


@ROUTER.get(
    "/jobs/{id}/events",
    tags=["events"],
    summary="A job, as it changes",
    response_class=EventSourceResponse,
    responses=_EVENTS
    | _NO_JOB
    | {204: {"description": "`Last-Event-ID` is the id of the last event: there is nothing more to send."}},
)
async def follow_job(id: str, service: ServiceOf, last_event_id: Annotated[str | None, Header()] = None) -> Response:
    """Server-sent events: `job` with the current state, then with every change.

    The stream ends after a `state` of `done`, `failed` or `cancelled`, or after `deleted` with `{"id"}`. A browser that
    reconnects with the id of that event gets 204, which ends its attempts.
    """
    job = await to_thread.run_sync(service.find, id)
    return Response(status_code=204) if is_finished_for(job, last_event_id) else service.feed.stream(job.id)


@ROUTER.get("/health", tags=["server"], summary="State of the server")
async def get_health(service: ServiceOf) -> HealthOut:
    """Answers within a second, and without an access token too, but then only with the status."""
    counts, worker = await service.census.take()
    return HealthOut(version=VERSION, queued=counts.get("queued", 0), running=counts.get("running", 0), worker=worker)


@ROUTER.get("/models", tags=["server"], summary="Presets, formats and limits")
def list_models(service: ServiceOf) -> ModelsOut:
    """Presets for uploads, formats for downloads, and limits on the size and duration of songs."""
    config = service.config
    return ModelsOut(
        presets=[PresetOut.model_validate(preset) for preset in list_presets(config)],
        formats=[FormatOut.model_validate(form, from_attributes=True) for form in DOWNLOADS.values()],
        follow_ups=[
            FollowUpOut(name=found.name, available=found.hint is None, hint=found.hint) for found in FOLLOW_UPS.values()
        ],
        lyrics_suffixes=list(TEXT_SUFFIXES),
        limits=LimitsOut(max_upload_mb=config.max_upload_mb, max_duration_s=config.max_duration_s),
    )
