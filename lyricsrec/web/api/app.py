"""The application: routes, the page, and the middleware around them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from lyricsrec.version import VERSION
from lyricsrec.web.access.connections import RequestLimit
from lyricsrec.web.access.security import Guard, check_access
from lyricsrec.web.api.karaoke.routes import ROUTER as KARAOKE
from lyricsrec.web.api.page import Page
from lyricsrec.web.api.results import ROUTER as RESULTS
from lyricsrec.web.api.retiming import ROUTER as RETIMING
from lyricsrec.web.api.routes import ROUTER as JOBS
from lyricsrec.web.api.service import serving
from lyricsrec.web.failures import UnexpectedErrors, answer
from lyricsrec.web.gone import GoneJobs
from lyricsrec.web.intake.body_limit import BodyLimit
from lyricsrec.web.settings import ServeConfig

_ABOUT = """From songs to lyrics: upload a song, follow its job, download the lyrics in any format, correct them.

Errors are `{"error": "...", "hint": "..." | null}` with an HTTP status. If the server requires an access token, send it
as `Authorization: Bearer TOKEN`."""


def create_app(config: ServeConfig, *, works: bool = True) -> FastAPI:
    """The application for a data folder; without `works` it starts no worker, and jobs stay queued.

    Raises UsageError for settings that would give strangers access; its lifespan raises as `Store.open` does.
    """

    check_access(config)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with serving(config, works=works) as service:
            app.state.service = service
            yield

    app = FastAPI(
        title="lyricsrec",
        version=VERSION,
        description=_ABOUT,
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        # FastAPI's documentation pages load scripts from other hosts.
        docs_url=None,
        redoc_url=None,
    )
    for kind in (HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _answer)
    app.include_router(JOBS)
    app.include_router(RESULTS)
    app.include_router(RETIMING)
    app.include_router(KARAOKE)
    page = Page()

    @app.head("/", include_in_schema=False)
    @app.get("/", include_in_schema=False)
    async def index(request: Request) -> Response:
        return page.answer("index.html", request)

    @app.head("/service-worker.js", include_in_schema=False)
    @app.get("/service-worker.js", include_in_schema=False)
    async def worker(request: Request) -> Response:
        return page.worker(request)

    @app.head("/static/{name:path}", include_in_schema=False)
    @app.get("/static/{name:path}", include_in_schema=False)
    async def file(name: str, request: Request) -> Response:
        return page.answer(name, request)

    # The last middleware added is the outermost.
    app.add_middleware(BodyLimit, max_upload_mb=config.max_upload_mb)
    app.add_middleware(GoneJobs, root=config.folder, store=lambda: app.state.service.store)
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(RequestLimit)
    app.add_middleware(Guard, config=config)
    return app


async def _answer(request: Request, error: Exception) -> Response:
    response = answer(error)
    if response.status_code == 405:
        # The router names the methods of the first matching route only.
        routes = (*JOBS.routes, *RESULTS.routes, *RETIMING.routes, *KARAOKE.routes, *request.app.routes)
        matching = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
        methods = {method for route in matching for method in getattr(route, "methods", None) or ()}
        response.headers["Allow"] = ", ".join(sorted(methods)) or response.headers.get("Allow", "")
    return response
