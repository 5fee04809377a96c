"""Jobs are done or fail with a one-line error; none is lost when a worker crashes."""

from __future__ import annotations

import errno
import gc
import json
import resource
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import psutil
import pytest
from helpers.files import ROOT
from helpers.sounds import chord, write_song
from helpers.web.planted_worker import HalfVoice, add_job, planted, wait_for

from lyricsrec.audio.audio import Audio
from lyricsrec.base.errors import ModelError
from lyricsrec.base.progress import Progress, Report, ignore
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.pipeline.load import load_pipeline
from lyricsrec.pipeline.pipeline import Pipeline
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.separation.base import NoSeparator, Separator, Stems, stems_of
from lyricsrec.web.jobs.folder import JobFolder, folders
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.work import heartbeat
from lyricsrec.web.work.worker import Worker


@pytest.fixture
def config(tmp_path: Path) -> ServeConfig:
    return ServeConfig(folder=tmp_path / "data", device="cpu")


@pytest.fixture
def store(config: ServeConfig) -> Store:
    return Store.open(config.folder)


@pytest.fixture
def worker(store: Store, config: ServeConfig) -> Worker:
    return Worker(store, config, "w", planted, load_separator=lambda _: HalfVoice())


def after(store: Store, worker: Worker, job: Job) -> Job:
    """The job after one round of the worker."""
    assert worker.work()
    found = store.get(job.id)
    assert found is not None
    return found


def files(config: ServeConfig, job: Job) -> list[str]:
    return sorted(path.name for path in JobFolder(config.folder, job.id).path.iterdir())


def test_a_song_becomes_a_transcript_and_a_waveform(
    store: Store, worker: Worker, config: ServeConfig, tone: Path
) -> None:
    job = add_job(store, config.folder, tone)
    done = after(store, worker, job)
    assert (done.state, done.error, done.attempts) == ("done", None, 1)
    assert files(config, job) == ["peaks.json", "song.wav", "transcript.json"]
    folder = JobFolder(config.folder, job.id)
    transcript = Transcript.from_json(folder.transcript.read_text("utf-8"))
    # The original file name, not that of the stored file.
    assert (transcript.song, transcript.text) == ("My song", "la la la")
    assert len(json.loads(folder.peaks.read_text())["peaks"]) == 60
    assert not worker.work()


def test_stems_are_kept_if_requested(store: Store, worker: Worker, config: ServeConfig, tone: Path) -> None:
    job = add_job(store, config.folder, tone, stems=True)
    assert after(store, worker, job).state == "done"
    folder = JobFolder(config.folder, job.id)
    assert files(config, job)[-4:-1] == ["stems.instrumental.flac", "stems.txt", "stems.vocals.flac"]
    assert (folder.stems_found, folder.stems_note.read_text()) == (["vocals", "instrumental"], "")


def test_stems_can_be_made_later_and_the_lyrics_stay(
    store: Store, worker: Worker, config: ServeConfig, tone: Path
) -> None:
    job = add_job(store, config.folder, tone)
    done = after(store, worker, job)
    folder = JobFolder(config.folder, job.id)
    written = folder.transcript.stat().st_mtime_ns
    queued = store.want(job.id, "stems")
    assert queued is not None
    assert (queued.state, queued.has_lyrics, queued.stems) == ("queued", True, True)
    again = after(store, worker, job)
    assert (again.state, again.finished_at, again.attempts) == ("done", done.finished_at, 1)
    assert folder.stems_found == ["vocals", "instrumental"]
    assert folder.transcript.stat().st_mtime_ns == written


class Nothing:
    """Finds no voice."""

    name = "nothing"

    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        return stems_of(0 * mix.samples, mix)


class Broken:
    """Fails with an error of a library."""

    name = "broken"

    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        raise RuntimeError("the library failed")


