"""Separated voices in files beside the true ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import open_path
from lyricsrec.base.errors import AudioError
from lyricsrec.base.output import display_name
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.scoring.metrics.separation import separation_figures, stem_path
from lyricsrec.scoring.results import SeparationFigures
from lyricsrec.scoring.texts.text import Entry

_WHOLE_S = 1e9
"""Longer than any song."""


@dataclass(frozen=True)
class TrueStems:
    """A folder of the true stems of songs, named as `stem_path` says by any name of a song."""

    folder: Path

    def of(self, entry: Entry) -> Path | None:
        """The true voice of a whole song; None where there is none, and for parts of songs."""
        return None if entry.is_part else stem_of(self.folder, entry)


def stem_of(folder: Path, entry: Entry) -> Path | None:
    """The voice of a song in a folder of stems, by any of the song's names."""
    found = (stem_path(folder, name) for name in entry.names.values())
    return next((path for path in found if path is not None), None)


def measure(
    true_vocals: Path, found_vocals: Path, mix: Path | None, progress: Progress = SILENT
) -> SeparationFigures | None:
    """How near a separated voice is to the true one, and how near the mix is; None, and a warning, where it fails."""
    try:
        return separation_figures(_read(true_vocals), _read(found_vocals), _read(mix) if mix is not None else None)
    except AudioError as error:
        progress.warn(f"{display_name(true_vocals)}: not compared, {error}")
        return None


def _read(path: Path) -> Audio:
    """A whole sound file, in stereo at 44.1 kHz."""
    with open_path(path) as song:
        (audio,) = song.blocks(_WHOLE_S)
    return audio
