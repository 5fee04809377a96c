"""Rows with the times of cues, as programs and people write them."""

from __future__ import annotations

import pytest

from lyricsrec.formats.cues.timing_rows import has_times, mend, seconds_of

GOOD = "00:00:01,000 --> 00:00:02,000"


@pytest.mark.parametrize(
    ("row", "standard"),
    [
        (GOOD, GOOD),
        ("00:00:01 --> 00:00:02", GOOD),
        ("00:00:01.000 --> 00:00:02.000", GOOD),
        ("0:0:1,0 --> 0:0:2,0", GOOD),
        ("00:01,000-->00:02,000", GOOD),
        ("00:00:01,000 -> 00:00:02,000", GOOD),
        ("00:00:01,000 – > 00:00:02,000", GOOD),
        ("00:00:01,000 --&gt; 00:00:02,000", GOOD),
        ("00:00:01,000 → 00:00:02,000", GOOD),
        ("00:00:o1,0OO --> 00:00:O2,000", GOOD),
        ("00: 00: 01, 000 -> 00: 00: 02, 000", GOOD),
        ("００：００：０１，０００ --> ００：００：０２，０００", GOOD),
        ("00:00:01:000 --> 00:00:02:000", GOOD),
        ("-00:00:01,000 --> 00:00:02,000", "00:00:00,000 --> 00:00:02,000"),
        ("00:00:75,5 --> 00:01:20,25", "00:01:15,500 --> 00:01:20,250"),
        (f"{GOOD} X1:40 X2:600", f"{GOOD} X1:40 X2:600"),
    ],
)
def test_times_in_the_wild(row: str, standard: str) -> None:
    assert mend(f"1\n{row}\nla\n", "srt").text.split("\n") == ["", "1", standard, "la", ""]
    assert mend(f"1\n{row}\nla\n", "srt").problems == ()
    assert has_times(f"la\n{row}\n")
    vtt = mend(f"WEBVTT\n\n{row}\nla\n", "vtt")
    assert vtt.text == f"WEBVTT\n\n{standard.replace(',', '.')}\nla\n"


@pytest.mark.parametrize("row", ["So far --> away", "I -> you", "3 > 2", "12:30 > 12:40", "10:15", "", "a --> b"])
def test_rows_of_text(row: str) -> None:
    assert not has_times(row)


@pytest.mark.parametrize(
    "row",
    [
        "00:00:0x,000 --> 00:00:02,000",
        "soon --> 00:00:02,000",
        "00:00:01,000 -->",
        "00:00:01,000 --> soon",
        "00:00:01,000 --> 100:00:00,000",
    ],
)
def test_a_cue_whose_times_cannot_be_read_is_left_out_and_named(row: str) -> None:
    found = mend(f"1\n{GOOD}\nla\n\n2\n{row}\nlost\n\nlost, too\n\n3\n{GOOD}\nli\n", "srt")
    assert found.text.split() == ["1", *GOOD.split(), "la", "1", *GOOD.split(), "li"]
    message = f"these times cannot be read, so their text is skipped: {row!r}"
    assert [(problem.row, problem.message) for problem in found.problems] == [(6, message)]


def test_an_arrow_in_the_text() -> None:
    assert mend(f"1\n{GOOD}\nSo far --> away\n", "srt").text == f"\n1\n{GOOD}\nSo far -> away\n"


def test_text_before_the_first_cue_is_named() -> None:
    found = mend(f"Made by me\n\n1\n{GOOD}\nla\n\nli\n", "srt")
    assert list(map(str, found.problems)) == ["row 1: text without times is skipped: 'Made by me'"]


def test_comments_and_styles_are_no_lost_text() -> None:
    text = f"WEBVTT - title\nLanguage: en\n\nNOTE so\nfar\n\nSTYLE\n::cue {{}}\n\nREGION\nid:a\n\nintro\n{GOOD}\nla\n"
    assert mend(text, "vtt").problems == ()


def test_a_number_before_the_times_is_a_counter_only_where_most_cues_have_one() -> None:
    without = f"{GOOD}\nballoons\n99\n\n{GOOD}\n99\n{GOOD}\nla\n"
    assert mend(without, "srt").text.split("\n").count("99") == 2
    counted = f"1\n{GOOD}\n99\n2\n{GOOD}\nla\n3\n{GOOD}\nli\n"
    rows = mend(counted.replace("\n", "\r\r\n").replace("2\r", "#2.\r"), "srt").text.split("\n")
    assert [row for row in rows if row and "-->" not in row] == [
        "1",
        "99",
        "1",
        "la",
        "1",
        "li",
    ]


@pytest.mark.parametrize(
    ("stamp", "seconds"), [("1:02,5", 62.5), ("01:00:00.001", 3600.001), ("1:x", None), ("99:59:59", 359999.0)]
)
def test_seconds(stamp: str, seconds: float | None) -> None:
    assert seconds_of(stamp) == seconds
