"""Catalogues: what each song costs beside its own work, and what a second worker brings.

    python benchmarks/catalogue.py                 # the overhead, with a task that does nothing
    python benchmarks/catalogue.py SONG [--copies 8]   # also transcribes copies of a song with one worker and with two

The copies differ in their tags only, so that each is a song of its own with the same work. Times leave out the start of the workers
and the loading of the models, as far as the ledger shows: they are from the first song to the last.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lyricsrec.base.output import write_text
from lyricsrec.base.progress import Progress
from lyricsrec.catalogue.engines.base import EngineOptions
from lyricsrec.catalogue.run import Plan, run
from lyricsrec.catalogue.songs import Job
from lyricsrec.catalogue.store.folder import result_file
from lyricsrec.catalogue.tasks.base import Do, Task, TaskOptions
from lyricsrec.catalogue.tasks.registry import make_task


@dataclass(frozen=True)
class Nothing:
    """A task that only writes a result."""

    name: str = "nothing"
    needs_lyrics: bool = False
    seed: int = 0

    def settings(self) -> Mapping[str, Any]:
        """No settings."""
        return {}

    def fetch(self, progress: Progress) -> Mapping[str, str]:
        """No models."""
        return {}

    def load(self) -> Do:
        """Nothing to load."""
        return _write


def _write(job: Job, base: Path) -> float:
    write_text(result_file(base), json.dumps({"song": job.path}))
    return 1.0


def overhead(num_songs: int) -> float:
    """Milliseconds a song of a run with one worker that does nothing, from the first result to the last."""
    with TemporaryDirectory() as folder:
        songs = Path(folder, "songs")
        songs.mkdir()
        for number in range(num_songs):
            (songs / f"{number}.wav").write_text(str(number), "utf-8")
        seconds, done = timed(Nothing(), songs, Path(folder, "out"), EngineOptions(1, 1))
        return 1000 * seconds / (done - 1)


def timed(task: Task, songs: Path, output: Path, options: EngineOptions) -> tuple[float, int]:
    """Seconds between the first result and the last, and the number of results."""
    setup = run(Plan([str(songs)], output, task, options=options)).setup
    rows = [json.loads(row) for path in setup.ledger.iterdir() for row in path.read_text("utf-8").splitlines()]
    times = [row["at_s"] for row in rows if row["event"] == "done"]
    return max(times) - min(times), len(times)


def songs_a_minute(song: Path, copies: int, options: EngineOptions) -> float:
    """How many copies of a song are transcribed in a minute, without the first of each worker."""
    with TemporaryDirectory() as folder:
        songs = Path(folder, "songs")
        songs.mkdir()
        for number in range(copies):
            path = songs / f"{number}{song.suffix}"
            shutil.copyfile(song, path)
            with path.open("ab") as file:
                # Ignored by readers, and another content.
                file.write(b"\\0" * (number + 1))
        task = make_task("transcribe", TaskOptions(offline=True))
        began = time.perf_counter()
        seconds, done = timed(task, songs, Path(folder, "out"), options)
        whole = time.perf_counter() - began
        workers = options.workers or 1
        print(f"{workers} workers of {options.threads} threads: {done} songs, {whole:.0f} s in all", flush=True)
        return 60 * (done - workers) / seconds


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("song", nargs="?", type=Path)
    parser.add_argument("--copies", type=int, default=8)
    parser.add_argument("--songs", type=int, default=1000, help="number of songs for the overhead")
    arguments = parser.parse_args()
    print(f"overhead: {overhead(arguments.songs):.1f} ms a song ({arguments.songs} songs, one worker)", flush=True)
    if arguments.song is not None:
        one = songs_a_minute(arguments.song, arguments.copies, EngineOptions(1, 1))
        wide = songs_a_minute(arguments.song, arguments.copies, EngineOptions(1, 2))
        two = songs_a_minute(arguments.song, arguments.copies, EngineOptions(2, 1))
        print(f"two workers of one thread: {two / one:.2f} times one of one thread, {two / wide:.2f} times one of two")


if __name__ == "__main__":
    main()
