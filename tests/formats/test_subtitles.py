"""SubRip and WebVTT subtitles."""

from __future__ import annotations

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
    assert parse_subtitles(VTT, "vtt", "x.vtt") == (
        Line((Word("So", 1.0, 1.5), Word("far", 1.5, None), Word("&", None, None), Word("away", None, None))),
        Line((Word("home", None, None), Word("home", None, 3.004))),
        Line((Word("End", 7.0, 8.0),)),
    )


def test_srt() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,004\n<i>So far</i>\n- away\n\n2\n00:00:03,000 --> 00:00:04,000\n[Music]\n\n"
    assert parse_subtitles(text, "srt", "x.srt") == (
        Line((Word("So", 1.0, None), Word("far", None, None))),
        Line((Word("away", None, 2.004),)),
    )


@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_written_subtitles_are_read_back(form: str) -> None:
    words = ((Word("So", 1.0, 1.25), Word("far", 1.25, 2.004)), (Word("<away>", 62.5, 63.0), Word("home", 63.0, 64.0)))
    song = Transcript(
        "Song", 90.0, tuple(map(Line, words)), provenance=Provenance("0", "none", "test", decoder="greedy")
    )
    read = parse_subtitles(OUTPUT_FORMATS[form].render(song), form, "x")
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


def test_a_timestamp_beyond_100_hours() -> None:
    with pytest.raises(DataError, match="later than 100 hours"):
        parse_subtitles("WEBVTT\n\n00:01.000 --> 100:00:02.000\nSo\n", "vtt", "x")
