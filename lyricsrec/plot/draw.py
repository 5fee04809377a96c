"""From a song and its timed lyrics to a picture or a page."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lyricsrec.audio.inputs import SongInput
from lyricsrec.base.clock import clock
from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import check_writable, replacing
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.lyrics.transcript import Line
from lyricsrec.plot.backdrop import Backdrop, read_backdrop
from lyricsrec.plot.layout import Span, placed_words, remarks, within
from lyricsrec.plot.page import SoundInPage
from lyricsrec.plot.settings import PlotConfig

PICTURES = ("png", "svg", "pdf")
PAGES = ("html", "htm")
_PAST_END_S = 0.1


def check_output(output: Path) -> str:
    """What kind of file an ending asks for. Raises UsageError for others, OutputError where it cannot be written."""
    form = output.suffix.lower().lstrip(".")
    if form not in PICTURES + PAGES:
        known = ", ".join(f".{name}" for name in PICTURES + PAGES[:1])
        raise UsageError(f"cannot tell from '{output.name}' what to write", f"--output ends in one of {known}.")
    check_writable(output.parent)
    return form


def plot(
    source: SongInput, lines: Sequence[Line], output: Path, config: PlotConfig, progress: Progress = SILENT
) -> None:
    """Plot a song with its lyrics as the ending of `output` says.

    Raises UsageError for an unknown ending, or a part that lies behind the song's end; AudioError when the song cannot
    be read; OutputError when the file cannot be written. Memory is bounded, but for the sound that a page embeds.
    """
    config.check()
    form = check_output(output)
    sound = SoundInPage() if form in PAGES and config.audio == "embed" else None
    with source.open() as song:
        backdrop = read_backdrop(
            song,
            config.background,
            config.from_s,
            config.to_s,
            lambda done_s: progress.update("reading", done_s, song.duration_s),
            sound.add if sound is not None else None,
        )
        for remark in song.warnings:
            progress.warn(f"{source.name}: {remark}")
        title = song.title
    if backdrop.end_s <= backdrop.start_s:
        raise UsageError(
            f"--from {config.from_s:g} lies behind the end of the song, which lasts {backdrop.duration_s:.1f} s"
        )
    words = placed_words(lines)
    _warn_of_late_words(words, backdrop, progress)
    spans = within(words, backdrop.start_s, backdrop.end_s)
    every = remarks(lines, backdrop.duration_s)
    asides = [aside for aside in every if backdrop.start_s <= aside.at_s <= backdrop.end_s]
    if form in PAGES:
        from lyricsrec.plot.page import write_page

        address = sound.address() if sound is not None else _link(source, output, config)
        start_s = backdrop.start_s if sound is not None else 0.0
        write_page(output, title, spans, asides, backdrop, address, start_s)
        return
    from lyricsrec.plot.picture import write_picture

    with replacing(output) as temporary, warnings.catch_warnings(record=True) as remarked:
        warnings.simplefilter("always")
        write_picture(temporary, form, title, spans, asides, backdrop, config.row_s)
    _warn_of_letters(remarked, progress)


def _link(source: SongInput, output: Path, config: PlotConfig) -> str | None:
    """The address of the song as seen from the page."""
    if source.path is None or config.audio != "link":
        return None
    song = source.path.resolve()
    try:
        relative = Path(os.path.relpath(song, output.resolve().parent))
    except ValueError:
        # Another drive of Windows.
        return song.as_uri()
    # The dot keeps a colon in a name from being read as a scheme.
    return "./" + quote(relative.as_posix())


def _warn_of_late_words(spans: Sequence[Span], backdrop: Backdrop, progress: Progress) -> None:
    late = sum(span.end_s > backdrop.duration_s + _PAST_END_S for span in spans)
    if late:
        progress.warn(
            f"{late} of {len(spans)} words lie past the song's end at {clock(backdrop.duration_s, 1)}: "
            "is it the transcript of this song?"
        )


def _warn_of_letters(remarked: Sequence[Any], progress: Progress) -> None:
    """Say once that letters are missing from the fonts here; other remarks of matplotlib are not for users."""
    if any("missing from" in str(remark.message) for remark in remarked):
        progress.warn(
            "the fonts on this machine lack some of the letters; install a font that has them, or write .html"
        )
