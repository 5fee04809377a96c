"""Every format that is read or written.

One list serves `read_lyrics`, `--format` and its help, the correction of times, and the web page. A new format is one
file with a `Format` in it, and one row here.
"""

from __future__ import annotations

from lyricsrec.base.errors import UsageError
from lyricsrec.formats.base import Format
from lyricsrec.formats.captions.sbv import SBV
from lyricsrec.formats.captions.ttml import TTML
from lyricsrec.formats.dali.format import DALI
from lyricsrec.formats.json.aligners import AENEAS, GENTLE
from lyricsrec.formats.json.hugging_face import HUGGING_FACE
from lyricsrec.formats.json.lrclib import LRCLIB
from lyricsrec.formats.json.lyrics_transcriber import LYRICS_TRANSCRIBER
from lyricsrec.formats.json.transcript import JSON
from lyricsrec.formats.json.whisper import OPENAI, WHISPER
from lyricsrec.formats.json.whisper_cpp import WHISPER_CPP
from lyricsrec.formats.karaoke.ass import ASS
from lyricsrec.formats.karaoke.lrc import ELRC, LRC
from lyricsrec.formats.karaoke.ultrastar_format import ULTRASTAR
from lyricsrec.formats.labels import AUDACITY, LAB
from lyricsrec.formats.markup.chordpro import CHORDPRO
from lyricsrec.formats.sheet.text_format import TXT
from lyricsrec.formats.subtitles import SRT, VTT
from lyricsrec.formats.tables.delimited import CSV, TSV
from lyricsrec.formats.textgrid import TEXTGRID

_OF_OTHER_PROGRAMS = (WHISPER, OPENAI, WHISPER_CPP, HUGGING_FACE, AENEAS, GENTLE, LYRICS_TRANSCRIBER, LRCLIB)

_PACKED = (".gz",)

FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        *(TXT, LRC, ELRC, SRT, VTT, ASS, TTML, JSON, CSV, TSV, TEXTGRID, AUDACITY),
        *(CHORDPRO, LAB, SBV, ULTRASTAR, *_OF_OTHER_PROGRAMS, DALI),
    )
}
"""By name, in the order of `--format` help; sniffed from the last to the first, so general formats come first."""

OUTPUT_FORMATS: dict[str, Format] = {name: form for name, form in FORMATS.items() if form.write is not None}
"""The formats that can be written."""

INPUT_FORMATS: dict[str, Format] = {name: form for name, form in FORMATS.items() if form.parse is not None}
"""The formats that can be read."""

TEXT_SUFFIXES: tuple[str, ...] = tuple(
    dict.fromkeys(suffix for form in INPUT_FORMATS.values() for suffix in form.suffixes if suffix not in _PACKED)
)
"""How files of lyrics end that are text."""


def get_format(name: str) -> Format:
    """The output format with this name, in any case. Raises UsageError for an unknown name."""
    try:
        return OUTPUT_FORMATS[name.lower()]
    except KeyError:
        raise UsageError(f"unknown format '{name}'", f"Known formats: {', '.join(OUTPUT_FORMATS)}.") from None


def format_of_file(file_name: str) -> Format | None:
    """The output format whose files end like `file_name`, or None; the longest ending wins."""
    fits = [form for form in OUTPUT_FORMATS.values() if file_name.lower().endswith(form.suffix.lower())]
    return max(fits, key=lambda form: len(form.suffix), default=None)
