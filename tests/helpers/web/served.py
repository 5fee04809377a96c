"""Servers for tests: one in a thread, without a worker, and one in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

import httpx

from helpers.files import EXAMPLES
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.web.api.app import create_app
from lyricsrec.web.api.listen import http_server
from lyricsrec.web.api.service import Service
from lyricsrec.web.jobs.folder import JobFolder, new_id
from lyricsrec.web.jobs.job import Job, NewJob
from lyricsrec.web.settings import ServeConfig

SONG = EXAMPLES / "on_the_run_verse.flac"
LYRICS = EXAMPLES / "on_the_run_verse.txt"
WORDS = (
    Word("so", 1.0, 1.5, confidence=0.9),
    Word("far", 1.5, 2.0, confidence=0.8),
    Word("away", 2.0, 3.0, confidence=None),
)
TRANSCRIPT = Transcript(
    "song", 10.0, (Line(WORDS[:2]), Line(WORDS[2:])), provenance=Provenance("0", "none", "test", decoder="test")
)


@dataclass(frozen=True)
class Served:
    """A server that runs in a thread of this process, and a client of it."""

    client: httpx.Client
    service: Service
    url: str

    def add(self, name: str = "song.wav") -> Job:
        """A queued job with an invalid song file."""
        id = new_id()
        folder = JobFolder(self.service.config.folder, id)
        folder.make()
        folder.song_with_suffix(".wav").write_bytes(bytes(range(100)))
        return self.service.store.add(
            NewJob("transcribe", name, "builtin", language=None, stems=False, duration_s=10.0, size_bytes=100), id
        )

    def finish(self, job: Job, transcript: Transcript = TRANSCRIPT) -> JobFolder:
        """Do what a worker does with the next job."""
        claimed = self.service.store.claim("test", 60)
        assert claimed is not None
        folder = JobFolder(self.service.config.folder, job.id)
        folder.transcript.write_text(transcript.to_json(), "utf-8")
        if "stems" in claimed.wanted.split():
            assert self.service.store.made(job.id, "test", "stems")
        assert self.service.store.finish(job.id, "test")
        return folder

    def leftovers(self) -> list[Path]:
        """Files of incomplete uploads."""
        # os.walk, because rglob raises when a folder vanishes meanwhile.
        walk = os.walk(self.service.config.folder / "incoming")
        return [Path(folder, name) for folder, _, names in walk for name in names]


@contextlib.contextmanager
def serving(folder: Path, **settings: object) -> Iterator[Served]:
    """A server of a data folder, without a worker."""
    config = ServeConfig(folder=folder, **settings)  # type: ignore[arg-type]
    app = create_app(config, works=False)
    server = http_server(app)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            until(lambda: server.started)
            headers = {"Authorization": f"Bearer {config.token}"} if config.token else {}
            with httpx.Client(base_url=url, timeout=60, headers=headers) as client:
                yield Served(client, app.state.service, url)
        finally:
            server.should_exit = True
            thread.join()


def connect(server: Served) -> socket.socket:
    """A connection to a server."""
    parts = urlsplit(server.url)
    connection = socket.create_connection((str(parts.hostname), parts.port or 0))
    connection.settimeout(30)
    return connection


def until(holds: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.01)


@dataclass
class Event:
    """A server-sent event."""

    name: str
    data: dict[str, object]


class Listener:
    """Reads server-sent events in a thread, so that a test can wait for one."""

    def __init__(self, url: str, path: str) -> None:
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._client = httpx.Client(base_url=url, timeout=httpx.Timeout(60, read=120))
        self._response = self._client.send(self._client.build_request("GET", path), stream=True)
        assert self._response.status_code == 200
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def __enter__(self) -> Listener:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing alone would leave the thread in its read.
        with contextlib.suppress(OSError):
            self._response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._response.close()
        self._client.close()

    def next(self) -> Event | None:
        """The next event, None at the end."""
        return self._events.get(timeout=120)

    def until(self, holds: Callable[[Event], bool]) -> list[Event]:
        """Events up to the first one that satisfies a condition."""
        seen: list[Event] = []
        while not seen or not holds(seen[-1]):
            event = self.next()
            assert event is not None, seen
            seen.append(event)
        return seen

    def until_state(self, id: object, state: str) -> list[Event]:
        """Events up to the first one with a job in this state."""
        return self.until(lambda event: event.data["id"] == id and event.data.get("state") == state)

    def until_end(self) -> None:
        """Wait until the server ends the stream."""
        while self.next() is not None:
            pass

    def _read(self) -> None:
        name = ""
        with contextlib.suppress(httpx.HTTPError):
            for line in self._response.iter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self._events.put(Event(name, json.loads(line.removeprefix("data: "))))
        self._events.put(None)


@dataclass
class Process:
    """`lyricsrec serve` in a process of its own, on any free port."""

    folder: Path
    flags: tuple[str, ...] = ()
    url: str = ""
    messages: list[str] = field(default_factory=list)
    _process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and wait until it says where it is."""
        command = [sys.executable, "-m", "lyricsrec", "serve", "--port", "0", "--no-open", "--data", str(self.folder)]
        environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
        self._process = subprocess.Popen(
            [*command, *self.flags], stderr=subprocess.PIPE, text=True, env=environment, stdin=subprocess.DEVNULL
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.messages.append(line)
            if found := re.search(r"serving on (http://\S+)", line):
                self.url = found[1].removesuffix("/")
                break
        else:
            raise AssertionError(self.messages)
        # A full pipe would block it.
        threading.Thread(target=self.messages.extend, args=(self._process.stderr,)).start()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal, and wait; its exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(60)
