"""The audio of a text: a song, or a chunk of one."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lyricsrec.audio.media import Song, open_path, open_song
from lyricsrec.base.cache import content_digest, digest
from lyricsrec.base.errors import AudioError
from lyricsrec.base.output import display_name
from lyricsrec.dataset.chunk_audio import read_chunk
from lyricsrec.dataset.manifest import ChunkRow
from lyricsrec.dataset.sound_folders import sound_path


@dataclass(frozen=True)
class Sound:
    """An audio file of a data set in `folder`, or a chunk of it."""

    folder: Path
    audio: str
    chunk: ChunkRow | None = None

    @property
    def path(self) -> Path:
        """The audio file. Raises AudioError when it lies where no sound of the data set may."""
        return sound_path(self.folder, self.audio)

    @property
    def key(self) -> str:
        """The cache key of this audio, from its content. Raises AudioError when the file cannot be read."""
        try:
            whole = content_digest(self.path)
        except FileNotFoundError:
            raise AudioError(f"{display_name(self.path)}: no such file") from None
        except OSError as error:
            raise AudioError(f"{display_name(self.path)}: cannot be opened ({error.strerror})") from None
        return whole if self.chunk is None else digest([whole, self.chunk.start_s, self.chunk.end_s, self.chunk.mute])

    @contextlib.contextmanager
    def open(self) -> Iterator[Song]:
        """The opened song, closed at the end of the `with` block. Raises AudioError when it cannot be read."""
        if self.chunk is None:
            with open_path(self.path) as song:
                yield song
            return
        import soundfile

        audio = read_chunk(self.chunk, self.folder)
        file = io.BytesIO()
        soundfile.write(file, audio.samples.T, audio.sample_rate, subtype="FLOAT", format="WAV")
        file.seek(0)
        yield open_song(file, self.chunk.chunk_id)
