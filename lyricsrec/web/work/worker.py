"""The process that works on jobs, one at a time: `python -m lyricsrec.web.work.worker FOLDER NAME [SETTINGS]`.

It ends when its standard input is closed, which happens when the server ends, however that ends; the job at hand goes
back into the queue.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from lyricsrec.audio.media import Song, open_song
from lyricsrec.base.errors import AudioError, LyricsrecError, ModelError, OutputError
from lyricsrec.base.output import sweep, write_text
from lyricsrec.base.progress import Progress
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.jobs.presets import pipeline_config
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.child import step_back
from lyricsrec.web.songs.peaks import peaks_to_json, read_peaks
from lyricsrec.web.songs.playable import plays_in_browsers, write_playable
from lyricsrec.web.work.heartbeat import Heartbeat, TakenAway
from lyricsrec.web.work.pipelines import Load, Pipelines, load

READY = "ready\n"
"""What a worker prints once it can take jobs."""

_LOG = logging.getLogger("lyricsrec.web")
_IDLE_S = 0.25
_DISK_PAUSE_S = 5.0
_NICENESS = 10
_LONGEST_ERROR = 300


class Worker:
    """Takes jobs from a store and does them. `load` makes pipelines, which stay loaded."""

    def __init__(self, store: Store, config: ServeConfig, name: str, load: Load = load) -> None:
        self._store, self._config, self._name = store, config, name
        self._pipelines = Pipelines(config.max_pipelines, load)
        self._current: str | None = None

    def run(self) -> None:
        """Work for ever."""
        while True:
            try:
                if not self.work():
                    time.sleep(_IDLE_S)
            except LyricsrecError as error:
                # The disk is full for the list of jobs, too, or that is damaged. What was at hand is queued again when
                # its lease runs out.
                _LOG.error("%s", error)
                time.sleep(_DISK_PAUSE_S)

    def work(self) -> bool:
        """Do the job that waits longest; False when none waits. What goes wrong with a job is written down in it."""
        job = self._store.claim(self._name, self._config.lease_s)
        if job is None:
            return False
        self._current = job.id
        try:
            self._do(job)
        finally:
            self._current = None
        return True

    def give_back(self) -> None:
        """Put the job at hand back into the queue, as if it had never been taken."""
        if self._current is not None:
            self._store.release(self._current, self._name)

    def _do(self, job: Job) -> None:
        folder = JobFolder(self._config.folder, job.id)
        try:
            lease_s = self._config.lease_s
            with Heartbeat(self._store, job.id, self._name, lease_s, lambda: self._clean_up(folder)) as heartbeat:
                self._write_results(job, folder, heartbeat)
        except TakenAway:
            self._clean_up(folder)
        except OutputError as error:
            self._disk_failed(job, folder, error)
        except Exception as error:
            # One song must not end the worker, whatever a library makes of it.
            if not isinstance(error, LyricsrecError):
                _LOG.exception("job %s failed", job.id)
            self._finish(job, folder, _for_people(error, job))
        else:
            self._finish(job, folder)

    def _finish(self, job: Job, folder: JobFolder, error: str | None = None) -> None:
        if not self._store.finish(job.id, self._name, error=error):
            self._clean_up(folder)

    def _clean_up(self, folder: JobFolder) -> None:
        """Leave nothing half done of a job that was cancelled, and nothing at all of one that was deleted."""
        job = self._store.get(folder.id)
        if job is None:
            folder.remove()
        elif job.is_over:
            sweep(folder.path)

    def _write_results(self, job: Job, folder: JobFolder, progress: Progress) -> None:
        sweep(folder.path)
        progress.update("reading", 0.0, job.duration_s)
        path = _song_of(job, folder)
        peaks = read_peaks(
            path, job.name, self._config, lambda done_s: progress.update("reading", done_s, job.duration_s)
        )
        write_text(folder.peaks, peaks_to_json(peaks))
        if folder.song is not None and not plays_in_browsers(folder.song):
            with _opened(job, folder) as song:
                write_playable(song, folder.playable)
        transcript = self._transcript(job, folder, progress)
        # The last moment to notice that nobody wants it any more.
        progress.update("writing", 0.0, None)
        write_text(folder.transcript, transcript.to_json())

    def _transcript(self, job: Job, folder: JobFolder, progress: Progress) -> Transcript:
        config = pipeline_config(job, self._config)
        if job.kind == "transcribe":
            pipeline = self._pipelines.get(config, progress)
            stems = folder.stems if job.stems and config.separator_name != "none" else None
            with _opened(job, folder) as song:
                return pipeline.transcribe(song, progress=progress, stems=stems)
        from lyricsrec.alignment.settings import AlignConfig
        from lyricsrec.formats.read import parse_lyrics
        from lyricsrec.lyrics.languages import language_name

        given = parse_lyrics(folder.lyrics.read_text("utf-8"), "the lyrics")
        spoken = language_name(job.language) or given.language or AlignConfig.language
        pipeline = self._pipelines.get(config, progress)
        with _opened(job, folder) as song:
            return pipeline.align(song, given.lines, AlignConfig(language=spoken), progress=progress)

    def _disk_failed(self, job: Job, folder: JobFolder, error: OutputError) -> None:
        _LOG.error("job %s: %s", job.id, error)
        if job.attempts >= self._config.max_attempts:
            self._finish(job, folder, _for_people(error, job))
        elif self._store.release(job.id, self._name, counted=True):
            # Somebody may make room.
            time.sleep(_DISK_PAUSE_S)
        else:
            self._clean_up(folder)


@contextlib.contextmanager
def _opened(job: Job, folder: JobFolder) -> Iterator[Song]:
    """The song of a job, under its user's name for it. Raises AudioError when it cannot be read."""
    with _song_of(job, folder).open("rb") as file:
        yield open_song(file, job.name)


