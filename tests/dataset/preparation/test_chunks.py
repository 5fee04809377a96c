"""Chunks: whole words only, every word counted, silence left out, dropped words muted."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lyricsrec.dataset.preparation.chunks import (
    CUT_BY_WINDOW,
    NEGATIVE,
    NO_LETTERS,
    NO_NUMBER,
    OUTSIDE,
    OVERLAPPED,
    REVERSED,
    TOO_LONG,
    Chunk,
    DroppedWord,
    LyricWord,
    clean_words,
    cut_chunks,
)
from lyricsrec.dataset.preparation.settings import ChunkConfig
from lyricsrec.lyrics.annotation import Annotation
from lyricsrec.lyrics.normalise import TextNormalizer
from lyricsrec.lyrics.transcript import Line, Word

DURATION_S = 100.0


def word(start_s: float, end_s: float, text: str = "LA", line: int = 0) -> LyricWord:
    return LyricWord(text, start_s, end_s, line=line)


def cut(words: list[LyricWord], dropped: tuple[DroppedWord, ...] = (), **settings: object) -> list[Chunk]:
    config = ChunkConfig(**{"pad_s": 0.0, **settings})
    return cut_chunks(words, dropped, DURATION_S, config=config)[0]


def spans(chunks: list[Chunk]) -> list[tuple[float, float]]:
    return [(chunk.start_s, chunk.end_s) for chunk in chunks]


@pytest.mark.parametrize(
    ("text", "start_s", "end_s", "reason"),
    [
        ("la", 1.0, 2.0, None),
        ("la", 0.0, 0.0, None),
        ("la", 99.0, 100.0, None),
        ("la", -0.1, 2.0, NEGATIVE),
        ("la", -2.0, -1.0, NEGATIVE),
        ("la", 2.0, 1.9, REVERSED),
        ("la", 99.5, 100.1, OUTSIDE),
        ("la", 200.0, 201.0, OUTSIDE),
        ("la", math.nan, 1.0, NO_NUMBER),
        ("la", 1.0, math.inf, NO_NUMBER),
        ("la", None, None, NO_NUMBER),
        ("~", 1.0, 2.0, NO_LETTERS),
        ("♪", 1.0, 2.0, NO_LETTERS),
        ("~", -1.0, 2.0, NEGATIVE),
    ],
)
def test_each_word_is_kept_or_dropped_for_a_reason(
    text: str, start_s: float | None, end_s: float | None, reason: str | None
) -> None:
    annotation = Annotation("a", "A", "T", lines=(Line((Word(text, start_s, end_s),)),))
    kept, dropped = clean_words(annotation, TextNormalizer(), DURATION_S)
    assert [word.text for word in kept] == ([] if reason else ["LA"])
    assert [word.reason for word in dropped] == ([reason] if reason else [])


def test_lines_are_packed_as_a_whole() -> None:
    lines = [word(4.0 * n + i, 4.0 * n + i + 0.9, line=n) for n in range(4) for i in range(4)]
    assert spans(cut(lines, chunk_s=9.0)) == [(0.0, 7.9), (8.0, 15.9)]
    # A line that would not fit whole begins the next chunk.
    assert spans(cut(lines, chunk_s=11.0)) == [(0.0, 7.9), (8.0, 15.9)]
    assert spans(cut(lines, chunk_s=12.0)) == [(0.0, 11.9), (12.0, 15.9)]


def test_a_line_that_is_too_long_is_cut_at_its_widest_pause() -> None:
    line = [word(0, 1), word(1.1, 2), word(2.5, 3), word(3.1, 4)]
    assert spans(cut(line, chunk_s=3.0)) == [(0, 2), (2.5, 4)]


def test_long_pauses_are_left_out() -> None:
    words = [word(1, 2), word(4, 5), word(8, 9)]
    assert spans(cut(words)) == [(1, 5), (8, 9)]
    assert spans(cut(words, max_gap_s=1.0)) == [(1, 2), (4, 5), (8, 9)]


def test_padding_takes_part_of_the_pauses_but_never_of_another_word() -> None:
    words = [word(0.1, 1), word(4, 5), word(7.2, 8)]
    assert spans(cut(words, pad_s=0.2)) == [(0.0, 1.2), (3.8, 5.2), (7.0, 8.2)]
    assert spans(cut(words, pad_s=5.0, chunk_s=4.0)) == [(0.0, 2.5), (2.5, 6.1), (6.1, 9.6)]
    # A dropped word is another word too; half the pause to it is kept.
    assert spans(cut([word(4, 5)], (DroppedWord(NO_LETTERS, 5.1, 6.0),), pad_s=0.2)) == [(3.8, 5.05)]
    assert spans(cut([word(99, 100)], pad_s=0.2)) == [(98.8, 100.0)]
    assert spans(cut([word(0, 4), word(10, 14)], pad_s=1.0, chunk_s=4.5)) == [(0.0, 4.25), (9.75, 14.25)]


def test_words_that_overlap_stay_together() -> None:
    duet = [word(0, 2, "ONE"), word(1.5, 3.5, "TWO", 1), word(3.6, 4.5, "THREE")]
    assert [[w.text for w in chunk.words] for chunk in cut(duet, chunk_s=4.0)] == [["ONE", "TWO"], ["THREE"]]


def test_overlaps_of_milliseconds_are_rounding_errors() -> None:
    (first, second) = cut([word(0, 2.015), word(2, 4)], chunk_s=2.0)
    assert (first.end_s, first.words[0].end_s, second.start_s) == (2, 2, 2)


def test_words_keep_the_order_of_the_lyrics() -> None:
    # The second word of the line is timed, wrongly, to begin before the first.
    assert [w.text for w in cut([word(1.0, 2.0, "ONE"), word(0.9, 1.5, "TWO")])[0].words] == ["ONE", "TWO"]


def test_words_that_fit_no_chunk_are_dropped_and_muted() -> None:
    chunks, unfit = cut_chunks([word(0, 6), word(6, 7)], (), DURATION_S, config=ChunkConfig(chunk_s=5.0))
    assert [w.reason for w in unfit] == [TOO_LONG]
    assert spans(chunks) == [(6.0, 7.2)]
    chunks, unfit = cut_chunks([word(0, 3), word(2, 6)], (), DURATION_S, config=ChunkConfig(chunk_s=5.0))
    assert [w.reason for w in unfit] == [OVERLAPPED] * 2
    assert chunks == []


def test_fixed_windows_drop_and_mute_the_words_they_cut() -> None:
    words = [word(0.5, 1), word(4.5, 5.5), word(6, 7), word(9, 10.0), word(20, 21)]
    chunks, unfit = cut_chunks(words, (), 21.5, config=ChunkConfig("fixed", chunk_s=5.0))
    assert spans(chunks) == [(0, 5), (5, 10), (20, 21.5)]
    assert [chunk.mute for chunk in chunks] == [((4.5, 5.0),), ((5.0, 5.5),), ()]
    assert [w.reason for w in unfit] == [CUT_BY_WINDOW]


def test_muting_never_touches_a_kept_word() -> None:
    dropped = (DroppedWord(NO_LETTERS, 1.5, 4.5), DroppedWord(NEGATIVE))
    (chunk,) = cut([word(1, 2), word(3, 4)], dropped)
    assert chunk.mute == ((2, 3),)


TIMES = st.floats(-5, 120).map(lambda t: round(t, 3)) | st.just(math.nan)
WORDS = st.lists(
    st.builds(
        lambda text, start, length: Word(text, start, start + length),
        st.sampled_from(["la", "don't", "~", "21", "é"]),
        TIMES,
        st.floats(-0.5, 8.0),
    ),
    max_size=40,
)


@given(st.lists(WORDS, max_size=6), st.sampled_from(["words", "fixed"]), st.sampled_from([1.0, 5.0, 15.0]))
@example([[Word("la", 101.0, 101.0), Word("la", 95.25, 100.0)]], "words", 5.0)
def test_words_are_whole_and_counts_add_up_for_any_annotation(
    lines: list[list[Word]], mode: str, chunk_s: float
) -> None:
    annotation = Annotation("a", "A", "T", lines=tuple(Line(tuple(line)) for line in lines))
    kept, dropped = clean_words(annotation, TextNormalizer(), DURATION_S)
    chunks, unfit = cut_chunks(kept, dropped, DURATION_S, config=ChunkConfig(mode, chunk_s))
    in_chunks = [w for chunk in chunks for w in chunk.words]
    assert len(in_chunks) + len(dropped) + len(unfit) == sum(map(len, lines))
    assert not Counter(w.text for w in in_chunks) - Counter(w.text for w in kept)
    for chunk in chunks:
        assert chunk.words
        assert 0 <= chunk.start_s <= chunk.end_s <= DURATION_S
        assert chunk.end_s - chunk.start_s <= chunk_s + 1e-9
        for w in in_chunks:
            whole = chunk.start_s <= w.start_s and w.end_s <= chunk.end_s
            apart = w.end_s <= chunk.start_s or w.start_s >= chunk.end_s
            assert whole or apart, "a word is cut off"
        for first, last in chunk.mute:
            assert chunk.start_s <= first < last <= chunk.end_s
            assert all(w.end_s <= first or w.start_s >= last for w in chunk.words)


def test_one_line_of_thousands_of_words() -> None:
    words = [word(n * 0.03, n * 0.03 + 0.02) for n in range(3000)]
    assert sum(len(chunk.words) for chunk in cut(words)) == 3000
