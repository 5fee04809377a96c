"""Settings of a plot."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, Le

from lyricsrec.base.settings import AtLeastZero, Settings

Background: TypeAlias = Literal["spectrogram", "waveform", "none"]
AudioMode: TypeAlias = Literal["link", "embed", "none"]


@dataclass(frozen=True)
class PlotConfig(Settings):
    """What a plot shows.

    A picture shows `row_s` seconds per row: fewer give words more room and make a longer picture. `background` is drawn
    below the words. Only the part between `from_s` and `to_s` (None: the end of the song) is shown. The `audio` of a
    page is a "link" to the song, which adds nothing to the file but reveals the song's relative path; "embed" stores
    the audio in the page, as MP3 of about 1 MB per minute; with "none" the page asks for the song's file.
    """

    row_s: Annotated[float, Ge(1), Le(600)] = 15.0
    background: Background = "spectrogram"
    from_s: AtLeastZero = 0.0
    _: KW_ONLY
    to_s: AtLeastZero | None = None
    audio: AudioMode = "link"

    def __post_init__(self) -> None:
        if self.to_s is not None and not self.from_s < self.to_s:
            raise ValueError(f"--to {self.to_s:g} must be later than --from {self.from_s:g} (both in seconds)")
