"""Jobs over HTTP: create, list, follow, cancel, delete; and what can be asked for."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Header, Request
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from lyricsrec.formats.writers import FORMATS
from lyricsrec.version import VERSION
from lyricsrec.web.api.edits import no_job
from lyricsrec.web.api.events import has_heard
from lyricsrec.web.api.service import ServiceOf
from lyricsrec.web.intake.uploads import MAX_LYRICS_BYTES
from lyricsrec.web.jobs.expiry import remove_job
from lyricsrec.web.jobs.presets import list_presets
from lyricsrec.web.schemas import ErrorOut, FormatOut, HealthOut, JobList, JobOut, LimitsOut, ModelsOut, PresetOut


def errors(**meanings: str) -> dict[int | str, dict[str, Any]]:
    """The errors of a route for its documentation, as `status_404="when"`."""
    return {
        int(status.removeprefix("status_")): {"model": ErrorOut, "description": meaning}
        for status, meaning in meanings.items()
    }


ROUTER = APIRouter(prefix="/api", responses=errors(status_401="The token is missing or wrong."))
_NO_JOB = errors(status_404="There is no such job.")
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
                    "file": {"type": "string", "format": "binary", "description": "The song: sound or video."},
                    "kind": {"type": "string", "enum": ["transcribe", "align"], "default": "transcribe"},
                    "preset": {"type": "string", "description": "One of /api/models; the default one without it."},
                    "language": {"type": "string", "pattern": "^[a-z]{2,3}$"},
                    "lyrics": {
                        "type": "string",
                        "maxLength": MAX_LYRICS_BYTES,
                        "description": "For `align`: plain text, a line for each sung line; or LRC, SRT, WebVTT ...",
                    },
                    "stems": {
                        "type": "boolean",
                        "default": False,
                        "description": "Keep voice and accompaniment, where the preset separates them.",
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
    summary="Upload a song, and queue a job for it",
    openapi_extra={"requestBody": _FORM},
    responses=errors(
        status_400="A field means nothing.",
        status_408="It comes too slowly.",
        status_413="Too large, or too long.",
        status_415="No sound that can be read.",
        status_422="No lyrics to time.",
        status_429="The queue is full; Retry-After says when to try again.",
        status_507="The disk is full.",
    ),
)
async def create_job(request: Request, service: ServiceOf) -> JobOut:
    """The song is written to disk as it comes, looked at, and queued. Nothing is kept of what is refused."""
    job = await service.intake.take(request)
    return await to_thread.run_sync(service.show, job)


@ROUTER.get("/jobs", tags=["jobs"], summary="The newest jobs, newest first")
def list_jobs(service: ServiceOf) -> JobList:
    """All that wait or run are among them."""
    return JobList(jobs=service.jobs())


@ROUTER.get("/jobs/{id}", tags=["jobs"], summary="A job", responses=_NO_JOB)
def get_job(id: str, service: ServiceOf) -> JobOut:
    """How far it is, and what can be had of it."""
    return service.show(service.find(id))


@ROUTER.post("/jobs/{id}/cancel", tags=["jobs"], summary="Stop a job", responses=_NO_JOB)
def cancel_job(id: str, service: ServiceOf) -> JobOut:
    """It stays in the list, as cancelled. One that is over stays as it is."""
    job = service.store.cancel(service.find(id).id)
    if job is None:
        raise no_job()
    return service.show(job)


@ROUTER.delete(
    "/jobs/{id}", tags=["jobs"], status_code=204, summary="Delete a job with all its files", responses=_NO_JOB
)
def delete_job(id: str, service: ServiceOf) -> None:
    """In whatever state it is."""
    remove_job(service.store, service.folder(id))


@ROUTER.get(
    "/events",
    tags=["events"],
    summary="All jobs, as they change",
    response_class=EventSourceResponse,
    responses=_EVENTS,
)
async def follow_jobs(service: ServiceOf) -> EventSourceResponse:
    """Server-sent events: `job` with a job, first for each one there is; `deleted` with `{"id"}`."""
    return service.feed.stream()


@ROUTER.get(
    "/jobs/{id}/events",
    tags=["events"],
    summary="A job, as it changes",
    response_class=EventSourceResponse,
    responses=_EVENTS | _NO_JOB | {204: {"description": "`Last-Event-ID` is that of its last event: it is over."}},
)
async def follow_job(id: str, service: ServiceOf, last_event_id: Annotated[str | None, Header()] = None) -> Response:
    """Server-sent events: `job` with its present state, and then with every change.

    The stream ends after the one with a `state` of `done`, `failed` or `cancelled`, or after `deleted` with `{"id"}`. A
    browser that connects again then, with the id of that event, is told by 204 to leave it at that.
    """
    job = await to_thread.run_sync(service.find, id)
    return Response(status_code=204) if has_heard(job, last_event_id) else service.feed.stream(job.id)


@ROUTER.get("/health", tags=["server"], summary="Whether the server is well")
def get_health(service: ServiceOf) -> HealthOut:
    """Answers without a token, too, but then with the status only."""
    counts = service.store.counts()
    queued, running = counts.get("queued", 0), counts.get("running", 0)
    return HealthOut(version=VERSION, queued=queued, running=running, worker=service.supervisor.state)


@ROUTER.get("/models", tags=["server"], summary="Presets, formats and limits")
def list_models(service: ServiceOf) -> ModelsOut:
    """What `preset` of an upload may be, which formats results come in, and how large and long songs may be."""
    config = service.config
    return ModelsOut(
        presets=[PresetOut.model_validate(preset) for preset in list_presets(config)],
        formats=[FormatOut.model_validate(form) for form in FORMATS.values()],
        limits=LimitsOut(max_upload_mb=config.max_upload_mb, max_duration_s=config.max_duration_s),
    )
