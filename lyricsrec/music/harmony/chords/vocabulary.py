"""The chords that are looked for: kinds of chords on each of the twelve roots, and no chord."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lyricsrec.lyrics.music.harmony import NO_CHORD
from lyricsrec.music.harmony.chords.settings import VocabularyName

Scores = npt.NDArray[np.float32]

_TRIADS = ("maj", "min", "sus4", "sus2", "dim", "aug")


@dataclass(frozen=True)
class _Kind:
    """A kind of chord: its triad, its bass in semitones above the root, and classes of its other notes.

    A part that is None is not looked at: any will do. Others (seventh, ninth, eleventh, thirteenth) are 0 where there
    is none.
    """

    triad: str
    bass: int | None = None
    others: tuple[int | None, ...] = (None, None, None, None)


def _full(triad: str, seventh: int = 0, ninth: int = 0, eleventh: int = 0, *, thirteenth: int = 0) -> _Kind:
    return _Kind(triad, 0, (seventh, ninth, eleventh, thirteenth))


_MAJOR_7, _MINOR_7, _DIMINISHED_7 = 1, 2, 3

_KINDS: dict[VocabularyName, dict[str, _Kind]] = {
    "majmin": {"maj": _Kind("maj"), "min": _Kind("min")},
    "sevenths": {
        "maj": _Kind("maj", others=(0, None, None, None)),
        "min": _Kind("min", others=(0, None, None, None)),
        "7": _Kind("maj", others=(_MINOR_7, None, None, None)),
        "maj7": _Kind("maj", others=(_MAJOR_7, None, None, None)),
        "min7": _Kind("min", others=(_MINOR_7, None, None, None)),
    },
    "full": {
        **{triad: _full(triad) for triad in _TRIADS},
        "7": _full("maj", _MINOR_7),
        "maj7": _full("maj", _MAJOR_7),
        "min7": _full("min", _MINOR_7),
        "minmaj7": _full("min", _MAJOR_7),
        "dim7": _full("dim", _DIMINISHED_7),
        "hdim7": _full("dim", _MINOR_7),
        "sus4(b7)": _full("sus4", _MINOR_7),
        "maj6": _full("maj", thirteenth=1),
        "min6": _full("min", thirteenth=1),
        "9": _full("maj", _MINOR_7, 1),
        "maj9": _full("maj", _MAJOR_7, 1),
        "min9": _full("min", _MINOR_7, 1),
        "11": _full("maj", _MINOR_7, 1, 1),
        "13": _full("maj", _MINOR_7, 1, 1, thirteenth=1),
        "maj/3": _Kind("maj", 4, (0, 0, 0, 0)),
        "maj/5": _Kind("maj", 7, (0, 0, 0, 0)),
        "maj/b7": _Kind("maj", 10, (0, 0, 0, 0)),
        "maj/2": _Kind("maj", 2, (0, 0, 0, 0)),
        "min/b3": _Kind("min", 3, (0, 0, 0, 0)),
        "min/5": _Kind("min", 7, (0, 0, 0, 0)),
        "min/b7": _Kind("min", 10, (0, 0, 0, 0)),
    },
}

VOCABULARIES: Mapping[VocabularyName, Sequence[str]] = {name: tuple(kinds) for name, kinds in _KINDS.items()}
"""The kinds of chords in each vocabulary, as in their labels."""


def labels_of(vocabulary: VocabularyName, names: Sequence[str]) -> tuple[str, ...]:
    """The labels of the columns of `score`: no chord, then each kind on each root by its name."""
    return (NO_CHORD, *(f"{root}:{kind}" for kind in _KINDS[vocabulary] for root in names))


def score(vocabulary: VocabularyName, heads: Sequence[Scores]) -> Scores:
    """Log-probabilities (frames, chords) of a vocabulary, from those (frames, classes) of the network's heads."""
    triads, basses, *others = heads
    is_full = vocabulary == "full"
    columns = [triads[:, :1] + (basses[:, :1] if is_full else 0)]
    for kind in _KINDS[vocabulary].values():
        first = 1 + 12 * _TRIADS.index(kind.triad)
        found = triads[:, first : first + 12]
        if kind.bass is not None:
            found = found + np.roll(basses[:, 1:], -kind.bass, axis=1)
        for head, part in zip(others, kind.others, strict=True):
            found = found + head[:, part, None] if part is not None else found
        columns.append(found)
    return np.concatenate(columns, axis=1)
