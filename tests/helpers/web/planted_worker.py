"""A worker whose pipelines need no models: `python planted_worker.py FOLDER NAME [SETTINGS]`, and helpers for tests.

It recognises "la la la" in any song, a word a second, after PLANTED_S seconds (0) in steps of 0.05 s.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.segment import Span
from lyricsrec.base.progress import Progress, Report, ignore
from lyricsrec.lyrics.lines import LineConfig
from lyricsrec.lyrics.transcript import Provenance, Word
from lyricsrec.pipeline.pipeline import Pipeline
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.recognition.base import Piece, RecognizedPiece
from lyricsrec.separation.base import NoSeparator, Stems, stems_of
from lyricsrec.web.jobs.folder import JobFolder, new_id
from lyricsrec.web.jobs.job import Job, NewJob
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.work.worker import main

SONG = NewJob("transcribe", "My song.wav", "builtin", language=None, stems=False, duration_s=3.0, size_bytes=100)


class Planted:
    """Recognises the same words in every song."""

    name = "planted"
    longest_s = 30.0

    def recognize(
        self, pieces: Sequence[Piece], report: Report = ignore, *, language: str | None = None
    ) -> Iterator[RecognizedPiece]:
        for piece in pieces:
            end = time.monotonic() + float(os.environ.get("PLANTED_S", "0"))
            report(0.0)
            while time.monotonic() < end:
                time.sleep(0.05)
                report(piece.voice.start_s)
            yield RecognizedPiece(
                tuple(Word("la", float(second), second + 0.5) for second in range(int(piece.voice.end_s)))
            )


def planted(config: PipelineConfig, progress: Progress) -> Pipeline:
    """A pipeline with it; replaces `pipeline_cache.load`."""
    return Pipeline(
        NoSeparator(),
        lambda audio: audio,
        lambda voice: [Span(voice.start_s, voice.end_s)],
        recognizer=Planted(),
        decoder=None,
        lines=LineConfig(),
        provenance=Provenance("0", "none", "planted", decoder="none", preset=config.preset),
    )


class HalfVoice:
    """Takes half of the mix for vocals; the instrumental is the other half."""

    name = "half"

    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        report(mix.end_s)
        return stems_of(mix.samples / 2, mix)


def add_job(store: Store, root: Path, song: Path | bytes, **changes: object) -> Job:
    """Queue a song."""
    folder = JobFolder(root, new_id())
    folder.make()
    folder.song_with_suffix(".wav").write_bytes(song if isinstance(song, bytes) else song.read_bytes())
    return store.add(replace(SONG, **changes), folder.id)  # type: ignore[arg-type]


def wait_for(what: object, seconds: float = 60.0) -> None:
    """Wait until a function returns something true."""
    end = time.monotonic() + seconds
    while not what():  # type: ignore[operator]
        assert time.monotonic() < end, "timed out"
        time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:], load=planted)
