"""The emission of a whole song, joined from those of overlapping pieces."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from lyricsrec.audio.overlap_add import windows
from lyricsrec.decoding.emission import Emission, LogProbs
from lyricsrec.recognition.base import Piece


def overlapping(whole: Piece, longest_s: float, overlap_s: float) -> list[Piece]:
    """Pieces of at most `longest_s` that cover a stretch, neighbours overlapping by `overlap_s`."""
    voice = whole.voice
    length = round(longest_s * voice.sample_rate)
    parts = windows(voice.num_samples, length, min(overlap_s / longest_s, 0.5))
    spans = [
        (voice.start_s + part.start / voice.sample_rate, voice.start_s + part.stop / voice.sample_rate)
        for part in parts
    ]
    return [Piece(voice.cut(*span), whole.mix.cut(*span)) for span in spans]


def join(emissions: Iterable[Emission]) -> Emission:
    """Join successive emissions into one; where two overlap, half of the overlap is taken from each.

    This is because recognisers are least accurate at the ends of their input. Frames that no emission covers repeat the
    frame before. Raises ValueError without emissions.
    """
    first: Emission | None = None
    parts: list[LogProbs] = []
    filled = 0
    for emission in emissions:
        if first is None or not filled:
            first = emission
        if not len(emission.log_probs):
            continue
        begin = round((emission.start_s - first.start_s) / first.frame_s)
        rows = emission.log_probs
        if (missing := begin - filled) > 0:
            parts.append(np.repeat(parts[-1][-1:], missing, axis=0))
        elif missing < 0:
            dropped = min(-missing // 2, len(parts[-1]) - 1)
            # A copy, so that the dropped rows are freed.
            parts[-1] = parts[-1][: len(parts[-1]) - dropped].copy()
            rows = rows[-missing - dropped :]
        parts.append(rows)
        filled = begin + len(emission.log_probs)
    if first is None:
        raise ValueError("there are no emissions")
    return Emission(
        np.concatenate(parts) if parts else first.log_probs, first.frame_s, first.start_s, vocabulary=first.vocabulary
    )
