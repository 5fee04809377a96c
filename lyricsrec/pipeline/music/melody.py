"""The melody of a song as a stage of the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import Song, open_path
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.music.melody.melody import track_voice, with_melody
from lyricsrec.music.melody.settings import MelodyConfig
from lyricsrec.separation.base import Separator


class FindsMelody:
    """A pipeline that finds melodies with its separator, that of written stems where it has one."""

    separator: Separator
    stem_separator: Separator | None
    resample: Callable[[Audio], Audio]

    def melody(
        self,
        song: str | Path | Song,
        transcript: Transcript,
        config: MelodyConfig | None = None,
        *,
        progress: Progress = SILENT,
        track: int | str | None = None,
    ) -> Transcript:
        """The transcript with the melody of its timed words; of all that is sung if it has no words.

        Raises AudioError when the song cannot be read or nobody sings, ModelError when the extra `melody` is missing.
        """
        if not isinstance(song, Song):
            with open_path(Path(song), track=track) as opened:
                return self.melody(opened, transcript, config, progress=progress)
        tracked = track_voice(song, self.stem_separator or self.separator, self.resample, progress=progress)
        return with_melody(transcript, tracked, config)
