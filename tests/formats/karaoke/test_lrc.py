"""LRC files of players and people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyricsrec.base.errors import DataError
from lyricsrec.formats.karaoke.lrc import parse_lrc, retime_lrc
from lyricsrec.formats.registry import OUTPUT_FORMATS
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word


def lines(text: str) -> list[tuple[float | None, str, float | None]]:
    return [(line.start_s, line.text, line.end_s) for line in parse_lrc(text, "x.lrc")]


def test_line_times_tags_and_empty_rows() -> None:
    text = (
        "[ti:Song]\n[ar: Some: body]\n[:]note\n# by hand\n\n[00:01.00]So far\n[00:02.5]\n[1:02:50] Home \n[70:00]End\n"
    )
    assert lines(text) == [(1.0, "So far", 2.5), (62.5, "Home", None), (4200.0, "End", None)]
    assert parse_lrc(text, "x.lrc")[0].words == (Word("So", 1.0, None), Word("far", None, 2.5))


def test_a_line_with_several_times_is_repeated_in_order() -> None:
    assert lines("[00:30.00][00:10.00]Chorus line\n[00:20.00]Verse\n") == [
        (10.0, "Chorus line", None),
        (20.0, "Verse", None),
        (30.0, "Chorus line", None),
    ]


def test_a_positive_offset_makes_lyrics_appear_earlier() -> None:
    assert lines("[offset:+500]\n[00:10.00]a <00:11.00>b\n") == [(9.5, "a b", 10.5)]
    assert lines("[00:10.00]a\n[Offset: -250]\n") == [(10.25, "a", None)]
    assert lines("[offset:500]\n[00:00.20]a\n") == [(0.0, "a", None)]
    assert lines("[offset:]\n[00:10.00]a\n") == [(10.0, "a", None)]


def test_word_times() -> None:
    enhanced = "[00:01.00] <00:01.00> So <00:01.50> far <00:02.00>\n"
    assert parse_lrc(enhanced, "x")[0].words == (Word("So", 1.0, 1.5), Word("far", 1.5, 2.0))
    syllables = "[00:01.00]Mon[00:01.20]key [00:01.50]get up[00:02.00]\n"
    assert parse_lrc(syllables, "x")[0].words == (
        Word("Monkey", 1.0, 1.5),
        Word("get", 1.5, None),
        Word("up", None, 2.0),
    )
    twice = "[00:01.00][00:11.00]<00:01.00>So <00:01.50>far\n"
    assert parse_lrc(twice, "x")[1].words == (Word("So", 11.0, 11.5), Word("far", 11.5, None))


def test_word_times_in_place_of_line_times_or_beside_them() -> None:
    text = "[00:05.00][00:05.00]b [00:05.50]c\n<00:01.00> a <00:02.00>\n"
    assert lines(text) == [(1.0, "a", 2.0), (5.0, "b c", 5.5)]
    assert retime_lrc(text, "x", lambda t, line: t + 10 * (line or 0)) == (
        "[00:15.00][00:15.00]b [00:15.50]c\n<00:01.00> a <00:02.00>\n"
    )
    again = "[00:05.00][00:05.00][00:09.00]b\n"
    assert retime_lrc(again, "x", lambda t, line: t + 10 * (line or 0)) == "[00:05.00][00:05.00][00:19.00]b\n"


def test_rows_without_lyrics_end_a_line_or_are_ignored() -> None:
    assert lines("[00:01.00]a\n[00:05.00][Chorus]\n[00:06.00]♪\n[Verse 2]\n[00:07.00]La (x2)\n") == [
        (1.0, "a", 5.0),
        (7.0, "La La", None),
    ]


def test_rows_without_a_time_follow_the_row_before() -> None:
    assert lines("Intro words\n[00:09.00]b\nand on\n[00:03.00]a\n") == [
        (None, "Intro words", None),
        (3.0, "a", None),
        (9.0, "b", None),
        (None, "and on", None),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[00:01.00]a\n[00:7x.10]b\n", "x.lrc: invalid timestamp [00:7x.10] in row 2"),
        ("[00:61.00]a\n", "x.lrc: invalid timestamp [00:61.00] in row 1"),
        ("[-1:00.00]a\n", "x.lrc: invalid timestamp [-1:00.00] in row 1"),
        ("[00:01.00]a <00:02.zz> b\n", "x.lrc: invalid timestamp <00:02.zz> in row 1"),
        ("[00:01.00]a\n[offset:soon]\n", "x.lrc: invalid offset 'soon' in row 2"),
    ],
)
def test_invalid_timestamps_and_offsets(text: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse_lrc(text, "x.lrc")
    assert str(error.value) == message


def test_retimed_files_keep_everything_else() -> None:
    text = "[ti:S]\r\n[offset:500]\r\n[00:30.00][00:10.00]A <00:11.000>b\r\n[00:20.0]\r\n[00:25.00]c"
    moved = retime_lrc(text, "x", lambda t, line: t + (10 if line == 1 else 1))
    assert moved == ("[ti:S]\r\n[offset:0]\r\n[00:30.50][00:10.50]A <00:11.500>b\r\n[00:20.50]\r\n[00:34.50]c")


WORD = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=8)


@given(st.lists(st.lists(st.tuples(WORD, st.integers(1, 90)), min_size=1, max_size=5), min_size=1, max_size=6))
def test_written_lrc_is_read_back(song: list[list[tuple[str, int]]]) -> None:
    at = 100
    made = []
    for line in song:
        words = []
        for text, length in line:
            words.append(Word(text, at / 100, (at + length) / 100))
            at += length
        made.append(Line(tuple(words)))
        at += 900
    transcript = Transcript("Song", at / 100, tuple(made), provenance=Provenance("0", "none", "test", decoder="greedy"))
    read = parse_lrc(OUTPUT_FORMATS["elrc"].render(transcript), "x.elrc")
    assert read == transcript.lines
    by_line = parse_lrc(OUTPUT_FORMATS["lrc"].render(transcript), "x.lrc")
    assert [(line.text, line.start_s) for line in by_line] == [(line.text, line.start_s) for line in transcript.lines]
