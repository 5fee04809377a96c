"""Files that are no lyrics in any form that is read, recognised by their first bytes or their markup.

Without this they would be read as plain lyrics, markup and all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Source

_BYTES = {
    b"%PDF-": "a PDF document",
    b"PK\x03\x04": "a ZIP file, as DOCX, ODT, EPUB and MXL are",
    b"PK\x05\x06": "an empty ZIP file",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "a document of Word, Excel or PowerPoint",
    b"{\\rtf": "an RTF document",
    b"MThd": "a MIDI file",
    b"%!PS": "a PostScript document",
    b"krc1": "a KRC file, which is encrypted",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_ROOT = re.compile(
    r"\s*(?:<\?[^>]{0,2000}\?>\s*|<!--.{0,5000}?-->\s*|<!DOCTYPE[^>\[]{0,2000}(?:\[[^\]]{0,20000}\])?\s*>\s*)*"
    r"<(?:[\w.-]{1,40}:)?([A-Za-z][\w.-]{0,60})(?=[\s/>])",
    re.DOTALL | re.IGNORECASE,
)
_XML_MARK = re.compile(r"\s*(?:<\?xml\b|<!DOCTYPE\b|<!--)", re.IGNORECASE)
_ROOTS = {
    "html": "an HTML page",
    "sami": "SAMI subtitles",
    "score-partwise": "MusicXML",
    "score-timewise": "MusicXML",
    "musescore": "a MuseScore file",
    "svg": "a picture",
    "tt": "damaged TTML",
}
_TAGS = "html|head|body|div|p|span|br|b|i|u|em|strong|font|a|ul|ol|li|table|tr|td|h[1-6]|script|style|center|sync|pre"
_TAG = re.compile(rf"<(?:/(?:{_TAGS})\s*|(?:{_TAGS})(?:\s[^<>]{{0,500}})?/?)>", re.IGNORECASE)
_LATEX = re.compile(r"^[ \t]*\\(?:documentclass|usepackage|begin\{|section\*?\{|beginsong|chapter\*?\{)", re.MULTILINE)
_LILYPOND = re.compile(r'^[ \t]*\\(?:version[ \t]*"|relative\b|lyricmode\b|new\s+Staff\b)', re.MULTILINE)
_ABC = re.compile(r"X:[ \t]*\d+[ \t]*\r?\n(?:[A-Za-z]:.*\r?\n)*K:")
_FRAMES = re.compile(r"\{\d+\}\{\d*\}")
_TENTHS = re.compile(r"\[\d+\]\[\d*\]")
_MILLISECONDS = re.compile(r"^[ \t]*\[\d{1,9},\d{1,9}\][^\n]{0,500}?[<(]\d{1,9},\d{1,9}(?:,\d{1,9})?[>)]", re.MULTILINE)
_ULTRASTAR = re.compile(r"^[ \t]*#[ \t]*(?:BPM|GAP)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_SCC = re.compile(r"Scenarist_SCC")
_SUBVIEWER = re.compile(r"\[INFORMATION\]\s*\n\[(?:TITLE|AUTHOR)\]", re.IGNORECASE)


@dataclass(frozen=True)
class _Kind:
    """A kind of text that is refused."""

    name: str
    fits: Callable[[str], bool]


def _begins(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.match(text.lstrip()) is not None


def _contains(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None


def _most_rows(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        rows = [row for row in text.splitlines() if row.strip()]
        return sum(pattern.match(row.lstrip()) is not None for row in rows) > len(rows) / 2

    return fits


_TIMED_KINDS = (_Kind("karaoke of NetEase (YRC), QQ Music (QRC) or KuGou (KRC)", _contains(_MILLISECONDS)),)
_KINDS = (
    _Kind("MicroDVD subtitles, which count frames", _most_rows(_FRAMES)),
    _Kind("MPL2 subtitles", _most_rows(_TENTHS)),
    _Kind("SCC captions", _begins(_SCC)),
    _Kind("SubViewer subtitles", _begins(_SUBVIEWER)),
    _Kind("a tune in ABC notation", _begins(_ABC)),
    _Kind("a LaTeX document", _contains(_LATEX)),
    _Kind("a LilyPond score", _contains(_LILYPOND)),
    _Kind("an UltraStar song without notes", _contains(_ULTRASTAR)),
    _Kind("text with HTML tags", _contains(_TAG)),
    *_TIMED_KINDS,
)
_HINT = "Save the lyrics as plain text, or in a format that can be read; the manual lists them."


def refuse_bytes(source: Source) -> None:
    """Raises DataError for documents and pictures, by their first bytes."""
    data = source.data.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    name = next((name for mark, name in _BYTES.items() if data.startswith(mark)), None)
    if name is not None:
        raise DataError(f"{source.name}: {name}, not lyrics", _HINT)


def refuse_markup(source: Source, *, is_timed: bool = False) -> None:
    """Raises DataError for markup, and for subtitles of kinds that are not read, in a file taken for plain lyrics.

    In one with times (`is_timed`), these are whole documents, and karaoke with times in milliseconds.
    """
    text = source.text
    root = _ROOT.match(text)
    if root is not None and _TAG.fullmatch(f"<{root[1]}>"):
        name = _ROOTS.get(root[1].casefold(), "text with HTML tags")
    elif root is not None and (_XML_MARK.match(text) or root[1].casefold() in _ROOTS or f"</{root[1]}" in text):
        name = _ROOTS.get(root[1].casefold(), f"XML of <{root[1]}>")
    elif _XML_MARK.match(text):
        name = "XML"
    else:
        name = next((kind.name for kind in (_TIMED_KINDS if is_timed else _KINDS) if kind.fits(text)), "")
    if name:
        raise DataError(f"{source.name}: {name}, not lyrics", _HINT)
