"""Limits on request bodies: how large they may be, and how slowly they may arrive."""

from __future__ import annotations

import time

from anyio import fail_after
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lyricsrec.web.failures import Refused, answer
from lyricsrec.web.intake.form import MAX_LYRICS_BYTES

UPLOADS = "/api/jobs"
"""The path that accepts songs, and therefore large bodies."""

# About 100 bytes for each of as many words as a transcript may have.
_MAX_DOCUMENT_BYTES = 12 << 20
# The server waits for a body for so long in all, and anew after each so many bytes.
_MAX_WAIT_S = 60.0
_MIN_BYTES = 1 << 16


class BodyLimit:
    """ASGI middleware that refuses bodies which are too large or arrive too slowly.

    A body that announces its size is refused at once, any other as soon as it exceeds the limit. Slow bodies are
    refused because they would keep others waiting for an upload slot.
    """

    def __init__(self, app: ASGIApp, max_upload_mb: int) -> None:
        self._app = app
        self._max_upload_mb = max_upload_mb

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # The form's text fields and boundaries come on top of the song.
        is_upload = scope["path"] == UPLOADS
        limit = self._max_upload_mb * 1_000_000 + 2 * MAX_LYRICS_BYTES if is_upload else _MAX_DOCUMENT_BYTES
        refused = Refused(413, "the upload is too large", f"The limit is {limit // 1_000_000} MB.")
        if int(Headers(scope=scope).get("content-length", "0")) > limit:
            await answer(refused)(scope, receive, send)
            return
        received = 0
        body_timeout = _BodyTimeout()

        async def limited() -> Message:
            nonlocal received
            message = await body_timeout.receive(receive)
            received += len(message.get("body", b""))
            if received > limit:
                raise refused
            return message

        await self._app(scope, limited, send)


class _BodyTimeout:
    """How much longer the server waits for a body."""

    def __init__(self) -> None:
        self._left_s = _MAX_WAIT_S
        self._received = 0
        self._is_complete = False

    async def receive(self, receive: Receive) -> Message:
        """The next message. Raises Refused for a body that arrives too slowly."""
        if self._is_complete:
            return await receive()
        start = time.monotonic()
        try:
            with fail_after(self._left_s):
                message = await receive()
        except TimeoutError:
            raise Refused(408, "the upload is too slow or has stopped", "Try again with a better connection.") from None
        self._left_s -= time.monotonic() - start
        self._received += len(message.get("body", b""))
        self._is_complete = not message.get("more_body", False)
        if self._received >= _MIN_BYTES:
            self._left_s, self._received = _MAX_WAIT_S, 0
        return message
