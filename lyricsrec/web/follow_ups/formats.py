"""The formats of downloads: those of lyrics, and those of melodies and chords."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import KW_ONLY, dataclass
from functools import partial

from lyricsrec.formats.base import Format
from lyricsrec.formats.chords.registry import CHORD_FORMATS
from lyricsrec.formats.karaoke.ultrastar_writer import UltraStarConfig
from lyricsrec.formats.registry import OUTPUT_FORMATS
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.music.melody.registry import MELODY_FORMATS, MelodyFormat
from lyricsrec.web.jobs.job import FollowUpName


@dataclass(frozen=True)
class Download:
    """A kind of file. One with `needs` exists once that was found in the song."""

    name: str
    suffix: str
    description: str
    _: KW_ONLY
    media_type: str
    write: Callable[[Transcript], bytes]
    needs: FollowUpName | None = None


def _of_format(form: Format, needs: FollowUpName | None = None) -> Download:
    return Download(
        form.name,
        form.suffix,
        form.description,
        media_type=f"{form.media_type}; charset=utf-8",
        write=lambda transcript: form.render(transcript).encode(),
        needs=needs,
    )


def _of_melody(form: MelodyFormat) -> Download:
    write = partial(_write_melody, form)
    kind = _MELODY_TYPES.get(form.name, "text/plain; charset=utf-8")
    return Download(form.name, form.suffix, form.description, media_type=kind, write=write, needs="melody")


def _write_melody(form: MelodyFormat, transcript: Transcript) -> bytes:
    return form.write(transcript, UltraStarConfig())


_MELODY_TYPES = {"midi": "audio/midi", "musicxml": "application/vnd.recordare.musicxml+xml"}

DOWNLOADS: dict[str, Download] = {
    **{form.name: _of_format(form) for form in OUTPUT_FORMATS.values()},
    **{name: _of_melody(form) for name, form in MELODY_FORMATS.items() if name not in OUTPUT_FORMATS},
    **{name: _of_format(form, "chords") for name, form in CHORD_FORMATS.items() if name not in OUTPUT_FORMATS},
}
"""By name. Formats of lyrics that can hold a melody or chords (UltraStar, ChordPro, JSON) do, once they were found."""


def downloads_with(found: Collection[FollowUpName]) -> list[str]:
    """The names of the formats of a song in which this was found."""
    return [name for name, form in DOWNLOADS.items() if form.needs is None or form.needs in found]
