"""Connections on which nothing comes are closed, and no others."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from helpers.web.served import Listener, Served, serving

from lyricsrec.web.api import patience


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(patience, "HEADERS_S", 0.5)
    with serving(tmp_path_factory.mktemp("data")) as server:
        yield server


def connect(server: Served) -> socket.socket:
    parts = urlsplit(server.url)
    connection = socket.create_connection((str(parts.hostname), parts.port or 0))
    connection.settimeout(30)
    return connection


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\n"])
def test_a_request_that_does_not_come(server: Served, begun: bytes) -> None:
    with connect(server) as connection:
        connection.sendall(begun)
        assert connection.recv(100) == b""


def test_a_second_request_that_trickles(server: Served) -> None:
    with connect(server) as connection:
        connection.sendall(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(10_000).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /")
        began = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - began < 30:
                connection.sendall(b"a")
                time.sleep(0.05)
        assert time.monotonic() - began < 20


def test_answers_that_last_are_let_alone(server: Served) -> None:
    job = server.add()
    with Listener(server.url, "/api/events") as events:
        events.until_state(job.id, "queued")
        time.sleep(1.0)
        server.service.store.cancel(job.id)
        events.until_state(job.id, "cancelled")


def test_a_slow_body_has_its_own_patience(server: Served) -> None:
    with connect(server) as connection:
        head = b"PUT /api/jobs/x/transcript HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        connection.sendall(head + b"Content-Length: 2\r\nConnection: close\r\n\r\n{")
        time.sleep(1.0)
        connection.sendall(b"}")
        assert connection.recv(100).startswith(b"HTTP/1.1 422")
