"""The server, put together: routes, the page, and what stands in front of them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from lyricsrec.version import VERSION
from lyricsrec.web import routes, sound_routes
from lyricsrec.web.config import ServeConfig
from lyricsrec.web.edits import Edits
from lyricsrec.web.events import Feed
from lyricsrec.web.failures import Unforeseen, answer
from lyricsrec.web.intake import Intake
from lyricsrec.web.security import Guard
from lyricsrec.web.service import LISTED_BEYOND_QUEUE, Service
from lyricsrec.web.store import Store
from lyricsrec.web.supervisor import Supervisor
from lyricsrec.web.uploads import BodyLimit

_PAGE = Path(__file__).parent / "static"
_ABOUT = """Songs in, lyrics out: upload a song, follow its job, fetch the lyrics in any format, correct them.

Errors are `{"error": "...", "hint": "..." | null}` with a fitting status. Where the server has a token, send it as
`Authorization: Bearer TOKEN`."""


def create_app(config: ServeConfig, *, works: bool = True) -> FastAPI:
    """The server of a data folder; without `works` no worker is started, and jobs wait for one that comes from elsewhere.

    Raises UsageError for settings that would let strangers in. The lifespan opens the store and raises as `Store.open`.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with _serving(config, works=works) as service:
            app.state.service = service
            yield

    app = FastAPI(
        title="lyricsrec",
        version=VERSION,
        description=_ABOUT,
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        # Their pages load from other hosts.
        docs_url=None,
        redoc_url=None,
    )
    for kind in (HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _answer)
    app.include_router(routes.ROUTER)
    app.mount("/", StaticFiles(directory=_PAGE, html=True))
    # The last one is the outermost.
    app.add_middleware(BodyLimit, max_upload_mb=config.max_upload_mb)
    app.add_middleware(Unforeseen)
    app.add_middleware(Guard, config=config)
    return app
