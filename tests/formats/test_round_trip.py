"""Every format that is written is read back to the same words and times, also through a second format."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lyricsrec.formats.base import Format
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.formats.registry import OUTPUT_FORMATS
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

PROVENANCE = Provenance("0", "none", "test", decoder="greedy")
ON_A_GRID = ("ultrastar",)
"""Formats with times in beats, whose own tests compare them."""
READ_BACK = [
    form
    for form in OUTPUT_FORMATS.values()
    if (form.parse is not None or form.name in ("elrc", "audacity")) and form.name not in ON_A_GRID
]
OF_WORDS = [form for form in READ_BACK if form.times in ("words", "starts")]

CHARACTERS = "abzÀéßñ'-.,:;!?\"“”’()[]{}<>&/\\#*~|=_%$@+^`0129שלוםمحبا愛夜しカー사랑ไทย🎤e\u0301"
ODD = (
    *("[oh]", "(yeah)", "{x}", "<b>", "<i>la</i>", "&amp;", "&lt;b&gt;", "R&B", "a,b", '"so"', 'a"b', "don't"),
    *("\\Nope", "C:\\n", "{\\k50}", "x2", "(x2)", "Verse:", "[Chorus]", "v1:", "<00:01.00>", "[8:15]", "00:01"),
    *("1,000", "a-->b", "-la", "~oh", "//la", "#1", "{0}", "sp", "sil", "<eps>", "NOTE", "null"),
    *("🎤la", "שלום", "愛", "し", "夜。", "e\u0301te"),
)


def is_word(text: str) -> bool:
    """Formats of labels take words without a letter or digit for silence."""
    return any(c.isalnum() for c in text)


TEXTS = st.one_of(st.sampled_from(ODD), st.text(CHARACTERS, min_size=1, max_size=8).filter(is_word))
WORDS = st.tuples(TEXTS, st.integers(0, 40), st.integers(3, 90))
Rows = list[tuple[list[tuple[str, int, int]], int]]


def lines_of(min_pause: int) -> st.SearchStrategy[Rows]:
    """Lines that differ: the same words soon after are those of a second voice."""
    words = st.lists(WORDS, min_size=1, max_size=6)
    lines = st.lists(st.tuples(words, st.integers(min_pause, 900)), min_size=1, max_size=5)
    return lines.filter(lambda lines: len({tuple(word[0] for word in line) for line, _ in lines}) == len(lines))


def song_of(lines: Rows, unit_s: float = 0.01) -> Transcript:
    """Words as (text, pause, length) and lines as (words, pause), in units of time."""
    done = 0
    sung = []
    for words, pause in lines:
        timed = []
        done += pause
        for text, gap, length in words:
            done += gap
            timed.append(Word(text, done * unit_s, (done + length) * unit_s))
            done += length
        sung.append(Line(tuple(timed)))
    return Transcript('A "song" [x]', done * unit_s + 1.0, tuple(sung), provenance=PROVENANCE)


def read_back(form: Format, song: Transcript) -> tuple[Line, ...]:
    return parse_lyrics(form.render(song), f"a{form.suffix}").lines


def check_words(form: Format, song: Transcript, lines: tuple[Line, ...]) -> None:
    expected = [[word.text for word in line.words] for line in song.lines]
    found = [[word.text for word in line.words] for line in lines]
    if form.name == "audacity":
        # Labels have no lines.
        assert list(itertools.chain(*found)) == list(itertools.chain(*expected))
    else:
        assert found == expected


def check_times(form: Format, song: Transcript, lines: tuple[Line, ...], within_s: float) -> None:
    found = [word for line in lines for word in line.words]
    if form.times == "words":
        times = [(word.start_s, word.end_s) for line in song.lines for word in line.words]
        assert [(word.start_s, word.end_s) for word in found] == [pytest.approx(pair, abs=within_s) for pair in times]
    elif form.times == "starts":
        starts = [word.start_s for line in song.lines for word in line.words]
        assert [word.start_s for word in found] == pytest.approx(starts, abs=within_s)
        assert [line.end_s for line in lines] == pytest.approx([line.end_s for line in song.lines], abs=within_s)
    elif form.times == "lines":
        assert [line.start_s for line in lines] == pytest.approx([line.start_s for line in song.lines], abs=within_s)
    else:
        assert [word.start_s for word in found] == [None] * len(found)


@pytest.mark.parametrize("form", READ_BACK, ids=lambda form: form.name)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines=lines_of(0))
@example(lines=[([("[oh]", 0, 50)], 0), ([("x2", 0, 50), ("愛", 0, 5), ("し", 0, 5)], 100)])
@example(lines=[([("x2", 0, 50), ("x2", 0, 50)], 0)])
@example(lines=[([(text, 0, 50)], 10) for text in ODD])
@example(lines=[([(text, 0, 50) for text in ODD], 10)])
def test_the_same_words_and_times_are_read_back(
    form: Format, lines: list[tuple[list[tuple[str, int, int]], int]]
) -> None:
    song = song_of(lines)
    found = read_back(form, song)
    check_words(form, song, found)
    check_times(form, song, found, 1e-6)


@pytest.mark.parametrize("form", READ_BACK, ids=lambda form: form.name)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines=lines_of(30))
def test_times_between_two_steps_are_rounded(form: Format, lines: Rows) -> None:
    song = song_of(lines, unit_s=0.0137)
    check_times(form, song, read_back(form, song), 0.0101)


PAIRS = list(itertools.permutations(OF_WORDS, 2))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "-".join(form.name for form in pair))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines=lines_of(0))
def test_words_and_times_survive_a_second_format(pair: tuple[Format, Format], lines: Rows) -> None:
    song = song_of(lines)
    first, second = pair
    there = Transcript(song.song, song.duration_s, read_back(first, song), provenance=PROVENANCE)
    back = Transcript(song.song, song.duration_s, read_back(second, there), provenance=PROVENANCE)
    found = read_back(first, back)
    assert [word.text for line in found for word in line.words] == [word.text for word in song.words]
    assert [word.start_s for line in found for word in line.words] == pytest.approx(
        [word.start_s for word in song.words], abs=1e-6
    )