@pytest.mark.parametrize(
    ("separator", "note"),
    [
        (Nothing(), "No instrumental or vocals: no voice was found."),
        (NoSeparator(), "No instrumental: nothing but the voice was found."),
        (Broken(), "The tracks could not be made; the server's log has details."),
    ],
)
def test_a_song_without_stems_has_its_lyrics_and_a_reason(
    store: Store, config: ServeConfig, tone: Path, separator: Separator, note: str
) -> None:
    job = add_job(store, config.folder, tone, stems=True)
    done = after(store, Worker(store, config, "w", planted, load_separator=lambda _: separator), job)
    folder = JobFolder(config.folder, job.id)
    assert (done.state, done.error, done.has_lyrics) == ("done", None, True)
    assert folder.stems_note.read_text() == note
    assert folder.stems_found == (["vocals"] if isinstance(separator, NoSeparator) else [])


@cache
def aligner(config: PipelineConfig) -> Pipeline:
    """A real pipeline with the built-in model, loaded once for all tests."""
    return load_pipeline(config)


@pytest.mark.parametrize(
    "lyrics",
    [
        "oh my love\nbe mine\n",
        "[00:00.20]oh my love\n[00:02.00]be mine\n",
        "1\n00:00:00,200 --> 00:00:01,000\noh my love\n\n2\n00:00:02,000 --> 00:00:03,000\nbe mine\n",
    ],
)
def test_lyrics_of_any_format_are_aligned(store: Store, config: ServeConfig, tone: Path, lyrics: str) -> None:
    # The built-in model recognises next to nothing in a chord; the test is that every line is in the result.
    job = add_job(store, config.folder, tone, kind="align", preset="offline", stems=True)
    JobFolder(config.folder, job.id).lyrics.write_text(lyrics)
    worker = Worker(store, config, "w", lambda config, _: aligner(config), load_separator=lambda _: HalfVoice())
    assert after(store, worker, job).error is None
    transcript = Transcript.from_json(JobFolder(config.folder, job.id).transcript.read_text("utf-8"))
    assert [line.text for line in transcript.lines] == ["oh my love", "be mine"]
    assert transcript.provenance.decoder == "given lyrics"
    assert all(line.placement is not None for line in transcript.lines)
    assert JobFolder(config.folder, job.id).stems_found == ["vocals", "instrumental"]


def test_no_lyrics(store: Store, worker: Worker, config: ServeConfig, tone: Path) -> None:
    job = add_job(store, config.folder, tone, kind="align")
    JobFolder(config.folder, job.id).lyrics.write_text("...\n")
    failed = after(store, worker, job)
    assert (failed.state, failed.error) == ("failed", "the lyrics: no lyrics in it")


def failing(error: Exception) -> Callable[[PipelineConfig, Progress], Pipeline]:
    def load(config: PipelineConfig, progress: Progress) -> Pipeline:
        raise error

    return load


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ModelError("/models/mine: no model"), "the models of preset 'builtin' are not available on this server"),
        (MemoryError(), "the server does not have enough memory for this song"),
        (
            RuntimeError("[enforce fail at /src/alloc.cpp:1] DefaultCPUAllocator: can't allocate memory"),
            "the server does not have enough memory for this song",
        ),
        (RuntimeError("std::bad_alloc"), "the server does not have enough memory for this song"),
        (
            RuntimeError("at /usr/lib/x.py"),
            "unexpected error while processing this song (RuntimeError); the server's log has details",
        ),
    ],
)
def test_errors_contain_no_paths(store: Store, config: ServeConfig, tone: Path, error: Exception, message: str) -> None:
    job = add_job(store, config.folder, tone)
    failed = after(store, Worker(store, config, "w", failing(error)), job)
    assert (failed.state, failed.error) == ("failed", message)


def test_a_song_that_cannot_be_decoded_fails_and_the_next_is_done(
    store: Store, worker: Worker, config: ServeConfig, tone: Path
) -> None:
    jobs = [add_job(store, config.folder, b"no sound at all"), add_job(store, config.folder, tone)]
    failed = after(store, worker, jobs[0])
    assert failed.error == "My song.wav: not an audio file, or too damaged to read"
    assert after(store, worker, jobs[1]).state == "done"


def test_a_song_that_takes_too_much_memory_to_decode(store: Store, config: ServeConfig, tone: Path) -> None:
    job = add_job(store, config.folder, tone)
    failed = after(store, Worker(store, replace(config, decode_memory_gib=0.05), "w", planted), job)
    assert failed.error == "My song.wav: decoding it took too much time or memory"


