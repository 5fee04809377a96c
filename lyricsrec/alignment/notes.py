"""What to say of an alignment: a voice where the lyrics have no words, lyrics whose letters the model does not know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lyricsrec.alignment.placement import NO_LETTERS, ROMANIZED
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.audio.segment import Span
from lyricsrec.base.clock import clock
from lyricsrec.base.errors import ModelError
from lyricsrec.decoding.emission import Emission
from lyricsrec.lyrics.transcript import Line

_EDGE_S = 1.0
"""What belongs to the lines on both sides of a gap."""


def check_letters(lines: Sequence[Line], *, model: str) -> None:
    """Raise ModelError where `model` knows the letters of no line and found none by its romanisation either."""
    reasons = {line.placement.reason for line in lines if line.placement is not None}
    if reasons and reasons <= {NO_LETTERS, ROMANIZED}:
        found = "" if reasons == {NO_LETTERS} else ", and their romanisation was not found in the recording"
        raise ModelError(
            f"{model} knows no letter of these lyrics{found}", "Name a CTC model of their language with --model."
        )


def notes_on(emission: Emission, lines: Sequence[Line], config: AlignConfig) -> tuple[str, ...]:
    """What the user should know about aligned lyrics, besides the placements of their lines."""
    return tuple(
        f"a voice without words from {clock(span.start_s)} to {clock(span.end_s)}: the lyrics may lack lines there"
        for span in wordless_voice(emission, lines, config)
    )


def wordless_voice(emission: Emission, lines: Sequence[Line], config: AlignConfig) -> tuple[Span, ...]:
    """The gaps between aligned lines in which the model finds letters for `min_wordless_s` or longer, in order.

    Evidence is the share of frames whose best token is a letter, in windows of `voice_window_s`: at least `voice_share`
    of them where somebody sings, hardly any in instrumental music. None where no line has a place: then it is another
    song.
    """
    placed = sorted((line.start_s, line.end_s) for line in lines if line.start_s is not None and line.end_s is not None)
    if not placed:
        return ()
    letters = (emission.log_probs.argmax(axis=1) != emission.vocabulary.blank).astype(np.float64)
    width = min(max(round(config.voice_window_s / emission.frame_s), 1), len(letters))
    voiced = np.convolve(letters, np.full(width, 1 / width), "same") >= config.voice_share
    return tuple(_voices(emission, voiced, placed, config))


def _voices(
    emission: Emission, voiced: NDArray[np.bool_], placed: Sequence[tuple[float, float]], config: AlignConfig
) -> Iterator[Span]:
    done_s = emission.start_s
    for start_s, end_s in (*placed, (emission.end_s, emission.end_s)):
        first, stop = (round((s - emission.start_s) / emission.frame_s) for s in (done_s + _EDGE_S, start_s - _EDGE_S))
        frames = np.flatnonzero(voiced[max(first, 0) : max(stop, 0)]) + max(first, 0)
        if start_s - done_s >= config.min_wordless_s and len(frames) * emission.frame_s >= config.min_wordless_s:
            yield Span(emission.time_s(int(frames[0])), emission.time_s(int(frames[-1]) + 1))
        done_s = max(done_s, end_s)
