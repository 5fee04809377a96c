"""ChordPro: lyrics with chords in brackets, and directives in braces. https://www.chordpro.org/chordpro"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lyricsrec.formats.base import Format, Parsed, Problem, Source
from lyricsrec.formats.sheet.sheet import read_sheet

_DIRECTIVE = re.compile(r"\s*\{\s*([A-Za-z_]+)(?:-[\w!-]+)?(?!\w)([^{}]*)\}\s*")
_NOTE = r"[A-H][#b♯♭]?"
_CHORD = re.compile(
    rf"\[(?:\*[^\]]{{0,80}}|N\.?C\.?|(?:{_NOTE}|[IVXivx]{{1,4}})"
    rf"(?:maj|min|dim|aug|sus|add|omit|no|mi|ma|m|M|[0-9°øØ+Δ^#b♯♭(),-])*(?:/{_NOTE})?)\]"
)
_KNOWN = frozenset(
    (
        *("title", "t", "subtitle", "st", "sorttitle", "artist", "composer", "lyricist", "copyright", "album", "year"),
        *("key", "time", "tempo", "duration", "capo", "meta", "arranger", "comment", "c", "comment_italic", "ci"),
        *(
            "comment_box",
            "cb",
            "highlight",
            "image",
            "define",
            "chord",
            "transpose",
            "new_page",
            "np",
            "new_song",
            "ns",
        ),
        *("new_physical_page", "npp", "column_break", "colb", "columns", "col", "diagrams", "textfont", "textsize"),
        *("chordfont", "chordsize", "soc", "eoc", "sov", "eov", "sob", "eob", "sot", "eot", "sog", "eog"),
    )
)
"""Directives that only ChordPro has; those that begin with start_of_ and end_of_ are known, too."""

_SHORT = {"c": "chorus", "v": "verse", "b": "bridge", "t": "tab", "g": "grid"}
_NOT_SUNG = frozenset(["tab", "grid", "abc", "ly", "svg", "textblock"])


def is_chordpro(text: str) -> bool:
    """Whether a text has a directive of ChordPro on a row of its own."""
    return any(_is_known(match[1]) for match in map(_DIRECTIVE.fullmatch, text.splitlines()) if match)


def _is_known(name: str) -> bool:
    return name.casefold() in _KNOWN or name.casefold().startswith(("start_of_", "end_of_"))


def _parse(source: Source) -> Parsed:
    """The sung lines; `{chorus}` stands for the chorus before it, and a chord within a word leaves no space."""
    rows: list[str] = []
    chorus: list[str] = []
    for part, row in _rows(source.text.splitlines()):
        if part == "recall":
            rows += chorus
            continue
        rows.append(row)
        chorus = [] if part == "start" else [*chorus, row] if part == "chorus" else chorus
    chords = sum(len(_CHORD.findall(row)) for row in rows)
    sheet = read_sheet("\n".join(_CHORD.sub("", row) for row in rows))
    return Parsed(
        sheet.lines, problems=(Problem(f"{chords} {'chord' if chords == 1 else 'chords'} left out"),) if chords else ()
    )


def _rows(rows: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Rows of lyrics, each with its part of the song; `start` of a chorus, and `recall` where it is sung again."""
    part = ""
    for row in rows:
        match = _DIRECTIVE.fullmatch(row)
        if match is None:
            if part not in _NOT_SUNG and not row.startswith("#"):
                yield part, row
            continue
        name = match[1].casefold()
        if name == "chorus":
            yield "recall", ""
        elif opened := _part(name, "start_of_", "so"):
            part = opened
            if part == "chorus":
                yield "start", ""
        elif _part(name, "end_of_", "eo"):
            part = ""


def _part(name: str, long: str, short: str) -> str:
    """The part of a song that a directive opens or closes; empty for others."""
    if name.startswith(long):
        return name.removeprefix(long)
    return _SHORT.get(name[2:], "") if name.startswith(short) else ""


CHORDPRO = Format(
    "chordpro",
    (".cho", ".crd", ".chopro", ".chordpro", ".pro"),
    "ChordPro, without its chords",
    sniff=lambda source: is_chordpro(source.text),
    parse=_parse,
    times="none",
)
