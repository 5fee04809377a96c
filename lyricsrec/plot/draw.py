"""Plotting a song with its timed lyrics, as a picture or a page."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from lyricsrec.audio.inputs import SongInput
from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import check_writable, replacing
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.base.settings import check
from lyricsrec.lyrics.music.harmony import Chord
from lyricsrec.lyrics.music.notes import Melody
from lyricsrec.lyrics.transcript import Line
from lyricsrec.plot.backdrop import Backdrop, read_backdrop
from lyricsrec.plot.content import Content, content_of
from lyricsrec.plot.page import SoundInPage, write_page
from lyricsrec.plot.settings import PlotConfig

PICTURES = ("png", "svg", "pdf")
PAGES = ("html", "htm")


def check_output(output: Path) -> str:
    """The format of a file by its suffix. Raises UsageError for others, OutputError if it cannot be written."""
    form = output.suffix.lower().lstrip(".")
    if form not in PICTURES + PAGES:
        known = ", ".join(f".{name}" for name in PICTURES + PAGES[:1])
        raise UsageError(f"unknown format of --output '{output.name}'", f"Its name must end in one of {known}.")
    check_writable(output.parent)
    return form


def plot(
    source: SongInput,
    lines: Sequence[Line],
    output: Path,
    *,
    chords: Sequence[Chord] = (),
    melody: Melody | None = None,
    config: PlotConfig,
    progress: Progress = SILENT,
) -> None:
    """Plot a song with its lyrics, and chords and melody if there are some, in the format of the suffix of `output`.

    Raises UsageError for an unknown suffix and for a part after the end of the song, AudioError when the song cannot be
    read, OutputError when the file cannot be written. Memory is bounded, except for audio embedded in a page.
    """
    check(config)
    form = check_output(output)
    sound = SoundInPage() if form in PAGES and config.audio == "embed" else None
    backdrop, title = _read(source, config, sound=sound, progress=progress)
    content = replace(content_of(title, lines, backdrop, chords=chords, progress=progress), melody=melody)
    if form in PAGES:
        address = sound.address() if sound is not None else _link(source, output, config)
        write_page(output, content, audio=address, audio_start_s=config.from_s if sound is not None else 0.0)
    else:
        _draw_picture(output, form, content, row_s=config.row_s, progress=progress)


def _read(
    source: SongInput, config: PlotConfig, *, sound: SoundInPage | None, progress: Progress
) -> tuple[Backdrop, str]:
    """The backdrop and the title of a song."""
    with source.open() as song:
        backdrop = read_backdrop(
            song,
            config.background,
            from_s=config.from_s,
            to_s=config.to_s,
            report=lambda done_s: progress.update("reading", done_s, song.duration_s),
            collect=sound.add if sound is not None else None,
        )
        for warning in song.warnings:
            progress.warn(f"{source.name}: {warning}")
        title = song.title
    if backdrop.end_s <= backdrop.start_s:
        raise UsageError(
            f"--from {config.from_s:g} is after the end of the song, which lasts {backdrop.duration_s:.1f} s",
            "Give an earlier time in seconds.",
        )
    return backdrop, title


def _draw_picture(output: Path, form: str, content: Content, *, row_s: float, progress: Progress) -> None:
    # Imported when first used: matplotlib is slow to load.
    from lyricsrec.plot.picture import write_picture

    with replacing(output) as temporary, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        write_picture(temporary, form, content, row_s=row_s)
    # Other warnings of matplotlib do not concern users.
    if any("missing from" in str(warning.message) for warning in caught):
        progress.warn(
            "the fonts on this machine lack some of the letters; install a font that has them, or write .html"
        )


def _link(source: SongInput, output: Path, config: PlotConfig) -> str | None:
    """The address of the song relative to the page."""
    if source.path is None or config.audio != "link":
        return None
    song = source.path.resolve()
    try:
        relative = Path(os.path.relpath(song, output.resolve().parent))
    except ValueError:
        # Another drive on Windows.
        return song.as_uri()
    # With the dot, a colon in a name is not read as a URL scheme.
    return "./" + quote(os.fsencode(relative.as_posix()))
