"""`lyricsrec serve` in a process of its own, with real songs; and how it refuses to start."""

from __future__ import annotations

import concurrent.futures
import importlib.util
import signal
import socket
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest
import soundfile
from helpers.command_line import Cli
from helpers.sounds import chord, write_song
from helpers.web.served import LYRICS, SONG, Listener, Process, until
from typer.testing import CliRunner

from lyricsrec.cli import app
from lyricsrec.lyrics.normalise import normalized_words
from lyricsrec.lyrics.transcript import Transcript

MAX_QUEUED = 40


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    server = Process(tmp_path_factory.mktemp("serve"), ("--max-queued", str(MAX_QUEUED)))
    server.start()
    yield server
    with Listener(server.url, "/api/events") as events:
        assert server.end(signal.SIGINT) == 130
        events.until_end()
    until(lambda: any("continue at the next start" in line for line in server.messages))
    assert not any("ERROR" in line for line in server.messages), server.messages
    # The worker went with it.
    assert not workers(server)


@pytest.fixture
def client(server: Process) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=120) as client:
        yield client


def workers(server: Process) -> list[psutil.Process]:
    """The workers of a server's data folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "lyricsrec.web.work.worker" in command and str(server.folder) in command:
            found.append(process)
    return found


def waits_while(client: httpx.Client, holds: Callable[[], bool]) -> list[float]:
    """How long the server takes for its answers, in seconds, while something holds."""
    waits = []
    while holds():
        for path in ("/", "/api/health", "/api/jobs"):
            began = time.monotonic()
            assert client.get(path).status_code == 200
            waits.append(time.monotonic() - began)
    return waits


def summary(waits: list[float]) -> str:
    """Response times as text."""
    return f"{len(waits)} answers in {statistics.median(waits) * 1000:.0f} ms, {max(waits) * 1000:.0f} ms at most"


def upload(client: httpx.Client, song: Path = SONG, **fields: str) -> httpx.Response:
    return client.post("/api/jobs", files={"file": (song.name, song.read_bytes())}, data={"preset": "builtin"} | fields)


@pytest.mark.slow
def test_lyrics_are_timed_although_every_process_is_killed(server: Process) -> None:
    with httpx.Client(base_url=server.url, timeout=120) as client, Listener(server.url, "/api/events") as events:
        job = upload(client, kind="align", lyrics=LYRICS.read_text()).json()
        events.until_state(job["id"], "running")
        (worker,) = workers(server)
        worker.kill()
        events.until(lambda event: event.data["state"] == "running" and event.data["attempts"] == 2)
        assert [other.pid for other in workers(server)] != [worker.pid]
        server.end(signal.SIGKILL)
    server.start()
    with httpx.Client(base_url=server.url, timeout=120) as client:
        with Listener(server.url, f"/api/jobs/{job['id']}/events") as events:
            events.until_state(job["id"], "done")
        transcript = Transcript.from_json(client.get(f"/api/jobs/{job['id']}/download/json").text)
    assert transcript.text == LYRICS.read_text().strip()
    assert all(line.placement is not None and line.placement.band in ("sure", "likely") for line in transcript.lines)


@pytest.mark.slow
def test_a_song_is_transcribed_and_followed(server: Process, client: httpx.Client, tmp_path: Path) -> None:
    # Long enough for its stages to be seen at the server's pace.
    verse, rate = soundfile.read(SONG, dtype="float32", always_2d=True)
    song = write_song(tmp_path / "song.flac", np.tile(verse, (3, 1)), rate)
    with Listener(server.url, "/api/events") as events:
        job = upload(client, song, stems="true").json()
        events.until_state(job["id"], "running")
        waits = waits_while(client, lambda: client.get(f"/api/jobs/{job['id']}").json()["state"] == "running")
        seen = events.until(lambda event: event.data["id"] == job["id"] and event.data["state"] in ("done", "failed"))
    print(f"while a song is transcribed: {summary(waits)}")
    assert seen[-1].data["state"] == "done", seen[-1].data
    assert {"separating", "recognising"} & {event.data["stage"] for event in seen}
    path = f"/api/jobs/{job['id']}"
    transcript = Transcript.from_json(client.get(f"{path}/download/json").text)
    assert normalized_words(transcript.text, "plain")[0] == "so"
    assert transcript.provenance.preset == "builtin"
    assert client.get(f"{path}/download/lrc").text.count("[00:") >= len(transcript.lines)
    assert client.get(path).json()["has_stems"]
    assert client.get(f"{path}/stems/vocals").content.startswith(b"fLaC")
    assert client.get(f"{path}/audio").content == song.read_bytes()
    peaks = client.get(f"{path}/peaks").json()
    assert len(peaks["peaks"]) == pytest.approx(transcript.duration_s / peaks["hop_s"], abs=1)


@pytest.mark.slow
def test_fifty_at_once(server: Process, client: httpx.Client, tmp_path: Path) -> None:
    """Each is accepted or refused with 429, none twice and none lost; and the server answers meanwhile."""
    before = len(client.get("/api/jobs").json()["jobs"])
    songs = [write_song(tmp_path / f"{number}.wav", chord(0.5 + number / 100, 8000), 8000) for number in range(50)]
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = [pool.submit(upload, client, song) for song in songs]
        waits = waits_while(client, lambda: not all(answer.done() for answer in answers))
    codes = Counter(answer.result().status_code for answer in answers)
    assert set(codes) <= {201, 429}
    assert codes[201] >= MAX_QUEUED
    jobs = client.get("/api/jobs").json()["jobs"]
    taken = {answer.result().json()["id"] for answer in answers if answer.result().status_code == 201}
    assert len(taken) == codes[201] == len(jobs) - before
    assert taken == {job["id"] for job in jobs[: len(taken)]}
    assert len({job["duration_s"] for job in jobs[: len(taken)]}) == len(taken)
    print(f"while 50 songs come ({codes}): {summary(waits)}")
    for id in taken:
        assert client.delete(f"/api/jobs/{id}").status_code == 204
    assert {path.name for path in (server.folder / "jobs").iterdir()} >= {job["id"] for job in jobs[len(taken) :]}
    assert not list((server.folder / "incoming").rglob("*.*"))


def test_other_machines_need_a_token(cli: Cli) -> None:
    done = cli("serve", "--host", "0.0.0.0", "--data", "data", LYRICSREC_TOKEN="")
    assert done.returncode == 2
    assert b"needs an access token" in done.stderr
    assert b"LYRICSREC_TOKEN=" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_port_in_use(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = cli("serve", "--port", str(port), "--data", "data")
    assert done.returncode == 2
    assert f"port {port} is in use".encode() in done.stderr


def test_a_folder_with_another_server(cli: Cli, server: Process) -> None:
    done = cli("serve", "--port", "0", "--data", server.folder)
    assert done.returncode == 2
    assert b"another `lyricsrec serve`" in done.stderr


def test_a_folder_that_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    done = cli("serve", "--port", "0", "--data", tmp_path / "file" / "data")
    assert done.returncode == 1
    assert b"cannot write to" in done.stderr


def test_a_file_that_is_not_a_database(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").write_text("nonsense" * 1000)
    done = cli("serve", "--port", "0", "--data", tmp_path)
    assert done.returncode == 1
    assert b"jobs.sqlite" in done.stderr
    assert b"Traceback" not in done.stderr


def test_an_address_of_another_machine(cli: Cli) -> None:
    done = cli("serve", "--host", "192.0.2.1", "--token", "open-sesame", "--port", "0", "--data", "data")
    assert done.returncode == 2
    assert b"cannot listen on 192.0.2.1" in done.stderr


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "fastapi" else find(name, *rest)
    )
    done = CliRunner().invoke(app, ["serve"])
    assert done.exit_code == 1
    assert "pip install 'lyricsrec[web]'" in done.stderr


def test_the_token_is_part_of_the_address(tmp_path: Path) -> None:
    server = Process(tmp_path, ("--token", "open&sesame"))
    server.start()
    try:
        assert server.url.endswith("/?token=open%26sesame")
        assert httpx.get(server.url).status_code == 303
    finally:
        assert server.end(signal.SIGTERM) == 143


def test_help_shows_how(cli: Cli) -> None:
    done = cli("serve", "--help", COLUMNS="200")
    assert done.returncode == 0
    assert b"openssl rand" in done.stdout
