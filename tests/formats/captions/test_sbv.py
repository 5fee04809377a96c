"""SBV: subtitles of YouTube."""

from __future__ import annotations

from lyricsrec.formats.base import Problem
from lyricsrec.formats.read import parse_lyrics, rewritten
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Line, Word

TEXT = "0:00:01.000,0:00:02.500\nSo far[br]away\n\n0:00:03.000,0:00:04.000\n[Music]\nHome\n"
LINES = (
    Line((Word("So", 1.0, None), Word("far", None, None))),
    Line((Word("away", None, 2.5),)),
    Line((Word("Home", 3.0, 4.0),)),
)


def test_rows_of_cues_are_lines() -> None:
    for name in ("a.sbv", "a.txt", "stdin"):
        lyrics = parse_lyrics(TEXT, name)
        assert (lyrics.format.name, lyrics.lines) == ("sbv", LINES)


def test_a_cue_without_a_readable_time_is_named() -> None:
    lyrics = parse_lyrics("lost\n" + TEXT + "0:00:0x.0,0:00:05.000\nlost\n0:99:1,0:0:2\ngone\n", "a.sbv")
    assert lyrics.problems == (
        Problem("text without a readable time before it", 1),
        Problem("text without a readable time before it", 9),
        Problem("text without a readable time before it", 11),
    )


def test_corrected_times() -> None:
    lyrics = parse_lyrics(TEXT, "a.sbv")
    moved = rewritten(lyrics, Retiming(offset_s=1.0, moves_s={2: 0.5}), ".sbv").data.decode("utf-8-sig")
    expected = TEXT.replace("0:00:01.000,0:00:02.500", "0:00:02.000,0:00:03.500")
    assert moved == expected.replace("0:00:03.000,0:00:04.000", "0:00:04.500,0:00:05.500")
