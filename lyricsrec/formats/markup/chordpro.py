"""ChordPro: lyrics with chords in brackets, and directives in braces. https://www.chordpro.org/chordpro"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lyricsrec.formats.base import Format, Parsed, Problem, Source
from lyricsrec.formats.marked_words import MARK, marked, readable
from lyricsrec.formats.sheet.sheet import read_sheet
from lyricsrec.lyrics.music.sections import headed
from lyricsrec.lyrics.transcript import Transcript

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
_NO_BRACES = str.maketrans("{}", "()")
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


def _write(transcript: Transcript) -> str:
    """Title and artist, and each section of the song in its environment; a comment for one without words."""
    rows = [_row([word.text for word in line.words]) for line in transcript.lines]
    for omitted in read_sheet("\n".join(rows)).omitted:
        rows[omitted.row - 1] = " ".join(map(marked, transcript.lines[omitted.row - 1].text.split()))
    tags = transcript.tags
    known = (("title", tags.title or transcript.song), ("artist", tags.artist), ("album", tags.album))
    head = [f"{{{name}: {_value(text)}}}" for name, text in known if text]
    parts = [
        _environment(name, section.label.replace("-", ""), [rows[line] for line in section.lines])
        for name, section in headed(transcript.sections, len(rows))
    ]
    return "\n\n".join(["\n".join(head), *(parts or ["\n".join(rows)])]) + "\n"


def _environment(name: str, label: str, rows: Sequence[str]) -> str:
    if not rows:
        return f"{{comment: {name}}}"
    return "\n".join([f"{{start_of_{label}: {name}}}", *rows, f"{{end_of_{label}}}"])


def _value(text: str) -> str:
    """The value of a directive, which ends at a brace."""
    return " ".join(text.translate(_NO_BRACES).split())


def _row(texts: Sequence[str]) -> str:
    """A row of lyrics, with marks where it would be read as something else."""
    row = " ".join(readable(texts, " ".join, _words))
    return MARK + row if row.startswith("#") else row


def _words(row: str) -> list[str]:
    rows = [_CHORD.sub("", row) for _, row in _rows([row.lstrip("#")])]
    lines = read_sheet("\n".join(rows)).lines
    return [word.text for word in lines[0].words] if len(lines) == 1 else []


CHORDPRO = Format(
    "chordpro",
    (".cho", ".crd", ".chopro", ".chordpro", ".pro"),
    "ChordPro, without its chords, with sections",
    sniff=lambda source: is_chordpro(source.text),
    parse=_parse,
    write=_write,
    times="none",
)
