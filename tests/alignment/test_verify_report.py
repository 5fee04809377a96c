"""Reports on the times of given lyrics."""

from __future__ import annotations

import json

from lyricsrec.alignment.verify import VerifyConfig, verify, without_times
from lyricsrec.alignment.verify_report import report_json, report_text
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Line, Placement

# A beat lasts 0.1 s; six lines, of one word each, every 10 s from 1 s on.
TEXT = "#TITLE:T\n#BPM:150\n#GAP:1000\n" + "- 1\n".join(f": {100 * i} 5 0 word{i}\n" for i in range(6)) + "E\n"
GIVEN = parse_lyrics(TEXT, "song.txt")


def aligned(retiming: Retiming) -> tuple[Line, ...]:
    lines = list(retiming.lines(GIVEN.lines))
    lines[5] = Line(without_times(lines)[5].words, Placement(0.0, "unplaced", "not found in the recording"))
    return tuple(lines)


def test_text() -> None:
    late = Retiming(1.0, VerifyConfig().lead_s - 0.5, {2: 3.0})
    found = verify(GIVEN.lines, aligned(late), VerifyConfig())
    assert report_text("song.mp3", GIVEN, found) == (
        "song.mp3, song.txt: 0.50 s late throughout; 1 line does not fit\n"
        "  6 lines: 4 correct, 1 wrong, 1 not placed\n"
        "  5 word times compared; half of them agree within 0.00 s\n"
        "  corrected header: #GAP:500\n"
        "\n"
        "    given  correct    found  lines to check\n"
        "  0:21.00  0:23.50  0:23.52  wrong: word2\n"
        "  0:51.00  0:50.50        -  not placed (not found in the recording): word5\n"
    )


def test_text_for_correct_times_and_for_no_verdict() -> None:
    found = verify(GIVEN.lines, GIVEN.lines, VerifyConfig())
    assert report_text("a", GIVEN, found) == (
        "a, song.txt: in time\n  6 lines: 6 correct\n  6 word times compared; half of them agree within 0.00 s\n"
    )
    nothing = verify(GIVEN.lines, without_times(GIVEN.lines), VerifyConfig())
    assert report_text("a", GIVEN, nothing) == (
        "a, song.txt: cannot tell: too few lines were placed (0 of 6)\n  6 lines: 6 not placed\n"
    )


def test_json() -> None:
    found = verify(GIVEN.lines, aligned(Retiming(1.02, VerifyConfig().lead_s)), VerifyConfig())
    document = json.loads(report_json("a.mp3", GIVEN, found))
    lines = document.pop("lines")
    assert document == {
        "schema": 1,
        "song": "a.mp3",
        "lyrics": "song.txt",
        "form": "ultrastar",
        "in_time": False,
        "verdicts": ["runs 2.00 % fast: 0.02 s early at the first line, 1.02 s early at the last"],
        "correction": {"stretch": 1.02, "offset_s": 0.0},
        "fitted": {"stretch": 1.02, "offset_s": VerifyConfig().lead_s},
        "spread_s": 0.0,
        "num_times": 5,
        "ultrastar": {"GAP": "1020", "BPM": "147.05882"},
    }
    assert lines[1] == {
        "text": "word1",
        "given_s": 11.0,
        "right_s": 11.22,
        "heard_s": 11.24,
        "difference_s": 0.0,
        "fit": "fits",
        "band": None,
        "reason": None,
    }
    assert (lines[5]["fit"], lines[5]["band"], lines[5]["heard_s"]) == ("unplaced", "unplaced", None)
