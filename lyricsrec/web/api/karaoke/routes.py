"""Routes for the karaoke files of a song."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query
from starlette.responses import FileResponse, Response

from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.karaoke.video.still import draw_still
from lyricsrec.web.api.results import attachment, plain_file
from lyricsrec.web.api.routes import errors
from lyricsrec.web.api.service import Service, ServiceOf
from lyricsrec.web.failures import Refused
from lyricsrec.web.jobs.store import QueueFull
from lyricsrec.web.karaoke.kept import KeptKaraoke, download_name
from lyricsrec.web.karaoke.options import KaraokeOptionsOut, all_options
from lyricsrec.web.karaoke.request import KaraokeIn, KaraokeKind, PreviewIn, config_of
from lyricsrec.web.schemas import JobOut

ROUTER = APIRouter(
    prefix="/api",
    tags=["karaoke"],
    responses=errors(status_401="The access token is missing or wrong."),
)
_PREVIEW_SIZE = "640x360"
_MEDIA_TYPES = {".mp4": "video/mp4", ".webm": "video/webm", ".ass": "text/x-ssa; charset=utf-8"}
_REFUSED = errors(
    status_404="No job has this id.",
    status_409="The job is not done, or this file is being made.",
    status_422="A setting is invalid, or the font lacks letters of these lyrics.",
)


@ROUTER.get("/karaoke", summary="What karaoke files can look like")
def get_options() -> KaraokeOptionsOut:
    """Kinds of files, styles with their settings, and the fonts that the server has."""
    return all_options()


@ROUTER.get(
    "/jobs/{id}/karaoke-preview",
    summary="A picture of the video",
    response_class=Response,
    responses=_REFUSED | {200: {"content": {"image/png": {}}}},
)
async def preview(
    id: str,
    service: ServiceOf,
    wanted: Annotated[PreviewIn, Query()],
) -> Response:
    """PNG of 640x360 pixels: how the words look with these settings."""
    data = await to_thread.run_sync(_draw, id, wanted, service, limiter=service.drawings)
    return Response(data, media_type="image/png")


def _draw(id: str, wanted: PreviewIn, service: Service) -> bytes:
    transcript = service.corrections.read(service.find(id).id).transcript
    try:
        config = replace(config_of(wanted), size=_PREVIEW_SIZE)
        return draw_still(transcript, config, wanted.at_s)
    except UsageError as error:
        raise Refused(422, str(error), "Choose another font.") from None
    except DataError as error:
        raise Refused(409, str(error), error.hint) from None


@ROUTER.post(
    "/jobs/{id}/karaoke/{kind}",
    status_code=202,
    summary="Make a karaoke file",
    responses=_REFUSED | errors(status_429="The queue is full."),
)
def make_karaoke(id: str, kind: KaraokeKind, look: KaraokeIn, service: ServiceOf) -> JobOut:
    """The job is queued again, while its lyrics stay available; what it makes replaces the file of this kind.

    It is in `karaoke` of the job. The stems are made first where the job has none. POST /cancel stops it.
    """
    job, folder = service.find(id), service.folder(id)
    if not job.has_lyrics:
        raise Refused(409, f"this song is not ready: its job is {job.state}", "Ask for it when the job is `done`.")
    if folder.song is None:
        raise Refused(409, "the file of this song is missing", "Upload the song again.")
    kept = KeptKaraoke(folder, kind)
    if kept.name in job.wanted.split():
        raise Refused(409, "this file is being made", "Wait for it, or cancel it.")
    try:
        config_of(look)
    except UsageError as error:
        raise Refused(422, str(error), error.hint) from None
    before = kept.asked()
    kept.ask(look, job.revision)
    try:
        return service.show(service.want(job.id, kept.name))
    except QueueFull:
        kept.take_back(before)
        raise


@ROUTER.head("/jobs/{id}/karaoke/{kind}", include_in_schema=False)
@ROUTER.get(
    "/jobs/{id}/karaoke/{kind}",
    summary="A karaoke file",
    response_class=FileResponse,
    responses=errors(status_404="There is no such file."),
)
def get_karaoke(id: str, kind: KaraokeKind, service: ServiceOf) -> FileResponse:
    """The file that was made, named after the song. Supports Range requests."""
    job, kept = service.find(id), KeptKaraoke(service.folder(id), kind)
    response = plain_file(kept.path, _MEDIA_TYPES.get(kept.path.suffix, "application/zip"))
    response.headers["Content-Disposition"] = attachment(download_name(job, kind))
    return response
