"""Karaoke files of a song: which kinds there are, and how one is made."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lyricsrec.audio.inputs import SongInput
from lyricsrec.base import settings
from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import check_writable
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.karaoke.cdg.make import check_cdg, make_cdg, make_zip
from lyricsrec.karaoke.package.make import check_package, make_package
from lyricsrec.karaoke.settings import KaraokeConfig
from lyricsrec.karaoke.song import KaraokeSong
from lyricsrec.karaoke.subtitles import check_subtitles, make_subtitles
from lyricsrec.karaoke.video.file import CONTAINERS
from lyricsrec.karaoke.video.make import check_video, make_video
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.pipeline.settings import StemConfig


@dataclass(frozen=True)
class Maker:
    """How a kind of file is made, and how its settings are checked before any work."""

    make: Callable[[KaraokeSong, Path], None]
    check: Callable[[Path, KaraokeConfig], None]


MAKERS: dict[str, Maker] = {
    **dict.fromkeys(CONTAINERS, Maker(make_video, check_video)),
    ".cdg": Maker(make_cdg, check_cdg),
    ".zip": Maker(make_zip, check_cdg),
    ".ass": Maker(make_subtitles, check_subtitles),
}
"""Every kind of file by its ending."""

_FLAGS = {"fps": "--fps", "codec": "--codec", "backing": "--backing", "size": "--size"}


def check_output(output: Path, config: KaraokeConfig) -> Maker:
    """What makes a file, by its ending. Raises UsageError for unknown endings and wrong settings, OutputError."""
    settings.check(config, _FLAGS)
    maker = MAKERS.get(output.suffix.lower())
    if maker is None:
        raise UsageError(
            f"unknown kind of --output '{output.name or output}'", f"Its name must end in {', '.join(MAKERS)}."
        )
    maker.check(output, config)
    check_writable(output.parent)
    return maker


def make_karaoke(
    source: SongInput,
    transcript: Transcript,
    output: Path,
    *,
    config: KaraokeConfig | None = None,
    stems: StemConfig | None = None,
    progress: Progress = SILENT,
) -> None:
    """Write a karaoke file of a song with timed lyrics; the ending of `output` says of which kind.

    Raises UsageError for settings that do not fit, DataError for lyrics without times, AudioError where the song cannot
    be read, ModelError without a separator, OutputError where the file cannot be written.
    """
    chosen = config or KaraokeConfig()
    maker = check_output(output, chosen)
    with _opened(source, transcript, chosen, stems=stems, progress=progress) as song:
        song.check_apart(output)
        maker.make(song, output)


def make_karaoke_package(
    source: SongInput,
    transcript: Transcript,
    target: Path,
    *,
    config: KaraokeConfig | None = None,
    stems: StemConfig | None = None,
    progress: Progress = SILENT,
) -> list[str]:
    """Write everything for singing a song into a folder below `target`, or into a .zip; the names of the files.

    Raises what `make_karaoke` does.
    """
    chosen = config or KaraokeConfig()
    settings.check(chosen, _FLAGS)
    check_package(target, chosen)
    with _opened(source, transcript, chosen, stems=stems, progress=progress) as song:
        return make_package(song, target)


@contextlib.contextmanager
def _opened(
    source: SongInput,
    transcript: Transcript,
    config: KaraokeConfig,
    *,
    stems: StemConfig | None,
    progress: Progress,
) -> Iterator[KaraokeSong]:
    wanted = stems or StemConfig(config.separator)
    with source.open() as song:
        yield KaraokeSong(song, transcript, config, stems=wanted, progress=progress, path=source.path)
