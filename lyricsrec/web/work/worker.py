"""The worker process, which runs jobs one at a time: `python -m lyricsrec.web.work.worker FOLDER NAME [SETTINGS]`.

It stops when its standard input is closed, which happens whenever the server ends, even by a crash; its current job
returns to the queue.
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
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lyricsrec.base.errors import LyricsrecError, OutputError
from lyricsrec.base.output import sweep, write_text
from lyricsrec.base.progress import Progress
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.pipeline.language_check import WARNING
from lyricsrec.separation.stems.files import StemWriter
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import Job, Kind
from lyricsrec.web.jobs.presets import pipeline_config
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.limited import lower_priority
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.peaks import peaks_to_json, read_peaks
from lyricsrec.web.songs.playable import plays_in_browsers, write_playable
from lyricsrec.web.texts.lyrics import read_given
from lyricsrec.web.work.errors import error_text, may_pass
from lyricsrec.web.work.heartbeat import Heartbeat, JobLost
from lyricsrec.web.work.memory import limit_bytes, limit_own_memory
from lyricsrec.web.work.pipeline_cache import Load, PipelineCache, load
from lyricsrec.web.work.retiming import Retimer
from lyricsrec.web.work.song import opened, song_of
from lyricsrec.web.work.stems import FAILED, LoadSeparator, StemMaker, load_separator, write_note
from lyricsrec.web.work.wanted.follow_ups import FollowUpMaker
from lyricsrec.web.work.wanted.karaoke import KaraokeMaker

READY = "ready\n"
"""The line that a worker prints once it is ready for jobs."""

_LOG = logging.getLogger("lyricsrec.web")
_IDLE_S = 0.25
_DISK_PAUSE_S = 5.0
_NICENESS = 10


class Worker:
    """Claims jobs from a store and runs them. `load` builds the pipelines, which are cached."""

    def __init__(
        self,
        store: Store,
        config: ServeConfig,
        name: str,
        load: Load = load,
        *,
        load_separator: LoadSeparator = load_separator,
    ) -> None:
        self._store, self._config, self._name = store, config, name
        self._pipelines = PipelineCache(config.max_pipelines, load)
        self._stems = StemMaker(config, load_separator)
        self._follow_ups = FollowUpMaker(store, name, config, self._stems)
        self._retimer = Retimer(store, name, config, self._pipelines)
        self._karaoke = KaraokeMaker(store, name, config, self._stems)
        self._current: str | None = None

    def run(self) -> None:
        """Run jobs until the process ends."""
        while True:
            try:
                if not self.work():
                    time.sleep(_IDLE_S)
            except LyricsrecError as error:
                # The jobs database cannot be used: the disk is full, or it is damaged. The current job is requeued when
                # its lease expires.
                _LOG.error("%s", error)
                time.sleep(_DISK_PAUSE_S)

    def work(self) -> bool:
        """Run the job that has waited longest; False when none is queued. Errors are stored in the job."""
        job = self._store.claim(self._name, self._config.lease_s)
        if job is None:
            return False
        self._current = job.id
        try:
            self._run_job(job)
        finally:
            self._current = None
        return True

    def give_back(self) -> None:
        """Return the current job to the queue; the attempt does not count."""
        if self._current is not None:
            self._store.release(self._current, self._name)

    def _run_job(self, job: Job) -> None:
        folder = JobFolder(self._config.folder, job.id)
        try:
            lease_s = self._config.lease_s
            with Heartbeat(self._store, job.id, self._name, lease_s, lambda: self._clean_up(folder)) as heartbeat:
                sweep(folder.path)
                if not folder.transcript.is_file():
                    self._write_lyrics(job, folder, heartbeat)
                self._retimer.make(job, folder, heartbeat)
                if job.stems:
                    self._write_stems(job, folder, heartbeat)
                    if "stems" in job.wanted.split() and not self._store.made(job.id, self._name, "stems"):
                        raise JobLost
                self._follow_ups.make_all(job, folder, heartbeat)
                self._karaoke.make_all(job, folder, heartbeat)
        except JobLost:
            self._clean_up(folder)
        except OutputError as error:
            self._disk_failed(job, folder, error)
        except Exception as error:
            # No exception that a song causes in a library may end the worker.
            if not isinstance(error, LyricsrecError):
                _LOG.exception("job %s failed", job.id)
            self._finish(job, folder, error_text(error, job))
        else:
            self._finish(job, folder)

    def _finish(self, job: Job, folder: JobFolder, error: str | None = None) -> None:
        if not self._store.finish(job.id, self._name, error=error):
            self._clean_up(folder)

    def _clean_up(self, folder: JobFolder) -> None:
        """Remove unfinished files of a cancelled job, and all files of a deleted one."""
        job = self._store.get(folder.id)
        if job is None:
            folder.remove()
        elif job.is_over:
            sweep(folder.path)

    def _write_lyrics(self, job: Job, folder: JobFolder, progress: Progress) -> None:
        progress.update("reading", 0.0, job.duration_s)
        path = song_of(job, folder)
        peaks = read_peaks(
            path, job.name, self._config, lambda done_s: progress.update("reading", done_s, job.duration_s)
        )
        write_text(folder.peaks, peaks_to_json(peaks))
        if folder.song is not None and not plays_in_browsers(folder.song):
            with opened(job, folder) as song:
                write_playable(song, folder.playable)
        transcript = _TASKS[job.kind](self, job, folder, progress)
        # The last point at which a cancelled job is noticed.
        progress.update("writing", 0.0, None)
        warnings = [note.removeprefix(WARNING) for note in transcript.notes if note.startswith(WARNING)]
        if warnings:
            write_text(folder.warning, " ".join(map(_first_sentence, warnings)))
        if transcript.provenance.language:
            write_text(folder.language, transcript.provenance.language)
        write_text(folder.transcript, transcript.to_json())

    def _transcribe(self, job: Job, folder: JobFolder, progress: Progress) -> Transcript:
        config = pipeline_config(job, self._config)
        pipeline = self._pipelines.get(config, progress)
        # Stems of a separator that runs anyway are those to listen to, if it is good enough.
        is_good = config.stem_separator_name == config.separator_name
        stems = StemWriter(folder.stems) if job.stems and is_good else None
        with opened(job, folder) as song:
            transcript = pipeline.transcribe(song, progress=progress, stems=stems)
        if stems is not None:
            write_note(folder, stems.found)
        return transcript

    def _align(self, job: Job, folder: JobFolder, progress: Progress) -> Transcript:
        from lyricsrec.alignment.settings import AlignConfig
        from lyricsrec.lyrics.languages import language_name

        given = read_given(folder.lyrics)
        language = language_name(job.language) or given.language or AlignConfig.language
        pipeline = self._pipelines.get(pipeline_config(job, self._config), progress)
        with opened(job, folder) as song:
            transcript = pipeline.align(song, given.lines, AlignConfig(language=language), progress=progress)
        return replace(transcript, notes=(*given.notes, *transcript.notes))

    def _write_stems(self, job: Job, folder: JobFolder, progress: Progress) -> None:
        """Make the stems of a job whose lyrics exist, unless it has them. A failure is noted, the lyrics stay."""
        if not self._store.lyrics_exist(job.id, self._name):
            raise JobLost
        if folder.stems_note.is_file():
            return
        try:
            with opened(job, folder) as song:
                self._stems.make(song, folder, progress)
        except JobLost:
            raise
        except Exception as error:
            if may_pass(error, job, self._config):
                raise
            _LOG.exception("job %s: no stems", job.id)
            with contextlib.suppress(OutputError):
                write_text(folder.stems_note, FAILED)

    def _disk_failed(self, job: Job, folder: JobFolder, error: OutputError) -> None:
        _LOG.error("job %s: %s", job.id, error)
        if job.attempts >= self._config.max_attempts:
            self._finish(job, folder, error_text(error, job))
        elif self._store.release(job.id, self._name, counted=True):
            # The disk may have room again by then.
            time.sleep(_DISK_PAUSE_S)
        else:
            self._clean_up(folder)


_TASKS: dict[Kind, Callable[[Worker, Job, JobFolder, Progress], Transcript]] = {
    "transcribe": Worker._transcribe,
    "align": Worker._align,
}


def _first_sentence(text: str) -> str:
    """What is wrong, without the advice that follows, which names flags of the command line."""
    first = text.partition(". ")[0].rstrip(".")
    return f"{first[:1].upper()}{first[1:]}."


class _StopSignal:
    """The request to stop: standard input is closed, or SIGTERM was received.

    A Python signal handler would run only once a library returns control to the main thread; the wake-up file
    descriptor is written at once.
    """

    def __init__(self) -> None:
        if sys.platform == "win32":
            # Windows has no SIGTERM, and its `select` accepts sockets only.
            return
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        signal.set_wakeup_fd(self._waker.fileno())
        signal.signal(signal.SIGTERM, lambda *_: None)

    def wait(self) -> None:
        """Return when the worker must stop."""
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
    """Run a worker called `name`; `settings` are fields of `ServeConfig` as JSON, `load` builds pipelines."""
    config = ServeConfig(folder=Path(folder), **json.loads(settings))
    # The server must stay responsive while this process computes.
    lower_priority(_NICENESS)
    limit_own_memory(limit_bytes(config.worker_memory_gib))
    stop_signal = _StopSignal()
    worker = Worker(Store.open(config.folder, max_attempts=config.max_attempts), config, name, load)

    def stop() -> None:
        stop_signal.wait()
        with contextlib.suppress(LyricsrecError):
            worker.give_back()
        os._exit(0)

    threading.Thread(target=stop, name="stop", daemon=True).start()
    sys.stdout.write(READY)
    sys.stdout.flush()
    # Output of libraries must not fill a pipe that is never read.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    worker.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
