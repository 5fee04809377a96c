"""The melody of a song: its pitch over time, and the notes of its words."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

HELD = "~"
"""The text of a note that continues the syllable before."""

_FINITE: dict[str, bool] = {"allow_inf_nan": False}
_A4_HZ, _A4 = 440.0, 69


def midi_of(hertz: float) -> float:
    """The MIDI number of a frequency, with its fraction: 69 is A4, 440 Hz."""
    return _A4 + 12 * math.log2(hertz / _A4_HZ)


def hertz_of(midi: float) -> float:
    """The frequency of a MIDI number."""
    return _A4_HZ * 2 ** ((midi - _A4) / 12)


@dataclass(frozen=True)
class PitchContour:
    """The pitch of the voice in frames of `hop_s` seconds from the start of the song.

    `hertz` is 0 where nobody sings; `confidence` is between 0 and 1.
    """

    __pydantic_config__: ClassVar[dict[str, bool]] = _FINITE

    hop_s: float
    hertz: tuple[float, ...]
    confidence: tuple[float, ...]


@dataclass(frozen=True)
class Note:
    """One sung note. `text` is its syllable, "~" if it continues the syllable before, empty without words.

    Times are seconds from the start of the song. `pitch` is a MIDI number (60 is C4) in the tuning of the song, `hertz`
    the frequency that was sung; `word` is the number of its word among all words of the song, None without words.
    """

    __pydantic_config__: ClassVar[dict[str, bool]] = _FINITE

    text: str
    start_s: float
    end_s: float
    _: KW_ONLY
    pitch: int
    hertz: float
    word: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether it continues the syllable of the note before."""
        return self.text == HELD


@dataclass(frozen=True)
class Melody:
    """The melody of a song, and how far its tuning is above that of A4 = 440 Hz, from -50 to 50 cents."""

    __pydantic_config__: ClassVar[dict[str, bool]] = _FINITE

    contour: PitchContour
    notes: tuple[Note, ...]
    tuning_cents: float = 0.0
