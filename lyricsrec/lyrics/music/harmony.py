"""Beats, key and chords of a song."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from typing import ClassVar, Literal

PITCH_CLASSES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
"""Names of the twelve pitch classes, from C upwards, as keys are usually written."""

_SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_FLAT_MAJOR = frozenset(("F", "Bb", "Eb", "Ab", "Db"))
"""Major keys that are written with flats; minor keys are written as the major keys three semitones above."""

NO_CHORD = "N"

Mode = Literal["major", "minor"]

_FINITE: dict[str, bool] = {"allow_inf_nan": False}


@dataclass(frozen=True)
class Beats:
    """Where listeners tap: `bpm` beats a minute on average, at `times_s` (seconds from the start of the song)."""

    __pydantic_config__: ClassVar[dict[str, bool]] = _FINITE

    bpm: float
    times_s: tuple[float, ...]


@dataclass(frozen=True)
class Key:
    """The key of a song. `tonic` is one of `PITCH_CLASSES`.

    `tuning_cents` is how far its tuning is above that of A4 = 440 Hz, from -50 to 50. `confidence` is between 0 and 1:
    the distance to the second best key, which only ranks.
    """

    __pydantic_config__: ClassVar[dict[str, bool]] = _FINITE

    tonic: str
    mode: Mode
    _: KW_ONLY
    tuning_cents: float = 0.0
    confidence: float | None = None

    @property
    def name(self) -> str:
        """As in "F# minor"."""
        return f"{self.tonic} {self.mode}"

    @property
    def symbol(self) -> str:
        """As in "F#m"."""
        return self.tonic + ("m" if self.mode == "minor" else "")

    def transposed(self, semitones: int) -> Key:
        """The same mode, `semitones` higher."""
        return replace(self, tonic=PITCH_CLASSES[(PITCH_CLASSES.index(self.tonic) + semitones) % 12])

    @property
    def pitch_names(self) -> tuple[str, ...]:
        """Names of the pitch classes from C upwards, with sharps or flats as music in this key is written."""
        major = self.tonic if self.mode == "major" else self.transposed(3).tonic
        return _FLATS if major in _FLAT_MAJOR else _SHARPS


def pitch_class(name: str) -> int:
    """The pitch class, 0 for C, of a name such as Bb or F##. Raises ValueError for another text."""
    if not name or name[0] not in "CDEFGAB" or name[1:].strip("#b"):
        raise ValueError(f"{name!r} is not the name of a note")
    return (_SHARPS.index(name[0]) + name.count("#") - name.count("b")) % 12


_SUFFIXES = {
    "maj": "",
    "min": "m",
    "min7": "m7",
    "min9": "m9",
    "minmaj7": "mmaj7",
    "maj6": "6",
    "min6": "m6",
    "hdim7": "m7b5",
    "sus4(b7)": "7sus4",
}
"""What follows the root in a chord symbol, where it is not the shorthand of the label."""

_DEGREES = {"2": 2, "b3": 3, "3": 4, "4": 5, "b5": 6, "5": 7, "#5": 8, "6": 9, "b7": 10, "7": 11}
"""Semitones above the root of the degrees that a bass can be."""


@dataclass(frozen=True)
class Chord:
    """A chord between two times in seconds.

    `label` is in Harte's syntax, which mir_eval reads: `G:maj`, `A:min7`, `C:maj/3`, or `N` for none. `confidence` is
    between 0 and 1: how probable it is on average among the chords that were looked for.
    """

    __pydantic_config__: ClassVar[dict[str, bool]] = _FINITE

    start_s: float
    end_s: float
    label: str
    _: KW_ONLY
    confidence: float | None = None

    @property
    def is_none(self) -> bool:
        """Whether no chord sounds."""
        return self.label == NO_CHORD

    def symbol(self, names: tuple[str, ...] = _SHARPS) -> str:
        """As musicians write it: `G`, `Am7`, `C/E`, `N.C.`; the bass by its name in `names`. Raises ValueError."""
        if self.is_none:
            return "N.C."
        root, _, rest = self.label.partition(":")
        kind, _, degree = rest.partition("/")
        if degree and degree not in _DEGREES:
            raise ValueError(f"{self.label!r} is not a known chord")
        bass = "/" + names[(pitch_class(root) + _DEGREES[degree]) % 12] if degree else ""
        return root + _SUFFIXES.get(kind, kind) + bass

    def transposed(self, semitones: int, names: tuple[str, ...] = _SHARPS) -> Chord:
        """The chord `semitones` higher, its root by its name in `names`. Raises ValueError for an unknown root."""
        if self.is_none:
            return self
        root, _, rest = self.label.partition(":")
        return replace(self, label=f"{names[(pitch_class(root) + semitones) % 12]}:{rest}")
