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
    assert parse_textgrid(written(*tiers), "a") == (
        Line((Word("so", 0.0, 0.5), Word("far", 0.5, 2.0))),
        Line((Word("home", 3.0, 9.0),)),
    )


@pytest.mark.parametrize("written", [long_form, short_form])
def test_lines_begin_where_those_of_their_tier_do(written: Callable[..., str]) -> None:
    lines = ("lines", [(0.0, 0.5, "so"), (0.5, 9.0, "far home")])
    assert [line.text for line in parse_textgrid(written(lines, WORDS), "a")] == ["so", "far home"]
    assert parse_textgrid(written(lines), "a") == (
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
