"""The worker process is kept running; jobs survive crashes of worker and server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from helpers.web import planted_worker
from helpers.web.planted_worker import add_job, wait_for

from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.karaoke.kept import KeptKaraoke
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.work.stems import FAILED
from lyricsrec.web.work.supervisor import Supervisor
from lyricsrec.web.work.wanted.lost import requeue_lost

WORKER = Path(planted_worker.__file__)
COMMAND = (sys.executable, str(WORKER))


@pytest.fixture
def config(tmp_path: Path) -> ServeConfig:
    return ServeConfig(folder=tmp_path / "data")


@pytest.fixture
def store(config: ServeConfig) -> Store:
    return Store.open(config.folder)


@pytest.fixture
def supervisor(store: Store, config: ServeConfig) -> Iterator[Supervisor]:
    supervisor = Supervisor(store, config, COMMAND)
    supervisor.start()
    yield supervisor
    supervisor.stop()


def state(store: Store, job: Job) -> str:
    found = store.get(job.id)
    assert found is not None
    return found.state


def test_a_worker_runs_jobs_and_has_a_state(
    store: Store, config: ServeConfig, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED_S", "1")
    supervisor = Supervisor(store, config, COMMAND)
    assert supervisor.state == "down"
    supervisor.start()
    wait_for(lambda: supervisor.state == "starting")
    wait_for(lambda: supervisor.state == "idle")
    job = add_job(store, config.folder, tone)
    wait_for(lambda: supervisor.state == "busy")
    wait_for(lambda: state(store, job) == "done")
    wait_for(lambda: supervisor.state == "idle")
    pid = supervisor.pid
    assert pid is not None
    supervisor.stop()
    assert supervisor.state == "down"
    assert not psutil.pid_exists(pid)


def test_a_killed_worker_is_replaced_and_its_job_done(
    store: Store, config: ServeConfig, supervisor: Supervisor, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for(lambda: supervisor.state == "idle")
    supervisor.stop()
    monkeypatch.setenv("PLANTED_S", "60")
    slow = Supervisor(store, config, COMMAND)
    slow.start()
    job = add_job(store, config.folder, tone)
    wait_for(lambda: state(store, job) == "running")
    monkeypatch.setenv("PLANTED_S", "0")
    os.kill(slow.pid or 0, signal.SIGKILL)
    wait_for(lambda: state(store, job) == "done")
    assert store.get(job.id).error is None  # type: ignore[union-attr]
    assert store.get(job.id).attempts == 2  # type: ignore[union-attr]
    slow.stop()


def test_jobs_of_a_crashed_server_are_done_whatever_the_clock(store: Store, config: ServeConfig, tone: Path) -> None:
    job = add_job(store, config.folder, tone)
    # The machine restarted, and its clock is an hour behind now.
    assert store.claim("gone", 3600.0) is not None
    supervisor = Supervisor(store, config, COMMAND)
    supervisor.start()
    wait_for(lambda: state(store, job) == "done")
    supervisor.stop()


def test_a_clock_jump_requeues_no_job(
    store: Store, config: ServeConfig, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def clock_offset() -> float:
        calls.append(1)
        return 100.0 * min(len(calls), 20)

    monkeypatch.setattr("lyricsrec.web.work.supervisor._REQUEUE_INTERVAL_S", 0.02)
    monkeypatch.setattr("lyricsrec.web.work.supervisor._clock_offset", clock_offset)
    supervisor = Supervisor(store, config, ("/nowhere/python",))
    supervisor.start()
    job = add_job(store, config.folder, tone)
    assert store.claim("w", -1.0) is not None
    wait_for(lambda: state(store, job) == "queued")
    assert len(calls) >= 20
    supervisor.stop()


@pytest.mark.slow
def test_a_song_that_crashes_every_worker_fails_and_the_next_is_done(
    store: Store, config: ServeConfig, tone: Path, tmp_path: Path
) -> None:
    deadly = tmp_path / "deadly.py"
    deadly.write_text(
        "import os, sys\n"
        f"sys.path.insert(0, {str(WORKER.parent)!r})\n"
        "import planted_worker\n"
        "def load(config, progress):\n"
        "    if config.preset == 'offline':\n"
        "        os.kill(os.getpid(), 9)\n"
        "    return planted_worker.planted(config, progress)\n"
        "planted_worker.main(*sys.argv[1:], load=load)\n"
    )
    bad = add_job(store, config.folder, tone, preset="offline")
    good = add_job(store, config.folder, tone)
    supervisor = Supervisor(store, config, (sys.executable, str(deadly)))
    supervisor.start()
    wait_for(lambda: state(store, good) == "done")
    supervisor.stop()
    failed = store.get(bad.id)
    assert failed is not None
    assert (failed.state, failed.attempts) == ("failed", 3)
    killed = "the system ended the process, most likely because memory ran out (SIGKILL)"
    assert failed.error == f"processing crashed 3 times on this song: {killed}"


def test_a_worker_that_uses_too_much_memory_is_ended_and_its_song_fails(
    store: Store,
    config: ServeConfig,
    tone: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("PLANTED_S", "60")
    monkeypatch.setattr("lyricsrec.web.work.supervisor._WATCH_S", 0.1)
    supervisor = Supervisor(store, replace(config, worker_memory_gib=8.0), COMMAND)
    supervisor.start()
    bad = add_job(store, config.folder, tone)
    wait_for(lambda: state(store, bad) == "running")
    used = [9 << 30]
    monkeypatch.setattr("lyricsrec.web.work.supervisor.used_bytes", lambda _: used.pop() if used else 0)
    wait_for(lambda: state(store, bad) == "failed")
    error = store.get(bad.id).error  # type: ignore[union-attr]
    assert error == "processing this song was ended: it needs more memory than the limit of 8 GiB"
    monkeypatch.setenv("PLANTED_S", "0")
    wait_for(lambda: supervisor.state == "idle")
    supervisor.stop()
    assert "the worker was lost: it needs more memory than the limit of 8 GiB" in caplog.text


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="uses Linux's limit")
def test_a_song_that_needs_too_much_memory_fails_and_the_worker_goes_on(
    store: Store, config: ServeConfig, tone: Path, tmp_path: Path
) -> None:
    hungry = tmp_path / "hungry.py"
    hungry.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(WORKER.parent)!r})\n"
        "import planted_worker\n"
        "def load(config, progress):\n"
        "    import torch\n"
        "    if config.preset == 'offline':\n"
        "        torch.ones(1 << 30)\n"
        "    return planted_worker.planted(config, progress)\n"
        "planted_worker.main(*sys.argv[1:], load=load)\n"
    )
    bad = add_job(store, config.folder, tone, preset="offline")
    good = add_job(store, config.folder, tone)
    supervisor = Supervisor(store, replace(config, worker_memory_gib=2.0), (sys.executable, str(hungry)))
    supervisor.start()
    wait_for(lambda: state(store, good) == "done")
    supervisor.stop()
    failed = store.get(bad.id)
    assert failed is not None
    assert (failed.state, failed.attempts) == ("failed", 1)
    assert failed.error == "the server does not have enough memory for this song"


def test_stopping_requeues_the_job(
    store: Store, config: ServeConfig, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED_S", "60")
    supervisor = Supervisor(store, config, COMMAND)
    supervisor.start()
    job = add_job(store, config.folder, tone)
    wait_for(lambda: state(store, job) == "running")
    supervisor.stop()
    found = store.get(job.id)
    assert found is not None
    assert (found.state, found.attempts) == ("queued", 0)


SERVE = """
import sys, time
from pathlib import Path
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.work.supervisor import Supervisor
config = ServeConfig(folder=Path(sys.argv[1]))
supervisor = Supervisor(Store.open(config.folder), config, sys.argv[2:])
supervisor.start()
while True:
    print(supervisor.pid or 0, flush=True)
    time.sleep(0.05)
