"""How songs are cut into pieces: the settings and their defaults."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from lyricsrec.base.settings import AtLeastZero, BelowOne, Natural, Positive, Settings


@dataclass(frozen=True)
class SegmentConfig(Settings):
    """How to cut a song into pieces.

    A stretch whose RMS (frames of `frame`, every `hop` samples) stays under `threshold` times the loudest frame for
    `min_silence_s` is silence and is left out; the rest keeps `padding_s` on both sides. With a `threshold` of 0
    nothing is left out, which suits a mix, whose vocal breaks are not silent.

    Pieces are at most `max_s` long: longer ones are cut in their second half (after `earliest_cut` of that length),
    where the band of the voice (`low_hz` to `high_hz`) is quietest over `pause_s`, and so that no remainder is shorter
    than a quarter of that. A larger `max_s` gives a recogniser more context, a smaller one limits how far an error
    spreads; a later `earliest_cut` makes fewer pieces, which is faster, an earlier one finds better pauses.
    """

    max_s: Positive = 30.0
    threshold: BelowOne = 0.1
    min_silence_s: AtLeastZero = 1.0
    _: KW_ONLY
    padding_s: AtLeastZero = 0.2
    earliest_cut: BelowOne = 0.5
    pause_s: AtLeastZero = 0.3
    low_hz: AtLeastZero = 200.0
    high_hz: Positive = 4000.0
    frame: Natural = 2048
    hop: Natural = 512
