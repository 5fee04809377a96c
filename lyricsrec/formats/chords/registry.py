"""Every format that `lyricsrec chords` writes: one more is a `Format` and a row here."""

from __future__ import annotations

from lyricsrec.base.errors import UsageError
from lyricsrec.formats.base import Format
from lyricsrec.formats.chords.lab import CHORD_LAB
from lyricsrec.formats.chords.over_lines import CHORDS_OVER_LINES
from lyricsrec.formats.json.transcript import JSON
from lyricsrec.formats.markup.chordpro import CHORDPRO

CHORD_FORMATS: dict[str, Format] = {form.name: form for form in (CHORDS_OVER_LINES, CHORDPRO, CHORD_LAB, JSON)}
"""By name, in the order of `--format` help."""


def chord_format(name: str) -> Format:
    """The format with this name, in any case. Raises UsageError for an unknown name."""
    try:
        return CHORD_FORMATS[name.lower()]
    except KeyError:
        raise UsageError(f"unknown format '{name}'", f"Known formats: {', '.join(CHORD_FORMATS)}.") from None


def chord_format_of_file(file_name: str) -> Format | None:
    """The format whose files may end like `file_name`, or None."""
    fits = (f for f in CHORD_FORMATS.values() if any(file_name.lower().endswith(end) for end in f.suffixes))
    return next(fits, None)
