"""Roles and singers, from a format and back."""

from __future__ import annotations

import pytest

from lyricsrec.formats.read import parse_lyrics
from lyricsrec.formats.registry import FORMATS
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

LINES = (
    Line((Word("so", 1.0, 1.5), Word("far", 1.5, 2.0)), singers=("Ann",)),
    Line((Word("away", 3.0, 3.5), Word("home", 3.5, 4.0)), singers=("Bob",)),
    Line((Word("ooh", 5.0, 6.0),), role="backing"),
    Line((Word("again", 7.0, 8.0), Word("now", 8.0, 9.0)), singers=("Ann", "Bob")),
)
SONG = Transcript("song", 20.0, LINES, provenance=Provenance("0", "none", "none", decoder="none"))


@pytest.mark.parametrize("name", ["json", "ttml", "ass", "elrc"])
def test_singers_and_backing_vocals_come_back(name: str) -> None:
    text = FORMATS[name].render(SONG)
    lines = parse_lyrics(text, f"song{FORMATS[name].suffix}").lines
    assert [(line.text, line.singers, line.role) for line in lines] == [
        (line.text, line.singers, line.role) for line in LINES
    ]
    assert [line.start_s for line in lines] == [line.start_s for line in LINES]


def test_the_voices_of_lrc() -> None:
    rows = FORMATS["elrc"].render(SONG).splitlines()[3:]
    assert rows[:3] == ["[#:v1=Ann]", "[#:v2=Bob]", "[#:v3=Ann & Bob]"]
    assert rows[4] == "[00:03.00]v2:  <00:03.00> away <00:03.50> home <00:04.00>"
    assert rows[5] == "[bg: <00:05.00> ooh <00:06.00>]"


def test_styles_of_ass() -> None:
    text = FORMATS["ass"].render(SONG)
    styles = [row.split(",")[0] for row in text.splitlines() if row.startswith("Style: ")]
    assert styles == ["Style: Karaoke", "Style: Karaoke 2", "Style: Backing", "Style: Karaoke 3"]


@pytest.mark.parametrize(
    ("row", "role"),
    [("(ooh)", "backing"), ("(ooh ooh),", "backing"), ("(ooh) yeah (ooh)", None), ("ooh (yeah)", None)],
)
def test_a_line_in_parentheses_is_backing(row: str, role: str | None) -> None:
    assert parse_lyrics(f"so far\n{row}\n", "a.txt").lines[1].role == role


def test_a_style_called_romaji_alone_is_sung() -> None:
    text = FORMATS["ass"].render(SONG).replace("Karaoke", "Romaji")
    assert parse_lyrics(text, "a.ass").lines[0].role is None
