"""Lyrics in Latin letters, with the times of the words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.formats.registry import FORMATS
from lyricsrec.lyrics.music.sections import Section
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.music.romanise import romanised, romanised_line, with_romanised

MADE = Provenance("0", "none", "none", decoder="none")


def line_of(*texts: str) -> Line:
    """Words of a second each."""
    return Line(tuple(Word(text, float(i), i + 1.0) for i, text in enumerate(texts)))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("银", "行", "OK"), ["yín", "háng", "OK"]),
        (("行", "走"), ["xíng", "zǒu"]),
        (("君", "を", "愛してる"), ["kimi", "wo", "aishiteru"]),
        (("사랑해", "baby"), ["saranghae", "baby"]),
    ],
)
def test_words_keep_their_times(texts: tuple[str, ...], expected: list[str]) -> None:
    found = romanised_line(line_of(*texts))
    assert [word.text for word in found.words] == expected
    assert [(word.start_s, word.end_s) for word in found.words] == [(float(i), i + 1.0) for i in range(len(texts))]
    assert found.role == "romanised"


def test_several_words_share_the_time_of_one() -> None:
    assert romanised_line(line_of("北京")).words == (Word("běi", 0.0, 0.5), Word("jīng", 0.5, 1.0))
    untimed = romanised_line(Line((Word("北京", 1.0, None),)))
    assert untimed.words == (Word("běi", 1.0, None), Word("jīng", None, None))


def test_kanji_of_a_japanese_song_are_not_read_as_chinese() -> None:
    assert romanised_line(line_of("愛"), is_japanese=True).text == "ai"


@pytest.mark.slow
def test_other_scripts_by_uroman() -> None:
    assert romanised_line(line_of("Привет", "мир")).text == "Privet mir"


SONG = Transcript(
    "song",
    9.0,
    (line_of("사랑해"), Line((Word("Oh", 3.0, 4.0),))),
    provenance=MADE,
    sections=(Section("verse", 0.0, 4.0, lines=(0, 1)),),
)


def test_lines_follow_those_they_come_from() -> None:
    found = romanised(SONG)
    assert [(line.text, line.role) for line in found.lines] == [
        ("사랑해", None),
        ("saranghae", "romanised"),
        ("Oh", None),
    ]
    assert found.sections[0].lines == (0, 1, 2)


def test_lyrics_in_latin_letters_are_kept() -> None:
    latin = replace(SONG, lines=SONG.lines[1:])
    assert with_romanised(latin) == latin
    with pytest.raises(DataError, match="all its letters are Latin"):
        romanised(latin)


@pytest.mark.parametrize("name", ["json", "ttml", "ass"])
def test_formats_that_keep_the_role(name: str) -> None:
    text = FORMATS[name].render(romanised(SONG))
    lines = parse_lyrics(text, f"song{FORMATS[name].suffix}").lines
    assert [(line.text, line.role) for line in lines] == [
        ("사랑해", None),
        ("saranghae", "romanised"),
        ("Oh", None),
    ]
    assert lines[1].start_s == 0.0


@pytest.mark.parametrize("name", ["lrc", "elrc"])
def test_lrc_has_a_second_row_at_the_same_time(name: str) -> None:
    lines = parse_lyrics(FORMATS[name].render(romanised(SONG)), "song.lrc").lines
    assert [(line.text, line.role, line.start_s) for line in lines[:2]] == [
        ("사랑해", None, 0.0),
        ("saranghae", "translation", 0.0),
    ]
