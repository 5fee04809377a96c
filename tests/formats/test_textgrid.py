"""TextGrids of Praat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lyricsrec.base.errors import DataError, NoLyricsError
from lyricsrec.formats.read import parse_lyrics, read_lyrics
from lyricsrec.formats.registry import OUTPUT_FORMATS
from lyricsrec.formats.textgrid import parse_textgrid
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

Tier = tuple[str, Sequence[tuple[float, float, str]]]


def long_form(*tiers: Tier) -> str:
    """A TextGrid as Praat saves it."""
    rows = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0 ", "xmax = 9 ", "tiers? <exists> "]
    rows += [f"size = {len(tiers)} ", "item []: "]
    for number, (name, intervals) in enumerate(tiers, 1):
        rows += [f"    item [{number}]:", '        class = "IntervalTier" ', f'        name = "{name}" ']
        rows += ["        xmin = 0 ", "        xmax = 9 ", f"        intervals: size = {len(intervals)} "]
        for i, (start_s, end_s, text) in enumerate(intervals, 1):
            rows += [f"        intervals [{i}]:", f"            xmin = {start_s} ", f"            xmax = {end_s} "]
            rows += [f'            text = "{text}" ']
    return "\n".join(rows) + "\n"


def short_form(*tiers: Tier) -> str:
    """The same as Praat's short text file."""
    rows = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "0", "9", "<exists>", str(len(tiers))]
    for name, intervals in tiers:
        rows += ['"IntervalTier"', f'"{name}"', "0", "9", str(len(intervals))]
        for start_s, end_s, text in intervals:
            rows += [str(start_s), str(end_s), f'"{text}"']
    return "\n".join(rows)


PHONES = ("phones", [(0.0, 0.2, "s"), (0.2, 0.5, "oh"), (0.5, 0.7, "f"), (0.7, 1.0, "a"), (1.0, 9.0, "r")])
WORDS = ("Words", [(0.0, 0.5, "so"), (0.5, 2.0, "far"), (2.0, 3.0, ""), (3.0, 9.0, "home")])


@pytest.mark.parametrize("written", [long_form, short_form])
@pytest.mark.parametrize(
    "tiers", [[PHONES, WORDS], [WORDS, PHONES], [("A - words", WORDS[1]), PHONES], [("", WORDS[1])]]
)
def test_lines_end_at_silences(written: Callable[..., str], tiers: list[Tier]) -> None:
    assert parse_textgrid(written(*tiers), "a").lines == (
        Line((Word("so", 0.0, 0.5), Word("far", 0.5, 2.0))),
        Line((Word("home", 3.0, 9.0),)),
    )


