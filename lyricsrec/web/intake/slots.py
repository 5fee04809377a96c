"""Places for requests with large bodies, shared fairly among clients, and the pace that is expected of them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.requests import Request

from lyricsrec.web.failures import Refused

# A client that sends less than this while others wait for its place must leave it.
_MIN_BYTES_PER_S = 32_000
_WINDOW_S = 5.0
_POLL_S = 0.5


@dataclass(eq=False)
class _Waiting:
    client: str
    granted: asyncio.Event = field(default_factory=asyncio.Event)


class Slots:
    """`num` places, of which one client gets at most `share`; the client that holds fewest is served first."""

    def __init__(self, num: int, share: int) -> None:
        self._num, self._share = num, share
        self._held = Counter[str]()
        self._waiting: list[_Waiting] = []

    @contextlib.asynccontextmanager
    async def of(self, client: str) -> AsyncIterator[None]:
        """Hold a place while the block runs; wait for one first."""
        waiting = _Waiting(client)
        self._waiting.append(waiting)
        self._grant()
        try:
            await waiting.granted.wait()
            yield
        finally:
            if waiting.granted.is_set():
                self._held[client] -= 1
            else:
                self._waiting.remove(waiting)
            self._grant()

    def is_wanted(self, client: str) -> bool:
        """Whether someone waits who could have a place of this client."""
        is_full = self._held.total() >= self._num
        return any(waiting.client == client or is_full for waiting in self._waiting)

    def _grant(self) -> None:
        while self._held.total() < self._num:
            able = [waiting for waiting in self._waiting if self._held[waiting.client] < self._share]
            if not able:
                break
            # Of clients that hold equally many, the one that has waited longest.
            first = min(able, key=lambda waiting: self._held[waiting.client])
            self._waiting.remove(first)
            self._held[first.client] += 1
            first.granted.set()
        self._held = +self._held


def client_of(request: Request) -> str:
    """The address of a client; behind a proxy on this machine the one in X-Forwarded-For."""
    return request.client.host if request.client else ""


async def paced_body(request: Request, slots: Slots) -> AsyncIterator[bytes]:
    """The body of a request that holds a place. Raises Refused when it is slow while others wait."""
    client = client_of(request)
    chunks = request.stream()
    since, received = time.monotonic(), 0
    while True:
        pending = asyncio.ensure_future(anext(chunks, None))
        try:
            while not (await asyncio.wait({pending}, timeout=_POLL_S))[0]:
                if time.monotonic() - since >= _WINDOW_S:
                    _check_pace(received, slots, client)
        finally:
            pending.cancel()
        chunk = pending.result()
        if chunk is None:
            return
        yield chunk
        received += len(chunk)
        if time.monotonic() - since >= _WINDOW_S:
            _check_pace(received, slots, client)
            since, received = time.monotonic(), 0


def _check_pace(received: int, slots: Slots, client: str) -> None:
    if received < _WINDOW_S * _MIN_BYTES_PER_S and slots.is_wanted(client):
        raise Refused(408, "the upload is too slow while others wait", "Try again later, or with a better connection.")
