"""A song on its way to a karaoke file: its sound, its lines, its names."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from lyricsrec.audio.media import Song
from lyricsrec.base.progress import Progress
from lyricsrec.karaoke.settings import KaraokeConfig
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.pipeline.settings import StemConfig


@dataclass(frozen=True)
class KaraokeSong:
    """An opened song with its timed lyrics, and what is asked for."""

    song: Song
    transcript: Transcript
    config: KaraokeConfig
    _: KW_ONLY
    stems: StemConfig
    progress: Progress

    @property
    def duration_s(self) -> float:
        """How long the song lasts."""
        return self.song.duration_s

    @property
    def title(self) -> str:
        """The title in the tags, else the name of the file."""
        return self.transcript.tags.title or self.song.tags.title or self.song.title

    @property
    def artist(self) -> str | None:
        """The artist in the tags."""
        return self.transcript.tags.artist or self.song.tags.artist

    @property
    def title_rows(self) -> tuple[str, ...]:
        """What a card of the title says."""
        return tuple(row for row in (self.title, self.artist) if row)