def test_a_song_longer_than_its_header_says(store: Store, config: ServeConfig, tmp_path: Path) -> None:
    job = add_job(store, config.folder, write_song(tmp_path / "long.wav", chord(10.0)))
    failed = after(store, Worker(store, replace(config, max_duration_s=6.0), "w", planted), job)
    assert failed.error == "My song.wav: longer than 0.1 minutes, the limit of this server"


def test_an_unknown_preset(store: Store, worker: Worker, config: ServeConfig, tone: Path) -> None:
    job = add_job(store, config.folder, tone, preset="../../evil/model")
    assert after(store, worker, job).error == "unknown preset '../../evil/model'"


def test_a_missing_upload(store: Store, worker: Worker, config: ServeConfig, tone: Path) -> None:
    job = add_job(store, config.folder, tone)
    JobFolder(config.folder, job.id).song.unlink()  # type: ignore[union-attr]
    assert after(store, worker, job).error == "My song.wav: the uploaded file is missing"


@pytest.mark.parametrize("name", ["transcript.json", "peaks.json"])
def test_a_full_disk(
    store: Store, worker: Worker, config: ServeConfig, tone: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    real = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if (name == "peaks.json") == data.startswith(b'{"hop_s"'):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, data)

    job = add_job(store, config.folder, tone)
    monkeypatch.setattr(Path, "write_bytes", full)
    monkeypatch.setattr("lyricsrec.web.work.worker._DISK_PAUSE_S", 0.0)
    for attempt in (1, 2):
        again = after(store, worker, job)
        assert (again.state, again.attempts) == ("queued", attempt)
    failed = after(store, worker, job)
    assert failed.error == "the result could not be saved: the server's disk is full or not writable"
    assert name not in files(config, job)
    assert not [file for file in files(config, job) if file.endswith(".tmp")]


