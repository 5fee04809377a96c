"""Error responses: a status, one line, and a hint.

They contain neither paths nor tracebacks; an unexpected exception is logged and answered with a plain 500.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lyricsrec.base.errors import LyricsrecError, UsageError
from lyricsrec.web.jobs.database import StoreBusy
from lyricsrec.web.jobs.store import QueueFull

_LOG = logging.getLogger("lyricsrec.web")
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
_STATUS_TEXT = {404: "not found", 405: "this method is not allowed here"}
_RETRY_S = 30


class Refused(HTTPException):
    """A request that is refused: a status, what is wrong, and what to do about it."""

    def __init__(self, status: int, error: str, hint: str | None = None, headers: Mapping[str, str] | None = None):
        super().__init__(status, error, headers)
        self.hint = hint


def answer(error: Exception) -> JSONResponse:
    """The response to a request that failed with this error."""
    refused = error if isinstance(error, Refused) else _refused(error)
    body = {"error": refused.detail, "hint": refused.hint}
    return JSONResponse(body, refused.status_code, headers=refused.headers)


def _refused(error: Exception) -> Refused:
    match error:
        case RequestValidationError():
            return Refused(422, "the request is not valid", _first_problem(error))
        case HTTPException():
            text = _STATUS_TEXT.get(error.status_code, error.detail)
            return Refused(error.status_code, text, "/api/openapi.json describes all requests.", error.headers)
        case QueueFull() | StoreBusy():
            status = 429 if isinstance(error, QueueFull) else 503
            return Refused(status, str(error), error.hint, {"Retry-After": str(_RETRY_S)})
        case UsageError():
            return Refused(400, str(error), error.hint)
    if _is_disk_full(error):
        return Refused(507, "the server's disk is full", "Delete old songs, or free disk space, and try again.")
    return Refused(500, "internal error", "The server's log has details.")


def _first_problem(error: RequestValidationError) -> str | None:
    for problem in error.errors():
        place = ".".join(str(part) for part in problem["loc"] if part != "body")
        return f"{place}: {problem['msg']}" if place else str(problem["msg"])
    return None


def _is_disk_full(error: BaseException) -> bool:
    """Whether a full disk caused an error, directly or through other exceptions."""
    return any(
        (isinstance(cause, OSError) and cause.errno in _DISK_FULL)
        or (isinstance(cause, OperationalError) and "disk is full" in str(cause.orig))
        for cause in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and the chain of exceptions that led to it."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


class UnexpectedErrors:
    """ASGI middleware around all routes: turns an exception that they did not handle into a response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        has_started = False

        async def watched(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            return
        except Exception as error:
            if scope["type"] != "http" or has_started:
                raise
            response = answer(error)
            request = f"{scope['method']} {quote(scope['path'])}"
            if response.status_code == 500:
                _LOG.exception("%s", request)
            elif not isinstance(error, (LyricsrecError, HTTPException)):
                _LOG.warning("%s: %s", request, error)
            await response(scope, receive, send)
