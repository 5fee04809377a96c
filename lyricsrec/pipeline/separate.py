"""Songs to files of vocals and instrumental: for listening and karaoke, without recognising anything."""

from __future__ import annotations

from pathlib import Path

from lyricsrec.audio.media import SUFFIXES, Song, open_path
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.models.catalogue import LISTENING_SEPARATOR
from lyricsrec.pipeline.settings import StemConfig
from lyricsrec.separation.base import Separator
from lyricsrec.separation.settings import StemFormat
from lyricsrec.separation.stems.files import StemFiles, StemWriter
from lyricsrec.separation.stems.output import StemOutput

_BLOCK_S = 120.0
"""Shorter than for recognition: both stems of a block are in memory, several times."""


def separate(
    song: str | Path,
    folder: str | Path = ".",
    separator: str | Separator = LISTENING_SEPARATOR,
    *,
    form: StemFormat = "flac",
    keeps_all: bool = False,
    track: int | str | None = None,
    progress: Progress = SILENT,
) -> StemFiles:
    """Write the vocals and the instrumental of a song into a folder: `NAME.vocals.flac` and `NAME.instrumental.flac`.

    `separator` is a name or a loaded separator (`StemConfig.load`), which saves time for several songs; `form` is flac
    or wav (24 bit), or mp3. A stem that is silent or nearly the song itself is left out, with the reason in the
    result's `missing`, unless `keeps_all`. `track` is a number or language of several sound tracks.
    Memory does not grow with the length of the song.

    Raises AudioError when the song cannot be read, OutputError when a file cannot be written, UsageError for unknown
    names, ModelError when the separator's weights are not available.
    """
    config = StemConfig(form=form) if not isinstance(separator, str) else StemConfig(separator, form)
    config.check()
    path = Path(song)
    name = path.stem if path.suffix.lower() in SUFFIXES else path.name
    with open_path(path, track=track) as opened:
        loaded = config.load(progress) if isinstance(separator, str) else separator
        writer = StemWriter(Path(folder) / name, form, keeps_all=keeps_all)
        return separate_into(writer, opened, loaded, progress)


def separate_into(writer: StemWriter, song: Song, separator: Separator, progress: Progress = SILENT) -> StemFiles:
    """Write the stems of an open song. Raises AudioError and OutputError."""

    def report(done_s: float) -> None:
        progress.update("separating", done_s, song.duration_s)

    with StemOutput(writer, separator, report) as output:
        for block in song.blocks(_BLOCK_S):
            output.add(block)
            # Release the block before the next one is read.
            del block
        files = output.finish()
    for warning in song.warnings:
        progress.warn(f"{song.name}: {warning}")
    return files