@pytest.mark.parametrize("written", [long_form, short_form])
def test_lines_begin_where_those_of_their_tier_do(written: Callable[..., str]) -> None:
    lines = ("lines", [(0.0, 0.5, "so"), (0.5, 9.0, "far home")])
    assert [line.text for line in parse_textgrid(written(lines, WORDS), "a").lines] == ["so", "far home"]
    assert parse_textgrid(written(lines), "a").lines == (
        Line((Word("so", 0.0, 0.5),)),
        Line((Word("far", 0.5, None), Word("home", None, 9.0))),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_written_textgrids_are_read_back(tmp_path: Path, encoding: str) -> None:
    lines = (
        Line((Word("So", 1.0, 1.25), Word('"far"', 1.5, 2.004001))),
        Line((Word("süß", 2.1, 63.0), Word("item", 63.0, 64.123456))),
        Line((Word('""', 70.0, 70.5), Word("end", 70.5, 99.0))),
    )
    song = Transcript("S", 99.0, lines, provenance=Provenance("0", "none", "t", decoder="greedy"))
    (tmp_path / "a.TextGrid").write_bytes(OUTPUT_FORMATS["textgrid"].render(song).encode(encoding))
    lyrics = read_lyrics(tmp_path / "a.TextGrid")
    assert (lyrics.format.name, lyrics.timed) == ("textgrid", True)
    assert lyrics.lines == (*lines[:2], Line(lines[2].words[1:]))
    assert parse_lyrics(OUTPUT_FORMATS["textgrid"].render(song), "stdin").lines == lyrics.lines


@pytest.mark.parametrize(
    "text",
    [
        "So far",
        "File type =",
        long_form(WORDS)[:-60],
        long_form(WORDS).replace("xmax = 2.0", "xmax = then"),
        '{"xmin": 0, "xmax": 1, "tiers": {"a": {"type": "interval", "entries": [[0, 1' + "0" * 400 + ', "x"]]}}}',
        long_form(WORDS).replace("xmax = 2.0", "xmax = " + "9" * 400),
        "{}",
        "[1]",
    ],
)
def test_malformed_textgrids(text: str) -> None:
    with pytest.raises(DataError, match=r"a\.TextGrid: not a readable TextGrid"):
        parse_lyrics(text, "a.TextGrid")


def test_a_textgrid_of_silence_has_no_lyrics() -> None:
    with pytest.raises(NoLyricsError, match="no lyrics in it"):
        parse_lyrics(long_form(("words", [(0.0, 9.0, "sil")])), "a.TextGrid")


def sung(*tiers: Tier) -> list[tuple[str, tuple[str, ...]]]:
    return [(line.text, line.singers) for line in parse_lyrics(long_form(*tiers), "a.TextGrid").lines]


HELLO = [(0.0, 1.0, "hello"), (1.0, 9.0, "<eps>")]
HI = [(0.0, 2.0, "sil"), (2.0, 3.0, "hi"), (3.0, 4.0, "there"), (4.0, 5.0, "AP"), (5.0, 6.0, "hello")]
NOISE = [(0.0, 9.0, "x")]
TWO = [("hello", ("Ann",)), ("hi there", ("Bob",)), ("hello", ("Bob",))]


@pytest.mark.parametrize(
    "tiers",
    [
        [("Ann - words", HELLO), ("Ann - phones", NOISE), ("Bob - words", HI), ("Bob - phones", NOISE)],
        [("Ann", HELLO), ("Ann - phones", NOISE), ("Bob", HI), ("Bob - phones", NOISE)],
        [("Ann", HELLO), ("Bob", HI)],
        [("words (Ann)", HELLO), ("words (Bob)", HI)],
        [("words@Ann", HELLO), ("words@Bob", HI)],
    ],
)
def test_a_tier_for_each_singer(tiers: list[Tier]) -> None:
    assert sung(*tiers) == TWO


def test_lines_of_each_singer_and_lines_that_both_sing() -> None:
    lines = [(0.0, 0.5, "so"), (0.5, 9.0, "far home")]
    assert sung(("Ann - words", WORDS[1]), ("Ann - lines", lines), ("Bob - words", HELLO)) == [
        ("so", ("Ann",)),
        ("hello", ("Bob",)),
        ("far home", ("Ann",)),
    ]
    assert sung(("Ann - words", WORDS[1]), ("lines", lines), ("Bob - words", WORDS[1])) == [
        ("so", ("Ann", "Bob")),
        ("far home", ("Ann", "Bob")),
    ]
    assert sung(("Ann", WORDS[1]), ("Bob", WORDS[1])) == [("so far", ("Ann", "Bob")), ("home", ("Ann", "Bob"))]


def test_a_translation_is_no_singer_and_is_named() -> None:
    translation = [(0.0, 0.5, "si"), (0.5, 2.0, "lontano"), (3.0, 9.0, "casa")]
    lyrics = parse_lyrics(long_form(("English", WORDS[1]), ("Italiano", translation), PHONES), "a.TextGrid")
    assert [(line.text, line.singers) for line in lyrics.lines] == [("so far", ()), ("home", ())]
    assert lyrics.notes == ("a.TextGrid: the tier 'Italiano' is not read, as 'English' has the words",)


def test_tiers_of_maus_and_opencpop() -> None:
    maus = [("ORT-MAU", WORDS[1]), ("KAN-MAU", NOISE), ("MAU", PHONES[1])]
    assert sung(*maus) == [("so far", ()), ("home", ())]
    words = [(0.0, 1.0, "你"), (1.0, 2.0, "好"), (2.0, 3.0, "SP"), (3.0, 9.0, "吗")]
    opencpop = [("句子", [(0.0, 3.0, "你好"), (3.0, 9.0, "吗")]), ("汉字", words), ("音节", NOISE), ("音高", NOISE)]
    assert sung(*opencpop) == [("你 好", ()), ("吗", ())]


def test_intervals_with_several_words_are_lines() -> None:
    rows = [(0.0, 1.0, "so far"), (1.0, 2.0, "from my home"), (2.0, 3.0, "go")]
    assert sung(("transcript", rows)) == [("so far", ()), ("from my home", ()), ("go", ())]
