"""The best cut of a song, and the clues that lead to it."""

from __future__ import annotations

import numpy as np
import pytest

from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.music.form.boundaries import BoundaryModel, Weights, boundary_model
from lyricsrec.music.form.clues import CLUES, OF_TIMES, SungLines, clues_of
from lyricsrec.music.form.similarity import bare, rhyme, similarities

TEXTS = (
    "the rain is falling",
    "on my window",
    "sing it now",
    "sing it loud",
    "the night is calling",
    "sing it now",
    "sing it loud",
)


def lines_of(texts: tuple[str, ...], pauses_s: tuple[float, ...] | None = None) -> list[Line]:
    """Lines of 2 s each, after these pauses; without times where there are none."""
    lines, end_s = [], 0.0
    for number, text in enumerate(texts):
        start_s = end_s + (pauses_s[number] if pauses_s else 0.0)
        end_s = start_s + 2.0
        lines.append(Line((Word(text, start_s, end_s) if pauses_s else Word(text, None, None),)))
    return lines


def model_of(lengths: tuple[float, ...], weight: float = 1.0) -> BoundaryModel:
    none = Weights({"novelty": 0.0}, 0.0)
    return BoundaryModel(none, none, lengths=lengths, length_weight=weight)


def test_lines_are_compared_by_their_letters() -> None:
    assert bare("Don’t STOP,  (oh)!") == "dont stop oh"
    found = similarities(["abcd", "abcd", "abcx", "wxyz", ""])
    # Of eight letters six are equal: a ratio of 0.75, half way from 0.5 to 1.
    np.testing.assert_allclose(found[0], [0, 1, 0.5, 0, 0], atol=1e-6)
    assert not found[4].any()


def test_rhymes_are_equal_last_letters() -> None:
    assert rhyme("falling", "calling") == 1.0
    assert rhyme("so far", "a star") == 0.5
    assert rhyme("", "star") == 0.0


def test_clues_of_a_repeated_passage() -> None:
    song = SungLines.of(lines_of(TEXTS))
    names = ["repeat_begins", "two_begin", "inside_repeat"]
    clues = clues_of(song, names)
    assert clues[[1, 4]].round(1).tolist() == [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]]
    assert clues[[2, 5]][:, 2].tolist() == [1.0, 1.0]


def test_pauses_are_averaged_over_repeats() -> None:
    song = SungLines.of(lines_of(("a b c", "d e f", "x y z", "a b c", "d e f"), (0.0, 0.7, 0.7, 0.7, 2.7)))
    clue = CLUES["pause_in_repeats"](song)
    half = np.log(3.0 / 1.0) / 2
    np.testing.assert_allclose(clue, [half, 0, 0, half], atol=1e-9)


def test_lyrics_without_times_have_their_own_weights() -> None:
    assert not SungLines.of(lines_of(TEXTS)).timed
    model = boundary_model()
    assert list(model.timed.weights) == list(CLUES)
    assert list(model.untimed.weights) == [name for name in CLUES if name not in OF_TIMES]


def test_the_cut_weighs_begins_against_lengths() -> None:
    model = model_of((0.0, -3.0, 0.0, 0.0, 2.0, 0.0))
    assert model.cut(np.array([-9.0, -9.0, -9.0, -1.0, -9.0, -9.0, -9.0])) == (0, 4)
    assert model.cut(np.array([-9.0, -9.0, -9.0, -5.0, -9.0, -9.0, -9.0])) == (0,)
    assert model.cut(np.array([1.0, -9.0, -9.0])) == (0,)
    assert model.cut(np.array([6.0, -9.0, -9.0])) == (0, 1)


@pytest.mark.parametrize("pause_s", [12.0, 30.0])
def test_a_long_break_ends_a_section(pause_s: float) -> None:
    model = model_of((0.0, -3.0, 0.0))
    assert model.begins(lines_of(TEXTS, (0.0, 0.5, 0.5, 0.5, pause_s, 0.5, 0.5))) == (0, 4)


def test_songs_of_one_line_and_of_none() -> None:
    assert boundary_model().begins(lines_of(("oh",))) == (0,)
    assert boundary_model().begins([]) == ()
