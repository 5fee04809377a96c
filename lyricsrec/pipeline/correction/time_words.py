"""Times for the words of a corrected transcript that have none; only their parts of the song are processed."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from lyricsrec.alignment.between.fill import fill
from lyricsrec.alignment.between.stretches import excerpts, stretches
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.audio.media import BLOCK_S, Song
from lyricsrec.audio.segment import Span
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.decoding.emission import Emission
from lyricsrec.lyrics.transcript import Transcript, Word
from lyricsrec.pipeline.pipeline import Pipeline


def time_words(
    pipeline: Pipeline,
    song: Song,
    transcript: Transcript,
    *,
    movable: Container[Word] = frozenset(),
    config: AlignConfig | None = None,
    progress: Progress = SILENT,
) -> Transcript:
    """The transcript with times for all words that had none, between the words around them, whose times stay.

    Where there is no room, neighbours that are `movable` are timed again too. Raises as `Pipeline.align` does.
    """
    lines, config = transcript.lines, config or AlignConfig()
    found = stretches(lines, transcript.duration_s, movable)
    for span in excerpts(found, transcript.duration_s):
        emission = _emission(pipeline, song, span, progress)
        for stretch in found:
            if span.start_s <= stretch.span.start_s and stretch.span.end_s <= span.end_s:
                lines = fill(lines, stretch, emission, config)
    return replace(transcript, lines=lines)


def _emission(pipeline: Pipeline, song: Song, span: Span, progress: Progress) -> Emission:
    if span.end_s - span.start_s > BLOCK_S:
        # Too much to hold in memory at once.
        return pipeline.emission(song, progress=progress)
    return pipeline.emission_of(song.excerpt(span.start_s, span.end_s), progress=progress)
