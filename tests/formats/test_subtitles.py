"""SubRip and WebVTT subtitles."""

from __future__ import annotations

from time import process_time

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.formats.registry import OUTPUT_FORMATS
from lyricsrec.formats.subtitles import parse_subtitles, retime_subtitles
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

VTT = """WEBVTT a title

STYLE
::cue {color: red}

NOTE by hand

first
00:01.000 --> 00:00:03.004 align:left
<v Bob>So <00:00:01.500><c>far &amp; away</c>
home (x2)

00:00:05.000 --> 00:00:06.000
♪♪

00:00:07.000 --> 00:00:08.000
End
"""


def test_vtt() -> None:
    first = (Word("So", 1.0, 1.5), Word("far", 1.5, None), Word("&", None, None), Word("away", None, None))
    assert parse_subtitles(VTT, "vtt", "x.vtt").lines == (
        Line(first, singers=("Bob",)),
        Line((Word("home", None, None), Word("home", None, 3.004)), singers=("Bob",)),
        Line((Word("End", 7.0, 8.0),)),
    )


def test_srt() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,004\n<i>So far</i>\n- away\n\n2\n00:00:03,000 --> 00:00:04,000\n[Music]\n\n"
    assert parse_subtitles(text, "srt", "x.srt").lines == (
        Line((Word("So", 1.0, None), Word("far", None, None))),
        Line((Word("away", None, 2.004),)),
    )


@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_written_subtitles_are_read_back(form: str) -> None:
    words = ((Word("So", 1.0, 1.25), Word("far", 1.25, 2.004)), (Word("<away>", 62.5, 63.0), Word("home", 63.0, 64.0)))
    song = Transcript(
        "Song", 90.0, tuple(map(Line, words)), provenance=Provenance("0", "none", "test", decoder="greedy")
    )
    read = parse_subtitles(OUTPUT_FORMATS[form].render(song), form, "x").lines
    if form == "vtt":
        assert read == song.lines
    else:
        assert [(line.start_s, line.end_s) for line in read] == [(line.start_s, line.end_s) for line in song.lines]


def test_retimed_vtt_keeps_everything_else() -> None:
    moved = retime_subtitles(VTT, "vtt", "x", moved=lambda t, line: t + (1.0 if line is None else 10.0 * line + 0.25))
    expected = VTT
    for old, new in [
        ("00:01.000 --> 00:00:03.004", "00:00:01.250 --> 00:00:03.254"),
        ("<00:00:01.500>", "<00:00:01.750>"),
        ("00:00:05.000 --> 00:00:06.000", "00:00:06.000 --> 00:00:07.000"),
        ("00:00:07.000 --> 00:00:08.000", "00:00:27.250 --> 00:00:28.250"),
    ]:
        expected = expected.replace(old, new)
    assert moved == expected


def test_retimed_srt() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,004\n<i>So</i>\n"
    assert retime_subtitles(text, "srt", "x", moved=lambda t, _: t - 5) == text.replace("01,000", "00,000").replace(
        "02,004", "00,000"
    )


@pytest.mark.parametrize(("form", "kind"), [("srt", "SubRip"), ("vtt", "WebVTT")])
def test_malformed_files(form: str, kind: str) -> None:
    with pytest.raises(DataError, match=rf"x: not a {kind} file"):
        parse_subtitles("hello", form, "x")


def test_cues_that_cannot_be_read_are_named() -> None:
    rows = ["WEBVTT - made by hand", "", "00:01.000 --> 100:00:02.000", "Never", "", "So far", "", "00:05 --> 00:06"]
    found = parse_subtitles("\n".join([*rows, "Home", ""]), "vtt", "x.vtt")
    assert found.lines == (Line((Word("Home", 5.0, 6.0),)),)
    assert list(map(str, found.problems)) == [
        "row 3: these times cannot be read, so their text is skipped: '00:01.000 --> 100:00:02.000'",
        "row 6: text without times is skipped: 'So far'",
    ]


def test_a_name_that_promises_another_form() -> None:
    srt = "1\n00:00:01,000 --> 00:00:02,000\nHome\n"
    read = parse_subtitles(srt, "vtt", "x.vtt")
    assert (read.lines, list(map(str, read.problems))) == (
        (Line((Word("Home", 1.0, 2.0),)),),
        ["no WEBVTT in the first row; read as SubRip"],
    )
    vtt = "\nWEBVTT\n\n00:01.000 --> 00:02.000\nHome\n"
    assert parse_subtitles(vtt, "srt", "x.srt").lines == read.lines
    moved = retime_subtitles(vtt, "srt", "x.srt", moved=lambda t, _: t + 1)
    assert moved == "WEBVTT\n\n00:00:02.000 --> 00:00:03.000\nHome\n"


YOUTUBE = """WEBVTT
Kind: captions
Language: de

00:00:00.000 --> 00:00:01.000 align:start position:0%
[Musik]

00:00:01.000 --> 00:00:02.500 align:start position:0%
\x20
Grün<00:00:01.500><c> ist</c><00:00:02.000><c> der</c>

00:00:02.500 --> 00:00:02.510 align:start position:0%
Grün ist der
\x20

00:00:02.510 --> 00:00:04.000 align:start position:0%
Grün ist der
Wald
"""


def test_rolling_captions_are_read_once_and_move_with_the_line_that_they_show() -> None:
    text = YOUTUBE + "\n00:00:04.000 --> 00:00:05.000\nWald\nim<00:00:04.500><c> Mai</c>\n"
    read = parse_subtitles(text, "vtt", "x.vtt")
    assert read.language == "german"
    assert read.lines == (
        Line((Word("Grün", 1.0, 1.5), Word("ist", 1.5, 2.0), Word("der", 2.0, 2.5))),
        Line((Word("Wald", 2.51, 4.0),)),
        Line((Word("im", 4.0, 4.5), Word("Mai", 4.5, 5.0))),
    )
    moved = retime_subtitles(
        text, "vtt", "x.vtt", moved=lambda t, line: t + (0.0 if line is None else 10.0 * (line + 1))
    )
    times = [row[:29] for row in moved.splitlines() if "-->" in row]
    assert times == [
        "00:00:00.000 --> 00:00:01.000",
        "00:00:11.000 --> 00:00:12.500",
        "00:00:12.500 --> 00:00:12.510",
        "00:00:22.510 --> 00:00:24.000",
        "00:00:34.000 --> 00:00:35.000",
    ]
    assert "Grün<00:00:11.500><c> ist</c>" in moved


@pytest.mark.parametrize(
    "text",
    [" " * 100_000 + "x", "-" * 100_000, "<a" * 100_000, "<rt>" * 50_000, "1" * 100_000 + ":-->", "{\\" * 9**5],
)
def test_long_rows_take_little_time(text: str) -> None:
    begin = process_time()
    parse_subtitles(f"1\n00:00:01,000 --> 00:00:02,000\n{text}\nHome\n", "srt", "x.srt")
    assert process_time() - begin < 3
