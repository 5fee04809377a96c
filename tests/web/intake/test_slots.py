"""Places for uploads are shared fairly, and slow clients leave theirs to those who wait."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest
from helpers.web.served import SONG, connect, serving, until

from lyricsrec.web.intake import intake, slots
from lyricsrec.web.intake.slots import Slots


def in_loop(test: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 30))


async def holder(places: Slots, client: str, order: list[str], leave: asyncio.Event) -> None:
    async with places.of(client):
        order.append(client)
        await leave.wait()


async def start(places: Slots, clients: str, order: list[str]) -> list[tuple[asyncio.Task[None], asyncio.Event]]:
    started = []
    for client in clients:
        leave = asyncio.Event()
        started.append((asyncio.create_task(holder(places, client, order, leave)), leave))
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    return started


def test_a_client_gets_its_share_and_leaves_the_rest_to_others() -> None:
    async def test() -> None:
        order: list[str] = []
        places = Slots(4, 3)
        tasks = await start(places, "aaaaab", order)
        assert order == ["a", "a", "a", "b"]
        assert places.is_wanted("a")
        assert places.is_wanted("b")
        tasks[5][1].set()
        await tasks[5][0]
        # The free place is not for a client that has its share.
        assert order == ["a", "a", "a", "b"]
        assert places.is_wanted("a")
        assert not places.is_wanted("b")
        for _, leave in tasks:
            leave.set()
        await asyncio.gather(*(task for task, _ in tasks))
        assert order == ["a", "a", "a", "b", "a", "a"]
        assert not places.is_wanted("a")

    in_loop(test)


def test_the_client_with_fewest_places_is_served_first() -> None:
    async def test() -> None:
        order: list[str] = []
        places = Slots(2, 2)
        tasks = await start(places, "aaaabc", order)
        assert order == ["a", "a"]
        tasks[0][1].set()
        await asyncio.sleep(0.01)
        assert order == ["a", "a", "b"]
        tasks[1][1].set()
        await asyncio.sleep(0.01)
        # Both hold none now: the one that has waited longer.
        assert order == ["a", "a", "b", "a"]
        for _, leave in tasks:
            leave.set()
        await asyncio.gather(*(task for task, _ in tasks))

    in_loop(test)


def test_a_place_is_free_again_after_a_failure_or_an_end_while_waiting() -> None:
    async def test() -> None:
        places = Slots(1, 1)
        with contextlib.suppress(KeyError):
            async with places.of("a"):
                raise KeyError
        order: list[str] = []
        (_, leave), (waiting, _) = await start(places, "aa", order)
        waiting.cancel()
        leave.set()
        await asyncio.sleep(0.01)
        async with places.of("b"):
            assert order == ["a"]

    in_loop(test)


def test_a_slow_upload_leaves_its_place_to_one_that_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "_MAX_UPLOADS", 1)
    monkeypatch.setattr(slots, "_WINDOW_S", 0.3)
    monkeypatch.setattr(slots, "_POLL_S", 0.1)
    head = b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    with serving(tmp_path) as server, connect(server) as slow:
        slow.sendall(head + b"Content-Length: 500000\r\n\r\n" + part)
        until(server.leftovers)
        slow.settimeout(1.0)
        with pytest.raises(TimeoutError):
            # As long as nobody waits, it may be slow.
            slow.recv(100)
        slow.settimeout(30.0)
        began = time.monotonic()
        answer = server.client.post("/api/jobs", files={"file": ("song.flac", SONG.read_bytes())})
        assert answer.status_code == 201
        assert time.monotonic() - began < 20
        assert slow.recv(1000).startswith(b"HTTP/1.1 408")
