"""A song on its way to a karaoke file: its sound, its lines, its names."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path

from lyricsrec.audio.media import Song
from lyricsrec.base.errors import DataError, OutputError
from lyricsrec.base.output import display_name
from lyricsrec.base.progress import Progress
from lyricsrec.karaoke.settings import KaraokeConfig
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.pipeline.settings import StemConfig


@dataclass(frozen=True)
class KaraokeSong:
    """An opened song with its timed lyrics, and what is asked for; `path` is None for standard input."""

    song: Song
    transcript: Transcript
    config: KaraokeConfig
    _: KW_ONLY
    stems: StemConfig
    progress: Progress
    path: Path | None = None

    @cached_property
    def sung(self) -> Transcript:
        """The lyrics. Raises DataError if no word has a time."""
        if not any(line.start_s is not None and line.end_s is not None for line in self.transcript.lines):
            raise DataError(
                f"{self.song.name}: no words with times", "Time the lyrics with `lyricsrec align`, or give others."
            )
        return self.transcript

    def check_apart(self, output: Path) -> None:
        """Raise OutputError where a file would replace the song or its instrumental."""
        for path in (self.path, self.config.instrumental):
            if path is not None and path.resolve() == output.resolve():
                raise OutputError(
                    f"{display_name(output)} is the song itself and would be replaced", "Choose another --output."
                )

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

    @property
    def tags(self) -> dict[str, str]:
        """Title and artist as tags of a file."""
        return {"title": self.title} | ({"artist": self.artist} if self.artist else {})

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that is shown."""
        return (*self.title_rows, *(line.text for line in self.transcript.lines))
