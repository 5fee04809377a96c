"""Routes that time the words of corrected lyrics which have no times yet."""

from __future__ import annotations

import json

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from lyricsrec.base.output import write_text
from lyricsrec.web.api.routes import errors
from lyricsrec.web.api.service import Service, ServiceOf
from lyricsrec.web.failures import Refused
from lyricsrec.web.gone import no_job
from lyricsrec.web.intake.slots import client_of, paced_body
from lyricsrec.web.jobs.folder import put_aside
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.schemas import JobOut, TimedOut, TranscriptIn

ROUTER = APIRouter(
    prefix="/api/jobs/{id}",
    tags=["results"],
    responses=errors(status_401="The access token is missing or wrong.", status_404="Not found."),
)


@ROUTER.post(
    "/timing",
    status_code=202,
    summary="Time words that have no times",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": TranscriptIn.model_json_schema()}},
        }
    },
    responses=errors(
        status_408="The body arrives too slowly.",
        status_409="The job is not done, or words of it are being timed.",
        status_413="Too large.",
        status_422="Not a valid transcript, or no word of it lacks a time.",
        status_429="The queue is full.",
    ),
)
async def time_words(id: str, request: Request, service: ServiceOf) -> JobOut:
    """Give the words without times in a transcript times between those around them, which do not change.

    Nothing is saved. Only the parts of the song around those words are processed, which takes seconds; until then
    `wanted` of the job has `timing`, and DELETE ends it.
    """
    async with service.edits.of(client_of(request)):
        body = b"".join([chunk async for chunk in paced_body(request, service.edits)])
        job = await to_thread.run_sync(_want, id, body, service, limiter=service.heavy)
    return await to_thread.run_sync(service.show, job)


def _want(id: str, body: bytes, service: Service) -> Job:
    job, folder = service.find(id), service.folder(id)
    corrected = service.corrections.check(job.id, body)
    if "timing" in job.wanted.split():
        raise Refused(409, "words of this song are being timed", "Try again in a moment, or cancel it.")
    if not any(word["start_s"] is None for line in json.loads(corrected)["lines"] for word in line["words"]):
        raise Refused(422, "all words have times", "Send the words to time with `start_s` and `end_s` null.")
    with put_aside(folder.retimed):
        write_text(folder.untimed, corrected)
        return service.want(job.id, "timing")


@ROUTER.get(
    "/timing",
    summary="The words that were timed",
    response_model=TimedOut,
    responses=errors(status_409="They are still being timed, or could not be."),
)
def get_timed(id: str, service: ServiceOf) -> Response:
    """The transcript that POST got, with times for all words."""
    job, folder = service.find(id), service.folder(id)
    if "timing" in job.wanted.split():
        raise Refused(409, "the words are still being timed", "Wait until `wanted` of the job no longer has `timing`.")
    try:
        text = folder.retimed.read_text("utf-8")
    except FileNotFoundError:
        raise Refused(404, "no words of this song were timed", "POST /api/jobs/ID/timing does.") from None
    if text.startswith('{"error"'):
        raise Refused(409, f"the words could not be timed: {json.loads(text)['error']}", None)
    return Response(text.encode(), media_type="application/json")


@ROUTER.delete("/timing", summary="Do not time words any more")
def stop_timing(id: str, service: ServiceOf) -> JobOut:
    """What was being timed is dropped."""
    job = service.store.unwant(service.find(id).id, "timing")
    if job is None:
        raise no_job()
    service.folder(id).retimed.unlink(missing_ok=True)
    return service.show(job)
