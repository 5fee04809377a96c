"""Limits on connections and on requests at the same time: what one client opens does not keep others out.

A connection without a request is closed after some seconds, and earlier when there are too many: the oldest of the
client that has most. `/api/health` is answered whatever else is going on.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from itertools import count

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from lyricsrec.web.failures import Refused, answer

HEALTH = "/api/health"
MAX_CONNECTIONS = 500
MAX_CONNECTIONS_OF_CLIENT = 250
"""Connections from one address, other than this machine's: a proxy on it passes on the requests of many clients."""

MAX_REQUESTS = 400
"""Requests that are answered at the same time, event streams included."""

HEADERS_S = 10.0
"""How long the headers of a request may take."""

_NUMBERS = count()


class RequestLimit:
    """ASGI middleware that answers 503 while too many requests are being served."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._num_active = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] != "http" or scope["path"] == HEALTH:
            await self._app(scope, receive, send)
            return
        if self._num_active >= MAX_REQUESTS:
            busy = Refused(503, "the server is busy", "Try again in a moment.", {"Retry-After": "5"})
            await answer(busy)(scope, receive, send)
            return
        self._num_active += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._num_active -= 1


class LimitedConnection(H11Protocol):
    """A connection that is closed when its headers are late, or when it is idle while others need its place."""

    opened = 0
    _late: asyncio.TimerHandle | None = None
    _evicted = False

    @property
    def is_idle(self) -> bool:
        """Whether no request of it is being served."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def peer(self) -> str:
        """The address at the other end."""
        return self.client[0] if self.client else ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Make room for it, or close it."""
        super().connection_made(transport)
        self.opened = next(_NUMBERS)
        self._expect_headers()
        open_ones = [other for other in self.connections if isinstance(other, LimitedConnection)]
        mine = [other for other in open_ones if other.peer == self.peer]
        if len(mine) > MAX_CONNECTIONS_OF_CLIENT and not _is_own(self.peer):
            _evict_one(mine, self)
        elif len(open_ones) > MAX_CONNECTIONS:
            most = Counter(other.peer for other in open_ones if other.is_idle).most_common(1)[0][0]
            _evict_one([other for other in open_ones if other.peer == most], self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._expect_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read some bytes."""
        if self._evicted:
            return
        super().data_received(data)
        if not self.is_idle:
            self._expect_nothing()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._expect_headers()
        super().on_response_complete()
        if not self.is_idle:
            self._expect_nothing()

    def evict(self) -> None:
        """Close it at once."""
        self._evicted = True
        self.connections.discard(self)
        self.transport.close()

    def _expect_headers(self) -> None:
        self._expect_nothing()
        self._late = self.loop.call_later(HEADERS_S, self.timeout_keep_alive_handler)

    def _expect_nothing(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def _evict_one(candidates: list[LimitedConnection], newest: LimitedConnection) -> None:
    """Close the idle connection among the candidates that has been open longest, or else the newest."""
    idle = [other for other in candidates if other.is_idle and other is not newest]
    min(idle, key=lambda other: other.opened, default=newest).evict()


def _is_own(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        # A Unix socket.
        return True
