"""Idle connections make room for others, and health is answered whatever else is going on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from helpers.web.served import Listener, Served, connect, serving

from lyricsrec.web.access import connections


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as server:
        yield server


def is_closed(connection: socket.socket) -> bool:
    connection.settimeout(0.05)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False


def test_a_connection_without_headers_is_closed(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADERS_S", 0.2)
    with connect(server) as silent, connect(server) as slow:
        slow.sendall(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert silent.recv(1) == b""
        assert slow.recv(1) == b""


def test_headers_after_a_response_are_awaited_for_long_enough_only(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEADERS_S", 0.5)
    with connect(server) as connection:
        for _ in range(2):
            connection.sendall(b"GET /static/app.js HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: ")
            connection.sendall(b'"x"\r\n\r\nGET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n')
        connection.sendall(b"GET / HTTP/1.1\r\n")
        answers = b"".join(iter(lambda: connection.recv(100_000), b""))
    assert answers.count(b"HTTP/1.1 200") == 4


@pytest.mark.parametrize("is_own", [True, False])
def test_the_oldest_idle_connections_make_room(server: Served, monkeypatch: pytest.MonkeyPatch, is_own: bool) -> None:
    if is_own:
        monkeypatch.setattr(connections, "MAX_CONNECTIONS", 4)
    else:
        monkeypatch.setattr(connections, "_is_own", lambda _: False)
        monkeypatch.setattr(connections, "MAX_CONNECTIONS_OF_CLIENT", 4)
    with ExitStack() as stack:
        idle = [stack.enter_context(connect(server)) for _ in range(8)]
        assert httpx.get(f"{server.url}/api/health").status_code == 200
        assert [is_closed(connection) for connection in idle] == [True] * 5 + [False] * 3


def test_connections_in_use_stay_and_a_further_one_is_closed(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    with Listener(server.url, "/api/events"), Listener(server.url, "/api/events"):
        monkeypatch.setattr(connections, "MAX_CONNECTIONS", 2)
        with connect(server) as further:
            assert further.recv(1) == b""
        monkeypatch.setattr(connections, "MAX_CONNECTIONS", 3)
        assert httpx.get(f"{server.url}/api/health").status_code == 200


def test_too_many_requests_get_503_but_health_is_answered(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_REQUESTS", 1)
    with Listener(server.url, "/api/events"):
        refused = httpx.get(f"{server.url}/api/jobs")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.json()["error"] == "the server is busy"
        assert httpx.get(f"{server.url}/api/health").json()["status"] == "ok"
    # Its place is free again once the stream has ended.
    with httpx.Client(base_url=server.url) as client:
        while client.get("/api/jobs").status_code != 200:
            pass
