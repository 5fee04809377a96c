"""Text with a row of chords above each row of lyrics, as song sheets have it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from lyricsrec.formats.base import Format
from lyricsrec.formats.markup.placed_chords import Mark, sheet_of
from lyricsrec.lyrics.music.sections import headed
from lyricsrec.lyrics.transcript import Transcript


def _write(transcript: Transcript) -> str:
    """Headings of sections in brackets, chords over the words, and a row of chords where nobody sings."""
    sheet = sheet_of(transcript)
    blocks = []
    for number, line in enumerate(transcript.lines):
        words = [word.text for word in line.words]
        blocks.append(
            "\n".join(
                filter(None, [sheet.between(number).translate(_NO_BRACKETS), over(words, sheet.over.get(number, []))])
            )
        )
    heads = {section.lines[0]: name for name, section in headed(transcript.sections, len(blocks)) if section.lines}
    rows = [_capo(transcript)]
    for number, block in enumerate(blocks):
        rows.append(f"{_blank(number)}[{heads[number]}]\n{block}" if number in heads else block)
    rows.append(sheet.between(len(blocks)).translate(_NO_BRACKETS))
    text = "\n".join(row for row in rows if row)
    return text + "\n" if text else ""


_NO_BRACKETS = str.maketrans("", "", "[]")


def _blank(number: int) -> str:
    return "\n" if number else ""


def _capo(transcript: Transcript) -> str:
    return f"Capo {transcript.capo}" if transcript.capo else ""


def over(words: Sequence[str], marks: Sequence[Mark]) -> str:
    """Two rows, chords and words, or only words; a word moves right where the chord before needs its room."""
    chords, lyrics = "", ""
    waiting = list(marks)
    for number, word in enumerate(words):
        lyrics += " " if lyrics else ""
        mine = [mark for mark in waiting if mark.word == number]
        if mine and mine[0].character == 0 and chords:
            lyrics = lyrics.ljust(len(lyrics) + len(chords) + 1 - _width(lyrics))
        for mark in mine:
            column = _width(lyrics) + _width(word[: mark.character])
            chords = chords.ljust(max(column, len(chords) + bool(chords))) + mark.symbol
        lyrics += word
    for mark in waiting:
        if mark.word >= len(words):
            chords = chords.ljust(max(_width(lyrics) + 1, len(chords) + bool(chords))) + mark.symbol
    return f"{chords}\n{lyrics}" if chords else lyrics


def _width(text: str) -> int:
    """Columns in a font of fixed width."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


CHORDS_OVER_LINES = Format(
    "text", (".chords.txt", ".txt"), "text with chords above the lines", write=_write, times="none"
)
