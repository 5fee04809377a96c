"""What the page draws of a song and its stems: waveforms and spectrograms, computed when first asked for, and kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from lyricsrec.base.errors import AudioError
from lyricsrec.base.output import write_text
from lyricsrec.separation.base import StemName
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.peaks import peaks_to_json, read_peaks
from lyricsrec.web.songs.spectrogram import read_spectrogram

Track = Literal["mix"] | StemName
Drawing = Literal["peaks", "spectrogram"]


def find_drawing(folder: JobFolder, kind: Drawing, track: Track) -> Path | None:
    """The file of a drawing, None where it was not made yet."""
    path = _path(folder, kind, track)
    return path if path.is_file() else None


def make_drawing(folder: JobFolder, kind: Drawing, track: Track, config: ServeConfig) -> Path:
    """Make a drawing of a track that the song has, unless it exists.

    Raises AudioError when there is no such track, or it cannot be read; OutputError.
    """
    path = _path(folder, kind, track)
    if not path.is_file():
        sound = folder.song if track == "mix" else folder.stem(track)
        if sound is None or not sound.is_file():
            raise AudioError(f"this song has no {track}")
        write_text(path, _READ[kind](sound, sound.name, config))
    return path


def _path(folder: JobFolder, kind: Drawing, track: Track) -> Path:
    return folder.peaks if (kind, track) == ("peaks", "mix") else folder.drawing(kind, track)


def _read_peaks(path: Path, name: str, config: ServeConfig) -> str:
    return peaks_to_json(read_peaks(path, name, config))


_READ: dict[Drawing, Callable[[Path, str, ServeConfig], str]] = {"peaks": _read_peaks, "spectrogram": read_spectrogram}
