"""The text of cues."""

from __future__ import annotations

import pytest

from lyricsrec.formats.cues.rows import Row, rows_of
from lyricsrec.lyrics.transcript import Word


def texts(text: str) -> list[str]:
    return [" ".join(word.text for word in row.words) for row in rows_of(text)]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("<ruby>花<rt>はな</rt>見<rt>み</rt></ruby>だ", ["花見だ"]),
        ("<ruby>花<rp>(</rp><rt>はな</rt><rp>)</rp></ruby>", ["花"]),
        ("<ruby>花<rt>はな</ruby>が", ["花が"]),
        ("- One<br>- Two<BR/>Three", ["One", "Two", "Three"]),
        ("-One\n-Two", ["One", "Two"]),
        ("&gt;&gt; One", ["One"]),
        ("One\\NTwo", ["One", "Two"]),
        ("{\\an8}<font color='#ff0'>So</font> {i}far{/i}", ["So far"]),
        ("So&nbsp;far&lrm;, \u202bback\u202c", ["So far, back"]),
        ("I &lt;3 you", ["I <3 you"]),
        ("♪ Away ♪\n[Music]\n♪♪", ["Away"]),
        ("Well-known", ["Well-known"]),
    ],
)
def test_rows(text: str, rows: list[str]) -> None:
    assert texts(text) == rows


def test_voices_last_until_the_next_in_the_cue() -> None:
    rows = list(rows_of("<v.loud Ann Lee>So</v>\nfar\n<v Bob>away"))
    assert [row.singers for row in rows] == [("Ann Lee",), ("Ann Lee",), ("Bob",)]


def test_times_inside_and_highlighted_words() -> None:
    timed = "So<00:00:01,500><c> far</c><00:01.750> away"
    assert list(rows_of(timed)) == [Row((Word("So", None, 1.5), Word("far", 1.5, 1.75), Word("away", 1.75, None)))]
    marked = [row.marked for row in rows_of("So <u>far</u> away\n<b>All</b>\n<font color=red>So far</font> away")]
    assert marked == [{1}, {0}, {0, 1}]
