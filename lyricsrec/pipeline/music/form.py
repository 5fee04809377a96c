"""The form of a song as a stage of the pipeline: its sections, and the summary of its lyrics."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from lyricsrec.audio.media import Song
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.music.form.sections import with_sections
from lyricsrec.music.form.summary.summary import Summary, summarize


class FindsForm(ABC):
    """A pipeline that finds sections and summarises lyrics, which need no sound once there are lyrics."""

    @abstractmethod
    def transcribe(
        self, song: str | Path | Song, *, progress: Progress = SILENT, track: int | str | None = None
    ) -> Transcript:
        """As `Pipeline.transcribe`."""

    def sections(
        self, given: str | Path | Song | Transcript, *, progress: Progress = SILENT, track: int | str | None = None
    ) -> Transcript:
        """The transcript with the sections of its lines; a song is transcribed first, with its sections.

        Without lyrics, or with too many lines, there are none. `track` is the sound track to read of a path. Raises
        AudioError when the song cannot be read.
        """
        if isinstance(given, Transcript):
            return with_sections(given)
        return self.transcribe(given, progress=progress, track=track)

    def summary(
        self, given: str | Path | Song | Transcript, *, progress: Progress = SILENT, track: int | str | None = None
    ) -> Summary:
        """The summary of a transcript, or of a song, which is transcribed first: hook, key words, form, length ...

        Sections that a transcript has are kept. Raises NoLyricsError without words, AudioError when the song cannot be
        read.
        """
        if not isinstance(given, Transcript):
            given = self.transcribe(given, progress=progress, track=track)
        return summarize(given if given.sections else with_sections(given))
