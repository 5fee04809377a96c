"""Requests for jobs that are deleted meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from anyio import to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lyricsrec.web.failures import Refused, answer
from lyricsrec.web.jobs.folder import JobFolder, is_id
from lyricsrec.web.jobs.store import Store

_OF_JOB = re.compile(r"/api/jobs/([^/]+)/")


def no_job() -> Refused:
    """The response for an unknown job id."""
    return Refused(404, "no job has this id", "GET /api/jobs lists all jobs.")


class GoneJobs:
    """ASGI middleware: a request that fails because its job is deleted meanwhile gets 404.

    What it has written by then into the folder of that job is removed.
    """

    def __init__(self, app: ASGIApp, root: Path, store: Callable[[], Store]) -> None:
        self._app, self._root, self._store = app, root, store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        of_job = _OF_JOB.match(scope["path"]) if scope["type"] == "http" else None
        if of_job is None or not is_id(of_job[1]):
            await self._app(scope, receive, send)
            return
        has_started = False

        async def watched(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        folder = JobFolder(self._root, of_job[1])
        try:
            await self._app(scope, receive, watched)
        except Exception:
            if not await to_thread.run_sync(self._is_gone, folder) or has_started:
                raise
            await answer(no_job())(scope, receive, send)
        else:
            await to_thread.run_sync(self._is_gone, folder)

    def _is_gone(self, folder: JobFolder) -> bool:
        """Whether a job was deleted; files that were written since then are removed."""
        if self._store().get(folder.id) is not None:
            return False
        folder.remove()
        return True
