"""ChordPro: lyrics with chords in brackets, and directives in braces. https://www.chordpro.org/chordpro"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lyricsrec.formats.base import Format, Parsed, Problem, Source
from lyricsrec.formats.marked_words import MARK, marked, readable
from lyricsrec.formats.markup.placed_chords import Mark, sheet_of
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
    """Title, artist and key, and each section of the song in its environment; a comment for one without words.

    Chords stand before the syllable over which they begin, or in a row of their own where nobody sings.
    """
    rows = [_row([word.text for word in line.words]) for line in transcript.lines]
    for omitted in read_sheet("\n".join(" ".join(row) for row in rows)).omitted:
        rows[omitted.row - 1] = [marked(text) for text in transcript.lines[omitted.row - 1].text.split()]
    sheet = sheet_of(transcript)
    lines = [with_chords(row, sheet.over.get(number, [])) for number, row in enumerate(rows)]
    between = {number: sheet.between(number) for number in range(len(rows) + 1)}
    parts = list[str]()
    for name, section in headed(transcript.sections, len(rows)):
        if section.lines and (row := between.pop(section.lines[0], "")):
            parts.append(row)
        within = [text for n in section.lines for text in (between.pop(n, ""), lines[n]) if text]
        parts.append(_environment(name, section.label.replace("-", ""), within))
    if not parts:
        parts = ["\n".join(text for n, line in enumerate(lines) for text in (between.pop(n, ""), line) if text)]
    parts.append(between.get(len(rows), ""))
    return "\n\n".join(["\n".join(_head(transcript)), *filter(None, parts)]) + "\n"


def _head(transcript: Transcript) -> list[str]:
    """Directives with what is known of the song; the key is that of the written chords."""
    tags = transcript.tags
    capo = transcript.capo or 0
    key = transcript.key.transposed(-capo).symbol if transcript.key is not None else None
    tempo = f"{transcript.beats.bpm:.0f}" if transcript.beats is not None else None
    known = (
        *(("title", tags.title or transcript.song), ("artist", tags.artist), ("album", tags.album)),
        *(("key", key), ("tempo", tempo), ("capo", str(capo) if capo else None)),
    )
    return [f"{{{name}: {_value(text)}}}" for name, text in known if text]


def _environment(name: str, label: str, rows: Sequence[str]) -> str:
    if not rows:
        return f"{{comment: {name}}}"
    return "\n".join([f"{{start_of_{label}: {name}}}", *rows, f"{{end_of_{label}}}"])


def _value(text: str) -> str:
    """The value of a directive, which ends at a brace."""
    return " ".join(text.translate(_NO_BRACES).split())


def _row(texts: Sequence[str]) -> list[str]:
    """The words of a row of lyrics, with marks where it would be read as something else."""
    row = readable(texts, " ".join, _words)
    return [MARK + row[0], *row[1:]] if row and row[0].startswith("#") else row


def with_chords(words: Sequence[str], marks: Sequence[Mark]) -> str:
    """A row with chords in brackets: before a character of a word, or after the last word."""
    texts = list(words)
    for mark in reversed(marks):
        if mark.word < len(texts):
            word = texts[mark.word]
            # Marks are characters that the lyrics do not have.
            places = [place for place, character in enumerate(word) if character != MARK]
            at = places[mark.character] if 0 < mark.character < len(places) else 0
            texts[mark.word] = f"{word[:at]}[{mark.symbol}]{word[at:]}"
    return " ".join([*texts, *(f"[{mark.symbol}]" for mark in marks if mark.word >= len(words))])


def _words(row: str) -> list[str]:
    rows = [_CHORD.sub("", row) for _, row in _rows([row.lstrip("#")])]
    lines = read_sheet("\n".join(rows)).lines
    return [word.text for word in lines[0].words] if len(lines) == 1 else []


CHORDPRO = Format(
    "chordpro",
    (".cho", ".crd", ".chopro", ".chordpro", ".pro"),
    "ChordPro, read without its chords, with sections; with chords by `chords`",
    sniff=lambda source: is_chordpro(source.text),
    parse=_parse,
    write=_write,
    times="none",
)
