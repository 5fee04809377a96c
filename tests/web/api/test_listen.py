"""Limits of the HTTP server: idle connections and large headers; addresses to listen on."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest
from helpers.web.served import Listener, Served, connect, serving

from lyricsrec.base.errors import UsageError
from lyricsrec.web.api import listen
from lyricsrec.web.settings import ServeConfig

KEEP_ALIVE_S = 1


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listen, "KEEP_ALIVE_S", KEEP_ALIVE_S)
        with serving(tmp_path_factory.mktemp("data")) as server:
            yield server


def test_an_idle_connection_is_closed(server: Served) -> None:
    with connect(server) as connection:
        connection.sendall(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(10_000), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") == 1


def test_headers_that_do_not_end_are_refused(server: Served) -> None:
    with connect(server) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: " + b"x" * (listen.MAX_HEADER_BYTES + 1))
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
    assert httpx.get(f"{server.url}/", headers={"X-Small": "x" * 1000}).status_code == 200


def test_event_streams_are_not_idle(server: Served) -> None:
    job = server.add()
    with Listener(server.url, "/api/events") as events:
        events.until_state(job.id, "queued")
        time.sleep(KEEP_ALIVE_S + 0.5)
        server.service.store.cancel(job.id)
        events.until_state(job.id, "cancelled")


def test_slow_bodies_are_not_idle(server: Served) -> None:
    with connect(server) as connection:
        head = b"PUT /api/jobs/x/transcript HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        connection.sendall(head + b"Content-Length: 2\r\nConnection: close\r\n\r\n{")
        time.sleep(KEEP_ALIVE_S + 0.5)
        connection.sendall(b"}")
        assert connection.recv(100).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "http://127.0.0.1:1/"),
        ({"host": "::1"}, "http://[::1]:1/"),
        ({"host": "songs.example", "token": "a&b"}, "http://songs.example:1/?token=a%26b"),
    ],
)
def test_the_address_to_open(settings: dict[str, str], address: str) -> None:
    assert listen.address_of(ServeConfig(**settings), 1) == address  # type: ignore[arg-type]


def test_an_unknown_host_name() -> None:
    with pytest.raises(UsageError, match=r"--host nowhere\.invalid: unknown host name"):
        listen.listen(ServeConfig(host="nowhere.invalid"))
