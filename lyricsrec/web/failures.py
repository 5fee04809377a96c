"""What goes wrong with a request, as people and programs read it: a status, one line, and a hint.

Nothing of it names a path or shows a trace; what nobody foresaw goes to stderr and becomes a plain 500.
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
from lyricsrec.web.jobs.store import QueueFull

_LOG = logging.getLogger("lyricsrec.web")
_FULL = {errno.ENOSPC, errno.EDQUOT}
_STATUS_TEXT = {404: "there is nothing of this name", 405: "this cannot be done here"}
_RETRY_S = 30


class Refused(HTTPException):
    """A request that is answered with an error on purpose: a status, what is wrong, and what to do about it."""

    def __init__(self, status: int, error: str, hint: str | None = None, headers: Mapping[str, str] | None = None):
        super().__init__(status, error, headers)
        self.hint = hint


def answer(error: Exception) -> JSONResponse:
    """The answer to a request that failed so."""
    refused = error if isinstance(error, Refused) else _refused(error)
    body = {"error": refused.detail, "hint": refused.hint}
    return JSONResponse(body, refused.status_code, headers=refused.headers)


def _refused(error: Exception) -> Refused:
    match error:
        case RequestValidationError():
            return Refused(422, "this request does not have the form that is expected here", _first_problem(error))
        case HTTPException():
            text = _STATUS_TEXT.get(error.status_code, error.detail)
            return Refused(error.status_code, text, "See /api/openapi.json.", error.headers)
        case QueueFull():
            return Refused(429, str(error), error.hint, {"Retry-After": str(_RETRY_S)})
        case UsageError():
            return Refused(400, str(error), error.hint)
    if _is_disk_full(error):
        return Refused(507, "the disk of this server is full", "Delete old jobs, or make room and try again.")
    return Refused(500, "something went wrong in here", "What it was is in the server's own messages.")


def _first_problem(error: RequestValidationError) -> str | None:
    for problem in error.errors():
        place = ".".join(str(part) for part in problem["loc"] if part != "body")
        return f"{place}: {problem['msg']}" if place else str(problem["msg"])
    return None


def _is_disk_full(error: BaseException) -> bool:
    """Whether a full disk is behind an error, which may have been told in other words since."""
    return any(
        (isinstance(cause, OSError) and cause.errno in _FULL)
        or (isinstance(cause, OperationalError) and "disk is full" in str(cause.orig))
        for cause in _behind(error)
    )


def _behind(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


class Unforeseen:
    """ASGI middleware around all routes: an exception that none of them foresaw becomes an answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        began = False

        async def remembering(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._app(scope, receive, remembering)
        except ClientDisconnect:
            return
        except Exception as error:
            if scope["type"] != "http" or began:
                raise
            response = answer(error)
            asked = f"{scope['method']} {quote(scope['path'])}"
            if response.status_code == 500:
                _LOG.exception("%s", asked)
            elif not isinstance(error, (LyricsrecError, HTTPException)):
                _LOG.warning("%s: %s", asked, error)
            await response(scope, receive, send)