"""


def test_a_killed_server_leaves_no_worker_and_loses_no_job(
    store: Store, config: ServeConfig, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED_S", "60")
    jobs = [add_job(store, config.folder, tone) for _ in range(3)]
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(config.folder), *COMMAND], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    wait_for(lambda: state(store, jobs[0]) == "running")
    pids = {int(server.stdout.readline()) for _ in range(20)}
    server.kill()
    server.communicate()
    wait_for(lambda: not any(psutil.pid_exists(pid) for pid in pids - {0}), 20.0)
    assert state(store, jobs[0]) == "queued"
    monkeypatch.setenv("PLANTED_S", "0")
    again = Supervisor(store, config, COMMAND)
    again.start()
    wait_for(lambda: store.counts() == {"done": 3})
    again.stop()
    assert [job.attempts for job in store.jobs()] == [1, 1, 1]


def test_a_worker_that_cannot_start_is_down(store: Store, config: ServeConfig) -> None:
    supervisor = Supervisor(store, config, ("/nowhere/python",))
    supervisor.start()
    wait_for(lambda: supervisor.state == "down")
    supervisor.stop()


def test_a_worker_that_does_not_stop_is_killed(
    store: Store, config: ServeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lyricsrec.web.work.supervisor._STOP_S", 0.5)
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True)\n"
    supervisor = Supervisor(store, config, (sys.executable, "-c", f"{stubborn}time.sleep(60)"))
    supervisor.start()
    wait_for(lambda: supervisor.state == "idle")
    pid = supervisor.pid
    assert pid is not None
    supervisor.stop()
    assert not psutil.pid_exists(pid)


def test_what_was_wanted_of_a_song_that_crashes_the_worker_gets_a_note(store: Store, config: ServeConfig) -> None:
    job = add_job(store, config.folder, b"song")
    folder = JobFolder(config.folder, job.id)
    store.claim("w", 60)
    store.finish(job.id, "w")
    for name in ("melody", "timing", "karaoke-mp4", "stems"):
        store.want(job.id, name)
    for attempt in range(config.max_attempts):
        assert not folder.follow_up_note("melody").exists()
        store.claim("w", 60)
        # Work that is still to be tried again, or is not lost, gets none.
        requeue_lost(store, config)
        assert state(store, job) == "running", attempt
        requeue_lost(store, config, "w")
    assert state(store, job) == "done"
    notes = [folder.follow_up_note("melody"), KeptKaraoke(folder, "mp4").note, folder.retimed]
    assert ["crashed" in note.read_text() for note in notes] == [True] * 3
    assert folder.stems_note.read_text() == FAILED
    assert not folder.follow_up_note("chords").exists()
