"""How chords are found and written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

from lyricsrec.base.settings import AtLeastZero, Settings

VocabularyName = Literal["majmin", "sevenths", "full"]


@dataclass(frozen=True, kw_only=True)
class ChordConfig(Settings):
    """How chords are found and written.

    `vocabulary`: major and minor chords only, those with sevenths, or all that the networks know. `snaps_to_beats`:
    chords change on beats only. `beat_model`: a checkpoint of Beat This! that finds the beats. `transpose`: semitones
    that all chords and the key are moved up. `capo`: the fret of a capo; written chords are those to finger, the JSON
    keeps those that sound. `change_penalty` is the price of a change, as a natural logarithm of probability.
    """

    vocabulary: VocabularyName = "sevenths"
    snaps_to_beats: bool = False
    beat_model: str | None = None
    transpose: Annotated[int, Ge(-11), Le(11)] = 0
    capo: Annotated[int, Ge(0), Le(11)] = 0
    change_penalty: AtLeastZero = 10.0
