"""How a song is plotted: every setting and its default; flags only override them."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass

from lyricsrec.base.errors import UsageError

BACKGROUNDS = ("spectrogram", "waveform", "none")
AUDIO = ("link", "embed", "none")


@dataclass(frozen=True)
class PlotConfig:
    """What is shown, and how wide.

    A picture shows `row_s` seconds in a row: fewer give words more room and make a longer picture. `background` is
    what lies under the words: "spectrogram", "waveform" or "none". Only what lies between `from_s` and `to_s` (None:
    the song's end) is shown. The `audio` of a page is a "link" to the song, which costs nothing and gives nothing away
    but where the song lies as seen from the page; "embed" puts the sound into the page, as MP3 of about 1 MB a
    minute; with "none" the page asks for the song's file.
    """

    row_s: float = 15.0
    background: str = "spectrogram"
    from_s: float = 0.0
    _: KW_ONLY
    to_s: float | None = None
    audio: str = "link"

    def check(self) -> None:
        """Raise UsageError for values that mean nothing, before any work is done."""
        if not 1 <= self.row_s <= 600:
            raise UsageError(f"--row-s {self.row_s:g} is not between 1 and 600 seconds")
        if self.background not in BACKGROUNDS:
            raise UsageError(f"no background is called '{self.background}'", f"Known: {', '.join(BACKGROUNDS)}.")
        if self.audio not in AUDIO:
            raise UsageError(f"--audio does not take '{self.audio}'", f"It takes {', '.join(AUDIO)}.")
        if not 0 <= self.from_s < math.inf:
            raise UsageError(f"--from {self.from_s:g} is no time in a song", "Give seconds from its start.")
        if self.to_s is not None and not self.from_s < self.to_s < math.inf:
            raise UsageError(f"--to {self.to_s:g} does not lie after --from {self.from_s:g}", "Both are in seconds.")
