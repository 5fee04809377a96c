"""Chords of chorales by Bach against analyses by musicians, rendered by FluidSynth.

The analyses are the Roman numerals that lie in music21's corpus beside the chorales; what mir_eval makes of them. Needs
the extra `chords`, mido, mir_eval and music21 (PyPI), fluidsynth and fluid-soundfont-gm (Debian packages).
"""

from __future__ import annotations

import argparse
import math
import random
import re
from collections.abc import Iterator
from pathlib import Path

import mir_eval
import music21
import numpy as np
from corpus import LONGEST_S, ROOT, SOUNDFONT, Rendered, Score, read_score, render

from lyricsrec.audio.audio import Samples
from lyricsrec.lyrics.music.harmony import PITCH_CLASSES, Key
from lyricsrec.music.harmony.chords.find import decode, find_evidence
from lyricsrec.music.harmony.chords.settings import ChordConfig
from lyricsrec.music.harmony.chords.vocabulary import VOCABULARIES

# Semitones above the root, and what Harte's syntax calls the chord.
KINDS = {
    (0, 4, 7): "maj",
    (0, 3, 7): "min",
    (0, 3, 6): "dim",
    (0, 4, 8): "aug",
    (0, 4, 7, 10): "7",
    (0, 4, 7, 11): "maj7",
    (0, 3, 7, 10): "min7",
    (0, 3, 6, 10): "hdim7",
    (0, 3, 6, 9): "dim7",
}
METRICS = ("root", "majmin", "sevenths", "mirex")
Analysis = list[tuple[float, int, str]]


def read_all() -> Iterator[tuple[str, Score, Analysis]]:
    """Chorales with their analyses: quarter, root and kind of each chord; those that differ are left out."""
    for path in sorted((ROOT / "bach" / "choraleAnalyses").glob("*.rntxt")):
        number = re.search(r"(?m)^BWV: *(\S+)", path.read_text("utf-8"))
        chorale = ROOT / "bach" / f"bwv{number[1] if number else ''}.mxl"
        if not chorale.is_file():
            continue
        stream = music21.converter.parse(chorale)
        analysis = music21.converter.parse(path, format="romanText")
        score = read_score(stream)
        # A bar with a repeat in it is two in the score.
        if score is not None and _bars(analysis) <= _bars(stream) and len(_bars(stream) - _bars(analysis)) < 4:
            numerals = analysis.flatten().getElementsByClass(music21.roman.RomanNumeral)
            chords = [(float(chord.offset), chord.root().pitchClass, _kind(chord)) for chord in numerals]
            if _share(score, chords) > 0.8:
                yield chorale.stem, score, chords


def _bars(stream: music21.stream.Score) -> set[float]:
    return {float(bar.offset) for bar in stream.parts[0].getElementsByClass(music21.stream.Measure)}


def _share(score: Score, chords: Analysis) -> float:
    """How much of the sound belongs to its chord; some analyses are of another version of the chorale."""
    tones = {kind: tones for tones, kind in KINDS.items()}
    ends = [*(begin for begin, _, _ in chords[1:]), math.inf]
    inside = total = 0.0
    for (begin, root, kind), end in zip(chords, ends, strict=True):
        for first, last, pitch, _ in score.notes:
            length = max(min(last, end) - max(first, begin), 0)
            total += length
            inside += length * ((pitch - root) % 12 in tones.get(kind, range(12)))
    return inside / total


def _kind(chord: music21.roman.RomanNumeral) -> str:
    above = tuple(sorted({(tone - chord.root().pitchClass) % 12 for tone in chord.pitchClasses}))
    return KINDS.get(above, "")


def truth(piece: Rendered, score: Score, analysis: Analysis) -> tuple[Samples, list[str]]:
    """Times and labels of the chords, once through; `X`, which is not scored, for kinds without a name."""
    start, end = min(note[0] for note in score.notes), max(note[1] for note in score.notes)
    borders = np.array([*(quarter for quarter, _, _ in analysis), end])
    times = np.clip((borders - start) * piece.quarter_s, 0, LONGEST_S)
    labels = [f"{PITCH_CLASSES[(root + piece.semitones) % 12]}:{kind}" if kind else "X" for _, root, kind in analysis]
    intervals = np.stack([times[:-1], times[1:]], axis=1)
    kept = intervals[:, 1] > intervals[:, 0]
    return intervals[kept], [label for label, is_kept in zip(labels, kept, strict=True) if is_kept]


def main() -> None:
    """Print a row for each vocabulary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, default=20)
    parser.add_argument("--soundfont", type=Path, default=SOUNDFONT)
    arguments = parser.parse_args()
    found = []
    for name, score, analysis in list(read_all())[: arguments.pieces]:
        piece = render(name, score, Key("C", "major"), rng=random.Random(name), soundfont=arguments.soundfont)
        found.append((truth(piece, score, analysis), find_evidence(piece.signal)))
    print(f"{len(found)} chorales, {sum(len(labels) for (_, labels), _ in found)} chords")
    print("vocabulary".ljust(20), *(name.rjust(9) for name in METRICS))
    for vocabulary in VOCABULARIES:
        for snaps in (False, True):
            config = ChordConfig(vocabulary=vocabulary, snaps_to_beats=snaps)
            scores = []
            for (times, labels), evidence in found:
                chords = decode(evidence, config).chords
                estimated = np.array([(chord.start_s, chord.end_s) for chord in chords])
                scores.append(mir_eval.chord.evaluate(times, labels, estimated, [chord.label for chord in chords]))
            label = vocabulary + (", beats" if snaps else "")
            print(label.ljust(20), *(f"{np.mean([score[name] for score in scores]):9.3f}" for name in METRICS))


if __name__ == "__main__":
    main()
