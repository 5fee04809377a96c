"""Health is answered at once while clients send what used to freeze the server: each against a server of its own."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from helpers.web.served import SONG, TRANSCRIPT, Process

from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.web.jobs.folder import JobFolder, new_id
from lyricsrec.web.jobs.job import NewJob
from lyricsrec.web.jobs.store import Store

pytestmark = pytest.mark.slow

# A second on a quiet machine; the tests run beside others.
SLOWEST_S = 3.0
NEW = NewJob("transcribe", "song.wav", "builtin", language=None, stems=False, duration_s=10.0, size_bytes=100)


@contextmanager
def served(folder: Path) -> Iterator[Process]:
    server = Process(folder)
    server.start()
    try:
        yield server
    finally:
        server.end()


@contextmanager
def health_is_answered(url: str) -> Iterator[None]:
    """Ask for it again and again, each time by a new connection, while the block runs."""
    times: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            began = time.monotonic()
            connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
            connection.request("GET", "/api/health")
            assert connection.getresponse().status == 200
            connection.close()
            times.append(time.monotonic() - began)
            time.sleep(0.1)

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        time.sleep(0.5)
        try:
            yield
        finally:
            over.set()
        asking.result()
    print(f"health: {len(times)} answers, the slowest after {max(times):.2f} s")
    assert max(times) < SLOWEST_S, times


@pytest.mark.parametrize("num_spaces", [1_200, 20_000, 150_000])
def test_lyrics_with_many_spaces(tmp_path: Path, num_spaces: int) -> None:
    with served(tmp_path) as server:
        with health_is_answered(server.url):
            files = {"file": ("song.flac", SONG.read_bytes()), "lyrics": (None, f"hello a{' ' * num_spaces}b\n")}
            answer = httpx.post(f"{server.url}/api/jobs", data={"kind": "align"}, files=files, timeout=120)
        assert answer.status_code in (201, 422)


def test_three_transcripts_of_11_mb_at_once(tmp_path: Path) -> None:
    store, id = Store.open(tmp_path), new_id()
    folder = JobFolder(tmp_path, id)
    folder.make()
    folder.transcript.write_text(TRANSCRIPT.to_json(), "utf-8")
    store.add(NEW, id)
    assert store.claim("test", 60.0) is not None
    assert store.finish(id, "test")
    store.close()
    line = Line((Word("l" * 40, 1.0, 2.0),) * 10)
    transcript = json.loads(replace(TRANSCRIPT, lines=(line,) * 6_000).to_json())
    body = json.dumps({"revision": 0, "transcript": transcript}).encode()
    assert 10_000_000 < len(body) < 12_000_000
    with served(tmp_path) as server:
        with health_is_answered(server.url), ThreadPoolExecutor(3) as pool:
            url = f"{server.url}/api/jobs/{id}/transcript"
            answers = list(pool.map(lambda _: httpx.put(url, content=body, timeout=300).status_code, range(3)))
        assert sorted(answers) == [200, 409, 409]
        with health_is_answered(server.url), ThreadPoolExecutor(9) as pool:
            names = ("txt", "lrc", "srt", "vtt", "ass", "json", "ttml", "csv", "TextGrid")
            urls = [f"{server.url}/api/jobs/{id}/download/{name}" for name in names]
            assert list(pool.map(lambda url: httpx.get(url, timeout=300).status_code, urls)) == [200] * 9


def open_connections(url: str, num: int, sent: bytes, stack: ExitStack) -> list[socket.socket]:
    address = (str(urlsplit(url).hostname), urlsplit(url).port or 0)
    opened = [stack.enter_context(socket.create_connection(address)) for _ in range(num)]
    for connection in opened:
        connection.sendall(sent)
    return opened


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\n"])
def test_450_idle_connections(tmp_path: Path, sent: bytes) -> None:
    with served(tmp_path) as server, ExitStack() as stack:
        open_connections(server.url, 450, sent, stack)
        with health_is_answered(server.url):
            assert httpx.get(server.url).status_code == 200
            time.sleep(1.0)


def test_16_trickling_uploads_do_not_delay_another(tmp_path: Path) -> None:
    head = b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    with served(tmp_path) as server, ExitStack() as stack:
        slow = open_connections(server.url, 16, head + b"Content-Length: 500000\r\n\r\n" + part, stack)
        with health_is_answered(server.url):
            time.sleep(1.0)
            began = time.monotonic()
            answer = httpx.post(f"{server.url}/api/jobs", files={"file": ("a.flac", SONG.read_bytes())}, timeout=200)
            assert answer.status_code == 201
            print(f"uploaded in {time.monotonic() - began:.1f} s")
            assert time.monotonic() - began < 30.0
        assert len(slow) == 16
