"""The melody in a picture or a page: the pitch of the voice as a line, and its notes as bars behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from lyricsrec.lyrics.music.harmony import PITCH_CLASSES
from lyricsrec.lyrics.music.notes import Melody, Note

_LINE, _BAR = "#b3261e", "#e8710a"
_BAR_HEIGHT = 0.07
_AROUND = 2.0
"""Semitones that stay free above the highest note and below the lowest."""


@dataclass(frozen=True)
class Bar:
    """A note in a page: its times in seconds, its height from 0 (top) to 1, and the name of its pitch, as in "A3"."""

    start_s: float
    end_s: float
    height: float
    _: KW_ONLY
    name: str
    text: str


class MelodyLayer:
    """Draws the melody of a song into rows or a page, whose pitches are all on the same scale."""

    def __init__(self, melody: Melody) -> None:
        self._notes = [note for note in melody.notes if note.hertz > 0]
        hertz = np.asarray(melody.contour.hertz)
        self._times = np.arange(len(hertz)) * melody.contour.hop_s
        tuning = melody.tuning_cents / 100
        with np.errstate(divide="ignore"):
            self._midi = np.where(hertz > 0, 69 + 12 * np.log2(hertz / 440) - tuning, np.nan)
        sung = [float(note.pitch) for note in self._notes]
        pitches = sung or self._midi[np.isfinite(self._midi)].tolist() or [60.0]
        self._low, self._high = min(pitches) - _AROUND, max(pitches) + _AROUND

    def bars(self, start_s: float, end_s: float) -> Iterator[Bar]:
        """The notes between two times."""
        for note in self._notes:
            if note.end_s > start_s and note.start_s < end_s:
                times = max(note.start_s, start_s), min(note.end_s, end_s)
                yield Bar(*times, self._height(note.pitch), name=_name(note), text=note.text)

    def lines(self, start_s: float, end_s: float) -> Iterator[str]:
        """The pitch between two times as lines of an SVG image, "x,y x,y": seconds from the first, heights in percent.

        A line ends where nobody sings, or far from all notes.
        """
        inside = np.flatnonzero((self._times >= start_s) & (self._times < end_s))
        midi = self._midi[inside]
        shown = inside[(midi >= self._low) & (midi <= self._high)]
        for run in np.split(shown, np.flatnonzero(np.diff(shown) > 1) + 1):
            points = ((self._times[frame] - start_s, 100 * self._height(self._midi[frame])) for frame in run)
            if len(run) > 1:
                yield " ".join(f"{x:.3f},{y:.1f}" for x, y in points)

    def _height(self, midi: float) -> float:
        return float((self._high - midi) / (self._high - self._low))

    def draw(
        self, axes: Any, x: Callable[[float], float], start_s: float, end_s: float, *, top: float, bottom: float
    ) -> None:
        """Draw what lies between two times into a band; `x` says where a time is on the axes."""
        from matplotlib.collections import PolyCollection

        def y(midi: Any) -> Any:
            return bottom - (midi - self._low) / (self._high - self._low) * (bottom - top)

        half = _BAR_HEIGHT / 2
        bars = []
        for note in self._notes:
            left, right = max(note.start_s, start_s), min(note.end_s, end_s)
            if right > left:
                sides, middle = (x(left), x(right)), y(note.pitch)
                corners = [(0, -half), (1, -half), (1, half), (0, half)]
                bars.append([(sides[side], middle + offset) for side, offset in corners])
        axes.add_collection(PolyCollection(bars, facecolors=_BAR, alpha=0.75, linewidths=0, zorder=1.8))
        inside = (self._times >= start_s) & (self._times < end_s)
        midi = np.where((self._midi >= self._low) & (self._midi <= self._high), self._midi, np.nan)[inside]
        places = [x(float(time_s)) for time_s in self._times[inside]]
        axes.plot(places, y(midi), color=_LINE, linewidth=0.9, zorder=1.9, solid_capstyle="round")


def _name(note: Note) -> str:
    return f"{PITCH_CLASSES[note.pitch % 12]}{note.pitch // 12 - 1}"
