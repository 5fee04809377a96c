"""CSV and TSV: lyricsrec's own, Whisper's, and others by the names of their columns."""

from __future__ import annotations

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Problem
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.formats.tables.columns import Columns, seconds_of
from lyricsrec.formats.tables.delimited import CSV, TSV
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

LINES = (
    Line((Word("So", 1.0, None), Word("far", None, None), Word("away", None, 2.5))),
    Line((Word("Home", 3.0, 4.0),)),
)
SONG = Transcript(
    "S",
    9.0,
    (Line((Word('a"b', 1.0, 1.5, confidence=0.5), Word("c,d", None, None))), Line((Word("e", 2.0, 2.0005),))),
    provenance=Provenance("0", "none", "t", decoder="greedy"),
)


def test_written_text() -> None:
    assert CSV.render(SONG) == (
        'line,start_s,end_s,word,confidence\n1,1.000,1.500,"a""b",0.500\n1,,,"c,d",\n2,2.000,2.001,e,\n'
    )
    assert TSV.render(SONG) == (
        'line\tstart_s\tend_s\tword\tconfidence\n1\t1.000\t1.500\ta"b\t0.500\n1\t\t\tc,d\t\n2\t2.000\t2.001\te\t\n'
    )


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("start\tend\ttext\n1000\t2500\tSo far away\n3000\t4000\tHome\n", "tsv"),
        ('start,end,text\n1000,2500," So far away"\n3000,4000," Home"\n', "csv"),
        ("start\tend\ttext\n1.0\t2.5\tSo far away\n3.0\t4.0\tHome\n", "tsv"),
        ("Start (s);End (s);Label\n1,0;2,5;So far away\n3;4;Home\n", "csv"),
        ("text,begin_ms,duration_ms\nSo far away,1000,1500\nHome,3000,1000\n", "csv"),
        ("start_time,end_time,lyrics_line\n0:01.0,0:02.5,So far away\n0:00:03,0:00:04,Home\n", "csv"),
        ("\ufeffstart,end,text\r\n1000,2500,So far away\r\n\r\n3000,4000,Home\r\n", "csv"),
    ],
)
def test_tables_of_others(text: str, form: str) -> None:
    for name in (f"a.{form}", "a.txt"):
        lyrics = parse_lyrics(text, name)
        assert (lyrics.format.name, lyrics.lines) == (form, LINES)


def test_quotes_in_the_tables_of_whisper_are_lyrics() -> None:
    lyrics = parse_lyrics('start\tend\ttext\n1000\t2500\t"So" far\n2600\t2700\t"away\n', "a.tsv")
    assert [line.text for line in lyrics.lines] == ['"So" far', '"away']


def test_rows_that_cannot_be_read_are_named() -> None:
    text = "start,end,text\n1.0,2.0,So\nnan,3.0,no\n2.0,inf,no\n5.0\n1e99,2,no\n3.0,4.0,far\n"
    lyrics = parse_lyrics(text, "a.csv")
    assert [line.text for line in lyrics.lines] == ["So", "far"]
    assert lyrics.problems == (
        Problem("invalid time 'nan'", 3),
        Problem("invalid time 'inf'", 4),
        Problem("too few columns", 5),
        Problem("the time '1e99' is later than 100 hours", 6),
    )


@pytest.mark.parametrize("text", ["So far\naway\n", "start,end\n1,2\n", "word\nSo\n", '"unclosed\nSo'])
def test_tables_without_columns_of_starts_and_texts(text: str) -> None:
    with pytest.raises(DataError, match=r"^a\.csv: its first row names no columns of starts and texts$"):
        parse_lyrics(text, "a.csv")


def test_lyrics_that_look_a_little_like_a_table() -> None:
    assert parse_lyrics("Start, line\nSo far, away\n", "a.txt").format.name == "txt"


def test_columns_and_times() -> None:
    assert Columns.of(["Line", "Start (ms)", "Word"]) == Columns(start=1, text=2, line=0, unit_s=0.001)
    assert Columns.of(["line", "start"]) == Columns(start=1, text=0)
    assert [seconds_of(text) for text in ("", "1.5", "1:02:03.5", "2e1", "7,25")] == [None, 1.5, 3723.5, 20.0, 7.25]
    for text in ("-1", "x", "1" * 4000, "1:2:3:4", "NaN"):
        with pytest.raises(ValueError, match="time"):
            seconds_of(text)


def test_an_invalid_time_does_not_change_the_unit() -> None:
    lyrics = parse_lyrics("start\tend\ttext\n1000\tx\tSo\n3000\t4000\taway\n", "a.tsv")
    assert [line.words for line in lyrics.lines] == [(Word("away", 3.0, 4.0),)]
    assert lyrics.problems == (Problem("invalid time 'x'", 2),)
