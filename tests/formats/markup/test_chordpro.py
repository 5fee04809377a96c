"""ChordPro: its lyrics, without chords, directives and tablature."""

from __future__ import annotations

import pytest

from lyricsrec.formats.base import Problem
from lyricsrec.formats.markup.chordpro import is_chordpro
from lyricsrec.formats.read import parse_lyrics

SONG = """{title: So far}
{artist: Somebody}
# a comment
{start_of_verse: Verse 1}
[G]So far a[C]way from home,
so [D7sus4]far a[F#m7b5/A]way[*softly]
{end_of_verse}
{soc}
[Am]Oh [N.C.]oh
{eoc}
{sot}
e|--3--0--|
{eot}
{comment: softly}
any[Bb]more
{chorus}
{start_of_grid}
| Am . | C . |
{end_of_grid}
"""


def test_lyrics_without_chords() -> None:
    lyrics = parse_lyrics(SONG, "a.txt")
    assert lyrics.format.name == "chordpro"
    assert [line.text for line in lyrics.lines] == [
        "So far away from home,",
        "so far away",
        "Oh oh",
        "anymore",
        "Oh oh",
    ]
    assert lyrics.problems == (Problem("10 chords left out"),)


@pytest.mark.parametrize("name", ["a.cho", "a.crd", "a.chordpro", "a.pro", "a.chopro"])
def test_its_suffixes(name: str) -> None:
    assert [line.text for line in parse_lyrics("So far a[C]way", name).lines] == ["So far away"]


def test_one_directive_in_a_sheet_is_enough() -> None:
    text = "[Verse 1]\nSo far a[C]way from home,\n{comment: softly}\nso far away\n"
    lyrics = parse_lyrics(text, "a.txt")
    assert [line.text for line in lyrics.lines] == ["So far away from home,", "so far away"]


def test_headings_in_braces_are_no_directives() -> None:
    assert parse_lyrics("{Verse 1}\nSo far\n{Chorus}\naway\n", "a.txt").format.name == "txt"


def test_long_rows_are_read_fast() -> None:
    assert not is_chordpro("{title" + " " * 50_000 + "x\n" + "{title:" * 20_000)
    assert parse_lyrics("[*" * 20_000 + "\nSo far", "a.cho").lines[-1].text == "So far"