LIMITED = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from helpers.web.planted_worker import HalfVoice, planted
from lyricsrec.web.work import worker
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.jobs.store import Store
worker._DISK_PAUSE_S = 0.0
config = ServeConfig(folder=Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
worker.Worker(Store.open(config.folder), config, "limited", planted, load_separator=lambda _: HalfVoice()).work()
"""


def test_a_disk_that_fills_up_in_the_middle_of_a_file(
    store: Store, worker: Worker, config: ServeConfig, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (10 * 44_100, 2)).astype(np.float32)
    job = add_job(store, config.folder, write_song(tmp_path / "song.wav", noise), stems=True)
    # A limit on file sizes simulates a full disk; the stems exceed it.
    command = [sys.executable, "-c", LIMITED, str(config.folder), str(ROOT / "tests")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    again = store.get(job.id)
    assert again is not None
    assert (again.state, again.attempts, again.has_lyrics) == ("queued", 1, True)
    assert files(config, job) == ["peaks.json", "song.wav", "transcript.json"]
    assert after(store, worker, job).state == "done"
    assert JobFolder(config.folder, job.id).stems_found == ["vocals", "instrumental"]


def test_room_on_the_disk_again(
    store: Store, worker: Worker, config: ServeConfig, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = add_job(store, config.folder, tone)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        patch.setattr("lyricsrec.web.work.worker._DISK_PAUSE_S", 0.0)
        assert after(store, worker, job).state == "queued"
    assert after(store, worker, job).state == "done"


@pytest.fixture
def working(store: Store, worker: Worker, config: ServeConfig, tone: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job that would go on for a minute."""
    monkeypatch.setenv("PLANTED_S", "60")
    return add_job(store, config.folder, tone)


def begin(store: Store, worker: Worker, job: Job) -> threading.Thread:
    """Work in a thread, until the song is being recognised."""
    thread = threading.Thread(target=worker.work)
    thread.start()
    wait_for(lambda: store.get(job.id).stage == "recognising")  # type: ignore[union-attr]
    return thread


def test_a_cancelled_job_stops_at_once(store: Store, worker: Worker, config: ServeConfig, working: Job) -> None:
    thread = begin(store, worker, working)
    store.cancel(working.id)
    thread.join(10)
    assert not thread.is_alive()
    assert store.get(working.id).state == "cancelled"  # type: ignore[union-attr]
    assert files(config, working) == ["peaks.json", "song.wav"]


def test_a_deleted_job_stops_and_leaves_nothing(
    store: Store, worker: Worker, config: ServeConfig, working: Job
) -> None:
    thread = begin(store, worker, working)
    store.delete(working.id)
    thread.join(3)
    assert not thread.is_alive()
    assert store.jobs() == []
    assert folders(config.folder) == []


def test_a_job_of_another_worker_is_not_touched(store: Store, worker: Worker, working: Job) -> None:
    thread = begin(store, worker, working)
    store.requeue_lost("w")
    assert store.claim("other", 60.0) is not None
    thread.join(3)
    assert not thread.is_alive()
    assert store.get(working.id).state == "running"  # type: ignore[union-attr]
    assert store.finish(working.id, "other")


def test_a_job_that_is_given_back_is_queued(store: Store, worker: Worker, working: Job) -> None:
    thread = begin(store, worker, working)
    worker.give_back()
    thread.join(3)
    assert not thread.is_alive()
    found = store.get(working.id)
    assert found is not None
    assert (found.state, found.attempts) == ("queued", 0)


def test_a_lease_is_renewed_while_work_goes_on(
    store: Store, config: ServeConfig, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED_S", "4.5")
    job = add_job(store, config.folder, tone)
    thread = threading.Thread(target=Worker(store, replace(config, lease_s=2.0), "w", planted).work)
    thread.start()
    wait_for(lambda: store.counts().get("running"))
    while thread.is_alive():
        assert store.requeue_lost() == 0
        time.sleep(0.1)
    assert store.get(job.id).state == "done"  # type: ignore[union-attr]


def test_work_that_does_not_stop_ends_with_the_process(
    store: Store, config: ServeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes: list[int] = []
    monkeypatch.setattr(heartbeat, "_GRACE_S", 0.1)
    monkeypatch.setattr("os._exit", codes.append)
    job = add_job(store, config.folder, b"x")
    store.claim("w", 60.0)
    with heartbeat.Heartbeat(store, job.id, "w", 0.3, lambda: codes.append(0)):
        store.cancel(job.id)
        wait_for(lambda: len(codes) == 2)
    assert codes == [0, heartbeat.EXIT_STUCK]


def test_progress_is_reported_at_most_four_times_a_second(store: Store, config: ServeConfig) -> None:
    job = add_job(store, config.folder, b"x")
    store.claim("w", 60.0)
    before = store.version()
    with heartbeat.Heartbeat(store, job.id, "w", 60.0) as progress:
        end = time.monotonic() + 0.6
        while time.monotonic() < end:
            progress.update("separating", 1.0, 4.0)
        progress.update("recognising", 9.0, 4.0)
        shown = store.get(job.id)
    assert shown is not None
    assert (shown.stage, shown.progress) == ("recognising", 1.0)
    assert 2 <= store.version() - before <= 4


def test_memory_stays_flat_over_many_jobs(
    store: Store, worker: Worker, config: ServeConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A process for each song would take a minute.
    monkeypatch.setattr("lyricsrec.web.work.worker.read_peaks", lambda *_: [0.0])
    song = write_song(tmp_path / "short.wav", chord(0.5, 8000), 8000)
    for _ in range(10):
        add_job(store, config.folder, song)
        worker.work()
    gc.collect()
    rss, num_threads = psutil.Process().memory_info().rss, threading.active_count()
    tracemalloc.start()
    used = [tracemalloc.get_traced_memory()[0]]
    for _ in range(2):
        for _ in range(25):
            add_job(store, config.folder, song)
            worker.work()
        gc.collect()
        used.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert store.counts() == {"done": 60}
    # A table of Python's that grows once, by 8 MB after many other tests, does not count.
    assert min(used[1] - used[0], used[2] - used[1]) < 75_000
    assert psutil.Process().memory_info().rss - rss < 30 << 20
    assert threading.active_count() <= num_threads
    assert psutil.Process().num_fds() < resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 4
