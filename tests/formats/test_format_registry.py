"""What each format writes, and how a format is chosen."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace

import pytest
from helpers.files import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from lyricsrec.base.errors import UsageError
from lyricsrec.formats.marked_words import MARK
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.formats.registry import FORMATS, INPUT_FORMATS, OUTPUT_FORMATS, TEXT_SUFFIXES, format_of_file, get_format
from lyricsrec.lyrics.transcript import Line, Provenance, Tags, Transcript, Word

PROVENANCE = Provenance("0.0.0", "none", "test", decoder="greedy")


def transcript(*lines: tuple[Word, ...], duration_s: float = 100.0) -> Transcript:
    return Transcript("Song", duration_s, tuple(Line(words) for words in lines), provenance=PROVENANCE)


SONG = transcript(
    (Word("So", 1.0, 1.25, confidence=0.9), Word("far", 1.5, 2.004, confidence=0.8)),
    (Word("<away>", 62.5, 63.0), Word("home", 63.0, 64.0)),
)

TAGGED = replace(SONG, tags=Tags("Far [live]", "Ann", None))

EXPECTED = {
    "txt": f"So far\n<{MARK}away> home\n",
    "lrc": "[ti:Song]\n[length:01:40.00]\n[re:lyricsrec 0.0.0]\n[00:01.00]So far\n[00:02.00]\n[01:02.50]<away> home\n",
    "elrc": (
        "[ti:Song]\n[length:01:40.00]\n[re:lyricsrec 0.0.0]\n"
        "[00:01.00] <00:01.00> So <00:01.50> far <00:02.00>\n[00:02.00]\n"
        "[01:02.50] <01:02.50> <away> <01:03.00> home <01:04.00>\n"
    ),
    "srt": f"1\n00:00:01,000 --> 00:00:02,004\nSo far\n\n2\n00:01:02,500 --> 00:01:04,000\n<{MARK}away> home\n",
    "vtt": (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.004\nSo <00:00:01.500><c>far</c>\n\n"
        "00:01:02.500 --> 00:01:04.000\n&lt;away&gt; <00:01:03.000><c>home</c>\n"
    ),
    "audacity": (
        "1.000000\t1.250000\tSo\n1.500000\t2.004000\tfar\n62.500000\t63.000000\t<away>\n63.000000\t64.000000\thome\n"
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_written_text_of_a_format(name: str) -> None:
    assert OUTPUT_FORMATS[name].render(SONG) == EXPECTED[name]


def test_textgrid_has_two_tiers_without_gaps() -> None:
    rendered = OUTPUT_FORMATS["textgrid"].render(
        transcript((Word('say "hi"', 1.0, 2.0), Word("b", 2.0, 3.0)), duration_s=5.0)
    )
    tiers = rendered.split("item [")[2:]
    assert [re.search(r'name = "(\w+)"', tier).group(1) for tier in tiers] == ["lines", "words"]
    marks = re.findall(r'xmin = ([\d.]+) \n\s+xmax = ([\d.]+) \n\s+text = "(.*)"', tiers[1])
    assert marks == [
        ("0", "1", ""),
        ("1", "2", 'say ""hi""'),
        ("2", "3", "b"),
        ("3", "5", ""),
    ]


def test_an_empty_transcript() -> None:
    empty = transcript()
    assert OUTPUT_FORMATS["txt"].render(empty) == ""
    assert OUTPUT_FORMATS["srt"].render(empty) == ""
    assert OUTPUT_FORMATS["vtt"].render(empty) == "WEBVTT\n"
    assert OUTPUT_FORMATS["audacity"].render(empty) == ""
    assert json.loads(OUTPUT_FORMATS["json"].render(empty))["lines"] == []


def test_words_without_times_fill_gaps_and_untimed_lines_are_only_in_plain_text() -> None:
    partly = transcript((Word("a", 1.0, 2.0), Word("99", None, None), Word("b", 3.0, 4.0)), (Word("lost", None, None),))
    assert OUTPUT_FORMATS["audacity"].render(partly) == (
        "1.000000\t2.000000\ta\n2.000000\t3.000000\t99\n3.000000\t4.000000\tb\n"
    )
    assert OUTPUT_FORMATS["txt"].render(partly) == "a 99 b\nlost\n"


def test_times_past_one_hour() -> None:
    late = transcript((Word("late", 3661.5, 3662.0),), duration_s=4000.0)
    assert "01:01:01,500" in OUTPUT_FORMATS["srt"].render(late)
    assert "[61:01.50]late" in OUTPUT_FORMATS["lrc"].render(late)
    assert "1:01:01.50" in OUTPUT_FORMATS["ass"].render(late)


def test_formats_by_name_and_by_ending_of_a_file() -> None:
    assert get_format("LRC") is OUTPUT_FORMATS["lrc"]
    assert format_of_file("x.labels.txt") is OUTPUT_FORMATS["audacity"]
    assert format_of_file("x.TXT") is OUTPUT_FORMATS["txt"]
    assert format_of_file("x.mp3") is None
    with pytest.raises(UsageError, match="unknown format 'doc'"):
        get_format("doc")


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_written_files_are_recognised_by_their_content(name: str) -> None:
    written = OUTPUT_FORMATS[name].render(SONG)
    read_as = {"elrc": "lrc", "audacity": "lab"}
    assert parse_lyrics(written, "stdin").format.name == read_as.get(name, name)


def test_each_format_can_be_read_or_written() -> None:
    assert set(OUTPUT_FORMATS) | set(INPUT_FORMATS) == set(FORMATS)
    assert all(form.description and form.suffix.startswith(".") for form in FORMATS.values())
    with pytest.raises(UsageError, match="the format 'whisper' is only read, not written"):
        FORMATS["whisper"].render(SONG)


TIMES = st.floats(0, 200).map(lambda t: round(t, 3))
WORDS = st.builds(
    Word,
    st.text("ab<&{\\\"'", min_size=1, max_size=4),
    st.one_of(st.none(), TIMES),
    st.one_of(st.none(), TIMES),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=1, max_size=6), max_size=5))
def test_any_words_can_be_written_with_ordered_times(lines: list[list[Word]]) -> None:
    song = transcript(*(tuple(line) for line in lines), duration_s=200.0)
    for form in OUTPUT_FORMATS.values():
        form.render(song)
    labels = [row.split("\t") for row in OUTPUT_FORMATS["audacity"].render(song).splitlines()]
    assert all(float(start) <= float(end) for start, end, _ in labels)
    grid = OUTPUT_FORMATS["textgrid"].render(song)
    for tier in grid.split("item [")[2:]:
        bounds = [
            (float(a), float(b)) for a, b in re.findall(r"intervals \[\d+\]:\n\s+xmin = (\S+) \n\s+xmax = (\S+)", tier)
        ]
        assert all(a < b for a, b in bounds)
        assert all(x[1] == y[0] for x, y in itertools.pairwise(bounds))


@pytest.mark.parametrize("name", ["lrc", "elrc"])
def test_tags_of_the_file_are_in_the_head(name: str) -> None:
    written = OUTPUT_FORMATS[name].render(TAGGED)
    assert written.startswith("[ti:Far [live]]\n[ar:Ann]\n[length:01:40.00]\n")
    assert [line.text for line in parse_lyrics(written, "a.lrc").lines] == ["So far", "<away> home"]


@pytest.mark.parametrize("name", ["json", "vtt", "ass", "ttml", "textgrid"])
def test_singers_are_written_and_read_back(name: str) -> None:
    words = [(Word(text, start_s, start_s + 1.0),) for text, start_s in [("hello", 1.0), ("hi", 3.0), ("la", 5.0)]]
    singers = (("Ann",), ("Ann", "Bob <3"), ())
    lines = tuple(Line(one, singers=names) for one, names in zip(words, singers, strict=True))
    song = Transcript("Song", 9.0, lines, provenance=PROVENANCE)
    read = parse_lyrics(OUTPUT_FORMATS[name].render(song), f"a{OUTPUT_FORMATS[name].suffix}")
    assert [(line.text, line.singers) for line in read.lines] == list(zip(["hello", "hi", "la"], singers, strict=True))


def test_suffixes_of_text_files() -> None:
    assert {".txt", ".lrc", ".ass", ".ssa", ".ttml", ".sbv", ".tsv", ".csv", ".json", ".TextGrid"} < set(TEXT_SUFFIXES)
    assert ".gz" not in TEXT_SUFFIXES
    assert len(set(TEXT_SUFFIXES)) == len(TEXT_SUFFIXES)


def test_the_documented_table_is_that_of_the_registry() -> None:
    rows = re.findall(
        r"^\| `([\w.-]+)` \| (.*) \|$", (ROOT / "docs" / "reference" / "formats.md").read_text("utf-8"), re.MULTILINE
    )
    assert dict(rows) == {
        form.name: " | ".join(
            [
                " ".join(f"`{suffix}`" for suffix in form.suffixes),
                *("yes" if can else "" for can in (form.parse, form.write, form.retime)),
                form.times,
                form.description,
            ]
        )
        for form in FORMATS.values()
    }


def test_the_readme_names_every_format_that_is_written() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in OUTPUT_FORMATS if f"`{name}`" not in readme] == []
