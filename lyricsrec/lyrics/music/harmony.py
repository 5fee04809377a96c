"""Beats, key and chords of a song."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, Literal

PITCH_CLASSES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
"""Names of the twelve pitch classes, from C upwards, as keys are usually written."""

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
