"""Known lyrics aligned with hand-written log-probabilities: every word starts where its first letter does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from helpers.sung_verse import TEXT, TIMES, VERSE, sing, starts

from lyricsrec.alignment.align import align
from lyricsrec.alignment.placement import BETWEEN_OTHERS, ELSEWHERE, NO_LETTERS, NOT_FOUND, WRONG_SONG
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.alignment.tokens import tokenize_lines
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.lyrics.transcript import Line, Word

CONFIG = AlignConfig()


def lines(*texts: str) -> list[Line]:
    return [Line(tuple(Word(word, None, None) for word in text.split())) for text in texts]


def bands(timed: Sequence[Line]) -> list[str]:
    return [line.placement.band for line in timed]


def test_words_start_and_end_with_their_letters() -> None:
    timed = align(sing(VERSE, 12), lines(*TEXT), CONFIG)
    assert starts(timed) == TIMES
    assert [word.end_s for word in timed[0].words] == [2.24, 2.84, 3.34]
    assert bands(timed) == ["sure"] * 3
    assert [line.text for line in timed] == list(TEXT)


def test_a_lead_moves_starts_earlier() -> None:
    timed = align(sing(VERSE, 12), lines(*TEXT), replace(CONFIG, lead_s=0.05))
    assert starts(timed)[0] == [1.95, 2.35, 2.95]


def test_a_later_start_of_the_emission_moves_everything() -> None:
    late = replace(sing(VERSE, 12), start_s=100.0)
    assert starts(align(late, lines(*TEXT), CONFIG))[0] == [102.0, 102.4, 103.0]


def test_translations_get_the_times_of_their_lines() -> None:
    given = lines(*TEXT)
    for translation in ("离家 这么远", "far from here"):
        both = [part for line in given for part in (line, replace(lines(translation)[0], role="translation"))]
        timed = align(sing(VERSE, 12), both, CONFIG)
        assert starts(timed)[::2] == TIMES
        assert [row[0] for row in starts(timed)[1::2]] == [row[0] for row in TIMES]
        assert [line.end_s for line in timed[1::2]] == [line.end_s for line in timed[::2]]
        assert bands(timed) == ["sure"] * 6
    swapped = [part for line in given for part in (lines("离家")[0], replace(line, role="translation"))]
    assert starts(align(sing(VERSE, 12), swapped, CONFIG))[1::2] == TIMES


def test_singers_and_roles_are_kept() -> None:
    given = [replace(lines(text)[0], singers=(f"voice {i}",), role="lead") for i, text in enumerate([*TEXT, "lost"])]
    timed = align(sing(VERSE, 12), given, CONFIG)
    assert [(line.singers, line.role) for line in timed] == [(line.singers, line.role) for line in given]


@pytest.mark.parametrize("break_s", [5.0, 60.0])
def test_words_are_not_pulled_into_breaks(break_s: float) -> None:
    sung = [(break_s + start_s, text) for start_s, text in VERSE]
    sung[2] = (2 * break_s + 9.0, sung[2][1])
    timed = align(sing(sung, 3 * break_s + 12), lines(*TEXT), CONFIG)
    assert [row[0] for row in starts(timed)] == [start_s for start_s, _ in sung]


def test_hooks_are_kept_apart() -> None:
    hook = [(2.0 + 3 * i, "over the stones") for i in range(6)]
    timed = align(sing([*hook, (21.0, "down to the sea")], 25), lines(*["over the stones"] * 6, TEXT[2]), CONFIG)
    assert [row[0] for row in starts(timed)] == [2.0, 5.0, 8.0, 11.0, 14.0, 17.0, 21.0]


def test_a_hook_sung_more_often_than_written_is_doubtful() -> None:
    hook = [(2.0 + 3 * i, "over the stones") for i in range(6)]
    timed = align(sing(hook, 25), lines("over the stones"), CONFIG)
    assert timed[0].placement.band == "doubtful"
    assert timed[0].placement.reason == ELSEWHERE


def test_a_line_that_is_not_sung_is_unplaced_and_moves_no_other() -> None:
    text = [*TEXT[:2], "nobody knows where my umbrella is", TEXT[2]]
    timed = align(sing(VERSE, 12), lines(*text), CONFIG)
    assert starts(timed) == [*TIMES[:2], [None] * 6, TIMES[2]]
    assert bands(timed) == ["sure", "sure", "unplaced", "sure"]
    assert timed[2].placement.reason == NOT_FOUND
    assert timed[2].text == text[2]


def test_sung_text_missing_from_the_lyrics_moves_nothing() -> None:
    more = [(4.0, "hey"), (7.0, "somebody elses line"), (11.5, "ooh baby yeah")]
    assert starts(align(sing([*VERSE, *more], 15), lines(*TEXT), CONFIG)) == TIMES


def test_a_verse_missing_from_the_lyrics() -> None:
    before = [
        (2.0 + 3 * i, text) for i, text in enumerate(["many a year ago", "in a kingdom far", "there lived a maid"])
    ]
    sung = [*before, *((start_s + 12, text) for start_s, text in VERSE)]
    timed = align(sing(sung, 25), lines(*TEXT), CONFIG)
    assert starts(timed) == [[round(start_s + 12, 2) for start_s in row] for row in TIMES]


def test_a_wrong_word_moves_no_other() -> None:
    timed = align(sing(VERSE, 12), lines("The table runs,", *TEXT[1:]), CONFIG)
    assert starts(timed)[0][0::2] == [2.0, 3.0]
    assert 2.2 <= timed[0].words[1].start_s <= 2.9
    assert starts(timed)[1:] == TIMES[1:]


def test_digits_are_sung_as_words() -> None:
    timed = align(sing([(2.0, "ninety nine and the second")], 6), lines("99 and the 2nd"), CONFIG)
    assert starts(timed) == [[2.0, 3.2, 3.6, 4.0]]


def test_digits_of_another_language() -> None:
    timed = align(sing([(2.0, "neunundneunzig luft")], 6), lines("99 Luft"), replace(CONFIG, language="german"))
    assert starts(timed) == [[2.0, 3.5]]


def test_words_without_letters_share_the_gap_between_their_neighbours() -> None:
    timed = align(sing(VERSE, 12), lines("The ♪ … runs,", *TEXT[1:]), CONFIG)
    first, second, third, last = timed[0].words
    assert (first.start_s, last.start_s) == (2.0, 3.0)
    assert (second.start_s, third.end_s) == (first.end_s, last.start_s)
    assert second.end_s == third.start_s
    assert second.confidence is None


def test_words_without_letters_at_the_edges_of_a_line() -> None:
    timed = align(sing(VERSE, 12), lines("♪ The river runs, ♪", "♪ over the stones", TEXT[2]), CONFIG)
    edge_s = 0.44
    assert (timed[0].words[0].start_s, timed[0].words[0].end_s) == (pytest.approx(2 - edge_s), 2.0)
    assert (timed[0].words[-1].start_s, timed[0].words[-1].end_s) == (3.34, pytest.approx(3.34 + edge_s))


def test_a_line_without_letters_is_placed_between_its_neighbours() -> None:
    timed = align(sing(VERSE, 12), lines(TEXT[0], "川の流れ", "ほほ は", *TEXT[1:]), CONFIG)
    assert bands(timed) == ["sure", "doubtful", "doubtful", "sure", "sure"]
    assert timed[1].placement.reason == timed[2].placement.reason == BETWEEN_OTHERS
    gap_s = min((timed[3].start_s - timed[0].end_s) / 3, 1.0)
    between = [word for line in timed[1:3] for word in line.words]
    starts = [timed[0].end_s + i * gap_s for i in range(3)]
    assert [word.start_s for word in between] == pytest.approx(starts, abs=0.002)
    assert between[-1].end_s <= timed[3].start_s


@pytest.mark.parametrize(
    ("sung", "text"),
    [
        ("privet mir", "Привет, мир!"),
        ("kalimera", "Καλημέρα"),
        ("hello annyeong", "hello 안녕"),
        ("nihao shijie", "你好 世界"),
        ("kyou chotto", "きょう ちょっと"),
        ("slvm", "שלום"),
        ("mrhb", "مرحبا"),
    ],
)
def test_letters_that_the_model_lacks_are_romanized(sung: str, text: str) -> None:
    timed = align(sing([*VERSE[:2], (9.0, sung)], 14), lines(*TEXT[:2], text), CONFIG)
    assert timed[2].text == text
    begins = [9.0 + 0.1 * match.start() for match in re.finditer(r"\S+", sung)]
    assert starts(timed)[2] == pytest.approx(begins)
    assert timed[2].placement.band == "sure"


def test_letters_that_the_model_knows_are_not_romanized() -> None:
    russian = sing(VERSE, 12)
    labels = ("-", "|", *"АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭ")
    vocabulary = Vocabulary(labels[: len(russian.vocabulary.labels)], blank=0, space=1)
    (line,) = tokenize_lines(lines("Да"), vocabulary, "russian")
    assert line.words[0].parts == ((labels.index("Д"), labels.index("А")),)
    assert not line.romanized


def test_a_line_without_letters_at_the_edge_of_the_song_is_unplaced() -> None:
    timed = align(sing(VERSE, 12), lines("川の流れ", *TEXT, "川の流れ"), CONFIG)
    assert bands(timed) == ["unplaced", "sure", "sure", "sure", "unplaced"]
    assert timed[0].placement.reason == NOT_FOUND
    assert timed[0].words == (Word("川の流れ", None, None),)
    assert align(sing(VERSE, 12), lines("♪", *TEXT), CONFIG)[0].placement.reason == NO_LETTERS


def test_hints_choose_between_equal_places() -> None:
    hook = [(2.0 + 3 * i, "over the stones") for i in range(6)]
    given = [Line((Word("over", 11.4, None), Word("the", None, None), Word("stones", None, None)))]
    timed = align(sing(hook, 25), given, CONFIG)
    assert starts(timed) == [[11.0, 11.5, 11.9]]


def test_wrong_hints_move_nothing() -> None:
    given = [Line((replace(line.words[0], start_s=30.0), *line.words[1:])) for line in lines(*TEXT)]
    assert starts(align(sing(VERSE, 40), given, CONFIG)) == TIMES


@pytest.mark.parametrize("seconds", [0.0, 0.1, 20.0])
def test_all_lines_are_unplaced_in_silence(seconds: float) -> None:
    timed = align(sing([], seconds), lines(*TEXT), CONFIG)
    assert bands(timed) == ["unplaced"] * 3
    assert starts(timed) == [[None] * len(line.words) for line in timed]


def test_all_lines_are_unplaced_in_another_song() -> None:
    sung = [(2.0, "hickory dickory dock"), (6.0, "a mouse ran up"), (9.0, "his big clock")]
    timed = align(sing(sung, 12), lines("xylophone quartz", "jumping jazzy foxes", "vexing zephyr"), CONFIG)
    assert bands(timed) == ["unplaced"] * 3
    assert {line.placement.reason for line in timed} <= {NOT_FOUND, WRONG_SONG}


def test_cutting_a_long_song_does_not_change_the_result() -> None:
    sung = [(t + 20 * i, text) for i in range(8) for t, text in VERSE]
    text = lines(*TEXT * 8)
    whole = align(sing(sung, 165), text, CONFIG)
    small = replace(CONFIG, max_cells=20_000)
    cut = align(sing(sung, 165), text, small)
    assert starts(cut) == starts(whole)
    assert bands(cut) == bands(whole)
    assert starts(whole)[3 * 7] == [142.0, 142.4, 143.0]


def test_word_pieces() -> None:
    vocabulary = Vocabulary(("-", "▁the", "▁ri", "ver", "▁", "r", "un", "s"), blank=0, space=None)
    path = [0] * 10 + [1] * 2 + [0] * 3 + [2] * 2 + [3] * 2 + [0] * 4 + [4, 5, 6, 7] + [0] * 10
    probs = np.full((len(path), 8), 0.01)
    probs[np.arange(len(path)), path] = 0.93
    emission = Emission(np.log(probs).astype(np.float32), 0.1, 0.0, vocabulary=vocabulary)
    assert starts(align(emission, lines("the river runs"), CONFIG)) == [[1.0, 1.5, 2.3]]