def _song_of(job: Job, folder: JobFolder) -> Path:
    path = folder.song
    if path is None:
        raise AudioError(f"{job.name}: the upload is gone")
    return path


def _for_people(error: Exception, job: Job) -> str:
    """One line about what went wrong, which names neither files of this machine nor flags of the command line."""
    if isinstance(error, OutputError):
        return "the result could not be written: the server's disk is full or cannot be written"
    if isinstance(error, ModelError):
        return f"the models of preset '{job.preset}' cannot be used on this server"
    if _wants_memory(error):
        return "the server has too little memory for this song"
    if not isinstance(error, LyricsrecError):
        return f"this song met a fault in the program ({type(error).__name__})"
    line = " ".join(str(error).split())
    return line if len(line) <= _LONGEST_ERROR else f"{line[:_LONGEST_ERROR]}…"


def _wants_memory(error: Exception) -> bool:
    # torch has a class for graphics memory only, and C++ none; torch is not imported for this.
    said = ("can't allocate memory", "bad_alloc", "bad allocation", "out of memory")
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, RuntimeError) and any(words in str(error) for words in said))
    )


class _End:
    """What tells a worker to end: standard input is closed, or SIGTERM has come.

    A handler in Python would wait until a library lets the main thread go on; the wake-up descriptor does not.
    """

    def __init__(self) -> None:
        if sys.platform == "win32":
            # There is no such signal there, and nobody waits for two things of which one is no socket.
            return
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        signal.set_wakeup_fd(self._waker.fileno())
        signal.signal(signal.SIGTERM, lambda *_: None)

    def wait(self) -> None:
        """Return when it is time."""
        stdin = sys.stdin.fileno()
        if sys.platform == "win32":
            while os.read(stdin, 1 << 10):
                pass
            return
        while True:
            ready, _, _ = select.select([self._woken, stdin], [], [])
            if self._woken in ready and signal.SIGTERM in self._woken.recv(64):
                return
            if stdin in ready and not os.read(stdin, 1 << 10):
                return


def main(folder: str, name: str, settings: str = "{}", *, load: Load = load) -> None:
    """Be a worker called `name`; `settings` are fields of `ServeConfig` as JSON, `load` makes pipelines."""
    config = ServeConfig(folder=Path(folder), **json.loads(settings))
    # The server has to answer while this computes.
    step_back(_NICENESS)
    its_end = _End()
    worker = Worker(Store.open(config.folder, max_attempts=config.max_attempts), config, name, load)

    def end() -> None:
        its_end.wait()
        with contextlib.suppress(LyricsrecError):
            worker.give_back()
        os._exit(0)

    threading.Thread(target=end, name="end", daemon=True).start()
    sys.stdout.write(READY)
    sys.stdout.flush()
    # Libraries that print must not fill a pipe that nobody reads.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    worker.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
