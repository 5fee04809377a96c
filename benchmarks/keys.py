"""Key, tempo and beats against the truth, on pieces of music21's corpus and progressions that FluidSynth renders.

Half of the pieces are those on which the profiles and weights of the key were chosen; the other half chose nothing.
Needs mido, mir_eval and music21 (PyPI), fluidsynth and fluid-soundfont-gm (Debian packages).
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mir_eval
import numpy as np
from chords import BARS, mir_key
from chords import render as render_progression
from corpus import KINDS, SOUNDFONT, sample

from lyricsrec.audio.audio import Samples
from lyricsrec.music.harmony.beats import beats_of
from lyricsrec.music.harmony.key import key_of

# How many pieces of each kind a half has; progressions have another seed in each.
COUNTS = {"chorales": 24, "folk songs": 18, "fiddle tunes": 18, "progressions": 24}
SEEDS = {"chosen": 0, "test": 5}


@dataclass(frozen=True, eq=False)
class Truth:
    """A piece: its signal, key, tempo and beats."""

    signal: Samples
    key: str
    bpm: float
    beats_s: Samples


def pieces(kind: str, half: str, soundfont: Path) -> Iterator[Truth]:
    """The pieces of one kind in a half."""
    if kind in KINDS:
        first = 0 if half == "chosen" else COUNTS[kind]
        for piece in sample(kind, first, COUNTS[kind], soundfont=soundfont):
            yield Truth(piece.signal, piece.key.name, piece.bpm, piece.beats_s)
        return
    for number in range(COUNTS[kind]):
        piece = render_progression(random.Random(f"{SEEDS[half]} {number}"), soundfont)
        yield Truth(piece.signal, piece.key, piece.bpm, np.arange(4 * BARS) * 60 / piece.bpm)


def measure(truth: Truth) -> list[float]:
    """Whether the key is right, its MIREX score, whether the tempo is within 4 %, also up to two, and F1 of beats."""
    key, beats = key_of(truth.signal), beats_of(truth.signal)
    name, bpm = key.name if key else "none", beats.bpm if beats else 0.0
    is_close = [abs(bpm / truth.bpm / factor - 1) < 0.04 for factor in (1, 0.5, 2)]
    f_measure = mir_eval.beat.f_measure(truth.beats_s, np.array(beats.times_s if beats else ()))
    weighted = mir_eval.key.weighted_score(mir_key(truth.key), mir_key(name))
    return [float(name == truth.key), weighted, float(is_close[0]), float(any(is_close)), f_measure]


def main() -> None:
    """Print a row for each kind of piece."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=tuple(SEEDS), default="test", help="which pieces")
    parser.add_argument("--kind", choices=tuple(COUNTS), action="append", help="only these")
    parser.add_argument("--soundfont", type=Path, default=SOUNDFONT)
    arguments = parser.parse_args()
    print("pieces".ljust(16), *(name.rjust(9) for name in ("number", "key", "MIREX", "tempo", "up to 2", "beats F1")))
    rows: list[list[float]] = []
    for kind in arguments.kind or COUNTS:
        found = [measure(truth) for truth in pieces(kind, arguments.half, arguments.soundfont)]
        print_row(kind, found)
        rows += found
    print_row("all", rows)


def print_row(label: str, rows: list[list[float]]) -> None:
    print(label.ljust(16), f"{len(rows):9}", *(f"{mean:9.3f}" for mean in np.mean(rows, axis=0)), flush=True)


if __name__ == "__main__":
    main()
