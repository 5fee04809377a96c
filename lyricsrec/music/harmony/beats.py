"""Beats: the moments at a steady tempo where most notes begin."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lyricsrec.audio.audio import Audio, Samples
from lyricsrec.lyrics.music.harmony import Beats
from lyricsrec.music.harmony.spectra import mono
from lyricsrec.music.harmony.tempo import Envelope, onset_strength, tempo

Frames = npt.NDArray[np.int64]

_TIGHTNESS = 100.0
"""How much a beat costs that is an octave too early or late, in standard deviations of the onset strength."""
_FEWEST = 4
_EARLY_S = 0.017
"""How long before a note the window around a frame rises most: measured on clicks."""


def find_beats(audio: Audio) -> Beats | None:
    """The beats of a song, at times of the song; None where nothing repeats."""
    beats = beats_of(mono(audio))
    if beats is None or not audio.start_s:
        return beats
    return Beats(beats.bpm, tuple(round(time_s + audio.start_s, 3) for time_s in beats.times_s))


def beats_of(signal: Samples) -> Beats | None:
    """The beats of a mono signal at the rate of `spectra`; None where nothing repeats."""
    envelope, frames_per_s = onset_strength(signal)
    bpm = tempo(envelope, frames_per_s)
    if bpm is None:
        return None
    return regular_beats(track(envelope, 60 * frames_per_s / bpm), frames_per_s, early_s=_EARLY_S)


def regular_beats(
    frames: npt.NDArray[np.int64] | npt.NDArray[np.float64], frames_per_s: float, *, early_s: float = 0.0
) -> Beats | None:
    """Beats in some frames, `early_s` after them, with the tempo that fits them best; None where there are few."""
    if len(frames) < _FEWEST:
        return None
    # The slope over all beats is finer than the lag; a median guards against beats that were left out.
    steps = np.round(np.diff(frames) / np.median(np.diff(frames)))
    counts = np.concatenate([[0], np.cumsum(steps)])
    period = np.polyfit(counts, frames, 1)[0]
    times = tuple(round(float(frame) / frames_per_s + early_s, 3) for frame in frames)
    return Beats(round(60 * frames_per_s / float(period), 2), times)


def track(envelope: Envelope, period: float) -> Frames:
    """Frames of beats about `period` frames apart, by dynamic programming.

    The sum of onset strength at the beats less `_TIGHTNESS` times the squared log ratio of each gap to the period is
    greatest (Ellis 2007). Beats at the ends, where nothing begins, are left out.
    """
    width = max(round(period / 32), 1)
    offsets = np.arange(-round(period / 2), round(period / 2) + 1)
    strength = np.convolve(envelope, np.exp(-0.5 * (offsets / width) ** 2), mode="same")
    gaps = np.arange(round(period / 2), 2 * round(period) + 1)
    penalty = _TIGHTNESS * np.log(gaps / period) ** 2
    total, previous = strength.copy(), np.full(len(strength), -1)
    for frame in range(gaps[0], len(strength)):
        reach = gaps[: np.searchsorted(gaps, frame, side="right")]
        scores = total[frame - reach] - penalty[: len(reach)]
        best = int(np.argmax(scores))
        if scores[best] > 0:
            total[frame] += scores[best]
            previous[frame] = frame - reach[best]
    return _trimmed(_path(total, previous, round(period)), strength)


def _path(total: Envelope, previous: Frames, period: int) -> Frames:
    """Back from the best of the last period and a half."""
    first = max(len(total) - period * 3 // 2, 0)
    frame = first + int(np.argmax(total[first:]))
    frames = [frame]
    while previous[frame] >= 0:
        frame = int(previous[frame])
        frames.append(frame)
    return np.array(frames[::-1])


def _trimmed(frames: Frames, strength: Envelope) -> Frames:
    """Without the beats before the first and after the last that are half as strong as usual."""
    values = strength[frames]
    strong = np.flatnonzero(values >= 0.5 * np.sqrt(np.mean(values**2)))
    return frames[strong[0] : strong[-1] + 1] if len(strong) else frames[:0]
