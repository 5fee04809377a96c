"""LRC files of players and people."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyricsrec.formats.base import Lyrics
from lyricsrec.formats.karaoke.lrc import LRC, parse_lrc, retime_lrc
from lyricsrec.formats.read import rewritten
from lyricsrec.formats.registry import OUTPUT_FORMATS
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word


def lines(text: str) -> list[tuple[float | None, str, float | None]]:
    return [(line.start_s, line.text, line.end_s) for line in parse_lrc(text).lines]


def test_line_times_tags_and_empty_rows() -> None:
    text = (
        "[ti:Song]\n[ar: Some: body]\n[:]note\n# by hand\n\n[00:01.00]So far\n[00:02.5]\n[1:02:50] Home \n[70:00]End\n"
    )
    assert lines(text) == [(1.0, "So far", 2.5), (62.5, "Home", None), (4200.0, "End", None)]
    assert parse_lrc(text).lines[0].words == (Word("So", 1.0, None), Word("far", None, 2.5))


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
    assert parse_lrc(enhanced).lines[0].words == (Word("So", 1.0, 1.5), Word("far", 1.5, 2.0))
    syllables = "[00:01.00]Mon[00:01.20]key [00:01.50]get up[00:02.00]\n"
    assert parse_lrc(syllables).lines[0].words == (
        Word("Monkey", 1.0, 1.5),
        Word("get", 1.5, None),
        Word("up", None, 2.0),
    )
    twice = "[00:01.00][00:11.00]<00:01.00>So <00:01.50>far\n"
    assert parse_lrc(twice).lines[1].words == (Word("So", 11.0, 11.5), Word("far", 11.5, None))


def test_word_times_in_place_of_line_times_or_beside_them() -> None:
    text = "[00:05.00][00:05.00]b [00:05.50]c\n<00:01.00> a <00:02.00>\n"
    assert lines(text) == [(1.0, "a", 2.0), (5.0, "b c", 5.5)]
    assert retime_lrc(text, lambda t, line: t + 10 * (line or 0)) == (
        "[00:15.00][00:15.00]b [00:15.50]c\n<00:01.00> a <00:02.00>\n"
    )
    again = "[00:05.00][00:05.00][00:09.00]b\n"
    assert retime_lrc(again, lambda t, line: t + 10 * (line or 0)) == "[00:05.00][00:05.00][00:19.00]b\n"


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
    ("text", "note"),
    [
        ("[00:01.00]a\n[00:7x.10]b\n", "row 2: invalid timestamp [00:7x.10]; the row is not used"),
        ("[00:61.00]b\n[00:01.00]a\n", "row 1: invalid timestamp [00:61.00]; the row is not used"),
        ("[00:01.00]a\n[00:02.00 b\n", "row 2: invalid timestamp [00:02.00 b; the row is not used"),
        ("[00:01.00]a <00:02.zz>\n", "row 1: invalid timestamp <00:02.zz>, which is not used"),
        ("[00:01.00]a\n[offset:soon]\n", "row 2: invalid offset 'soon', which is not used"),
    ],
)
def test_invalid_timestamps_and_offsets_are_skipped_and_named(text: str, note: str) -> None:
    assert lines(text) == [(1.0, "a", None)]
    assert [str(problem) for problem in parse_lrc(text).problems] == [note]
    assert retime_lrc(text, lambda t, line: t + 1) == text.replace("[00:01.00]", "[00:02.00]")


@pytest.mark.parametrize(
    ("stamp", "start_s", "later"),
    [
        ("[01:02:03.45]", 3723.45, "[01:02:04.45]"),
        ("[00:01:50]", 1.5, "[00:02:50]"),
        ("[00:05,25]", 5.25, "[00:06,25]"),
        ("[-00:01.00]", 0.0, "[00:00.00]"),
        ("[00:05.000-1]", 5.0, "[00:06.000-1]"),
        ("[00:02.5000]", 2.5, "[00:03.500]"),
        ("[3:07]", 187.0, "[3:08.00]"),
        ("[003:07.1]", 187.1, "[003:08.10]"),
    ],
)
def test_timestamps_in_the_wild(stamp: str, start_s: float, later: str) -> None:
    assert lines(f"{stamp}So far\n") == [(start_s, "So far", None)]
    assert retime_lrc(f"{stamp}So far\n", lambda t, line: t + (stamp[1] != "-")) == f"{later}So far\n"
    assert retime_lrc(f"{stamp}So far\n", lambda t, line: t) in (f"{stamp}So far\n", "[00:00.00]So far\n")


def test_headers_with_brackets_are_no_lyrics() -> None:
    for head in ("[ti:Hello [Live] at Home]", "[ti:a] b [c]", "[ar: Some: body]", "[my tag: x [y] z]", "[#: 1]"):
        assert lines(f"{head}\n[00:01.00]So\n") == [(1.0, "So", None)]
        assert retime_lrc(f"{head}\n[00:01.00]So\n", lambda t, line: t + 1) == f"{head}\n[00:02.00]So\n"
    assert lines("[00:01.00]So\n[Verse: 1] far [x]\n") == [(1.0, "So", None), (None, "far", None)]


@pytest.mark.parametrize(
    "title", ["Hello [Live] at Home", "a] b [c", "[00:01.00] x", "[bg: y]", "]", "two\nrows", "{z}"]
)
def test_our_own_titles_survive(title: str) -> None:
    line = Line((Word("So", 1.0, 1.5),))
    transcript = Transcript(title, 9.0, (line,), provenance=Provenance("0", "none", "test", decoder="greedy"))
    for form in ("lrc", "elrc"):
        written = OUTPUT_FORMATS[form].render(transcript)
        assert [(line.start_s, line.text) for line in parse_lrc(written).lines] == [(1.0, "So")]
        assert f"[ti:{' '.join(title.split())}]\n" in retime_lrc(written, lambda t, line: t + 1)


def test_background_vocals_are_lines_of_their_own() -> None:
    text = "[00:10.00]<00:10.00>Hey <00:11.00>there\n[bg: <00:12.50>ooh <00:13.00>aah<00:14.00>]\n[00:20.00]Next\n"
    parsed = parse_lrc(text).lines
    assert [(line.text, line.role) for line in parsed] == [("Hey there", None), ("ooh aah", "backing"), ("Next", None)]
    assert parsed[1].words == (Word("ooh", 12.5, 13.0), Word("aah", 13.0, 14.0))
    assert retime_lrc(text, lambda t, line: t + (line or 0)) == text.replace("12.50", "13.50").replace(
        "13.00>aah<00:14.00", "14.00>aah<00:15.00"
    ).replace("[00:20.00]", "[00:22.00]")
    assert [
        (line.start_s, line.text, line.role) for line in parse_lrc("[00:10.00]a [bg:ooh]\n[00:12.00][bg:aah]").lines
    ] == [
        (10.0, "a", None),
        (None, "ooh", "backing"),
        (12.0, "aah", "backing"),
    ]


def test_voices_are_singers() -> None:
    text = "[00:01.00]v1: <00:01.00>So <00:02.00>far\n[00:03.00]v2: away\n[00:04.00]F: home\n[00:05.00]again\n"
    text += "[00:06.00]M: and\n[00:07.00]D: on\n[00:08.00]Drive: fast\n"
    assert [(line.text, line.singers) for line in parse_lrc(text).lines] == [
        ("So far", ("v1",)),
        ("away", ("v2",)),
        ("home", ("female",)),
        ("again", ("female",)),
        ("and", ("male",)),
        ("on", ("female", "male")),
        ("Drive: fast", ("female", "male")),
    ]


def test_clocks_in_lyrics_are_no_times() -> None:
    text = "[00:05.00]Meet me at [8:15] by the bus\n[00:09.00]It is <12:30> now\n[00:12.00][9:15] is late\n"
    assert lines(text) == [
        (5.0, "Meet me at by the bus", None),
        (9.0, "It is 12:30 now", None),
        (12.0, "is late", None),
    ]
    assert retime_lrc(text, lambda t, line: t + 1) == text.replace("05.00", "06.00").replace("09.00", "10.00").replace(
        "12.00", "13.00"
    )


def test_credits_are_left_out() -> None:
    text = '{"t":0,"c":[{"tx":"Writer: "},{"tx":"A B","li":"http://x"}]}\n'
    text += "[00:00.000-1]Lyrics by : A B\n[00:05.000]So far\n"
    parsed = parse_lrc(text)
    assert [(line.start_s, line.text) for line in parsed.lines] == [(5.0, "So far")]
    assert [(left.row, left.text) for left in parsed.omitted] == [(1, "Writer: A B"), (2, "Lyrics by : A B")]
    assert [str(problem) for problem in parsed.problems] == ["left out in rows 1, 2: a credit"]
    assert retime_lrc(text, lambda t, line: t + 1) == text.replace("00.000-1", "01.000-1").replace("05.000", "06.000")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("<00:05.00>[Chorus] <00:05.50>Hello", (Word("Hello", 5.5, None),)),
        ("<00:05.00>Oh <00:05.50>[laughs]", (Word("Oh", 5.0, 5.5),)),
        ("<00:05.00>Hey <00:05.50>(x2)", (Word("Hey", 5.0, 5.5), Word("Hey", 5.5, None))),
        ("<00:05.00>Hey <00:05.50>you x2", (*(Word(t, s, e) for t, s, e in [("Hey", 5.0, 5.5), ("you", 5.5, None)]),)),
        ("<00:05.00>♪ <00:05.50>La", (Word("La", 5.5, None),)),
        ("<00:05.00>- La", (Word("La", 5.0, None),)),
        ("<00:05.00>a[C]way <00:05.50>home", (Word("away", 5.0, 5.5), Word("home", 5.5, None))),
        ("<00:05.00>[Chorus]<00:05.50>", ()),
    ],
)
def test_remarks_and_repeats_in_rows_with_word_times(row: str, words: tuple[Word, ...]) -> None:
    parsed = parse_lrc(f"[00:05.00]{row}\n").lines
    found = parsed[0].words if parsed else ()
    assert found[: len(words)] == words
    assert [word.text for word in found[len(words) :]] == (["Hey", "you"] if "you" in row else [])


def test_translations_share_the_time_and_the_end_of_their_line() -> None:
    text = "[00:01.00]So far\n[00:01.00]离家这么远\n[00:03.00]away\n[00:03.00]远\n[00:05.00]\n"
    assert [(line.start_s, line.end_s, line.role) for line in parse_lrc(text).lines] == [
        (1.0, None, None),
        (1.0, None, "translation"),
        (3.0, 5.0, None),
        (3.0, 5.0, "translation"),
    ]
    separate = "[00:01.00]So far\n[00:03.00]away\n[00:01.00]离家这么远\n[00:03.00]远\n[00:05.00]\n"
    assert parse_lrc(separate).lines == parse_lrc(text).lines


def test_other_bytes_are_kept() -> None:
    data = b"\xef\xbb\xbf[ti:caf\xe9]\r\n\x0b [00:01.00]So\x85 \xff far \r\n\n[00:02.50]a\r[x] \t\r\n[00:61.00]b"
    edited = rewritten(read_bytes(data), Retiming(1.0, 1.0), ".lrc").data
    assert edited == data.replace(b"00:01.00", b"00:02.00").replace(b"00:02.50", b"00:03.50")


def read_bytes(data: bytes) -> Lyrics:
    return Lyrics(parse_lrc(data.decode("utf-8-sig", "replace")).lines, LRC, "a.lrc", data=data, encoding="utf-8-sig")


PIECES = [
    " ",
    "[",
    "[1",
    "<1:",
    "[00:01.00]",
    "<00:01.00>",
    "[00:01.00]a",
    "[bg:",
    "(",
    "a <00:01.00>",
    "{",
    '{"t":',
    "]",
]


@pytest.mark.parametrize("piece", PIECES)
def test_the_time_grows_with_the_length_of_a_row(piece: str) -> None:
    times = []
    # 1 MB of timestamps takes seconds.
    for length in (10_000, 100_000) if piece.endswith(">") or "00:01" in piece else (100_000, 1_000_000):
        text = "[00:01.00]So far a" + piece * (length // len(piece)) + "b"
        begin = process_time()
        parse_lrc(text)
        retime_lrc(text, lambda t, line: t)
        times.append(process_time() - begin)
    assert times[1] / max(times[0], 0.02) < 60


def test_retimed_files_keep_everything_else() -> None:
    text = "[ti:S]\r\n[offset:500]\r\n[00:30.00][00:10.00]A <00:11.000>b\r\n[00:20.0]\r\n[00:25.00]c"
    moved = retime_lrc(text, lambda t, line: t + (10 if line == 1 else 1))
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
    read = parse_lrc(OUTPUT_FORMATS["elrc"].render(transcript)).lines
    assert read == transcript.lines
    by_line = parse_lrc(OUTPUT_FORMATS["lrc"].render(transcript)).lines
    assert [(line.text, line.start_s) for line in by_line] == [(line.text, line.start_s) for line in transcript.lines]
