"""A recogniser's words aligned with hand-written log-probabilities: each moves to where it is sung, none far away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from helpers.sung_verse import sing

from lyricsrec.alignment.word_times import WordTimesConfig, retime
from lyricsrec.lyrics.transcript import Word

CONFIG = WordTimesConfig()
VERSE = [(2.0, "the river runs"), (5.0, "over the stones")]
STARTS = [2.0, 2.4, 3.0, 5.0, 5.5, 5.9]


def recognized(text: str, starts: Sequence[float], length_s: float = 0.3) -> list[Word]:
    ends = [min(start_s + length_s, next_s) for start_s, next_s in zip(starts, [*starts[1:], 99.0], strict=True)]
    return [Word(word, *times, confidence=0.5) for word, *times in zip(text.split(), starts, ends, strict=True)]


def starts(words: Sequence[Word]) -> list[float | None]:
    return [word.start_s for word in words]


TEXT = "The river runs, over the stones"


def test_words_move_to_where_they_are_sung_and_change_in_nothing_else() -> None:
    own = recognized(TEXT, [1.8, 2.6, 3.2, 5.3, 5.4, 6.3])
    timed = retime(sing(VERSE, 8), own, 8.0, config=CONFIG)
    assert starts(timed) == STARTS
    assert [(word.text, word.confidence) for word in timed] == [(word.text, 0.5) for word in own]


def test_words_end_with_their_letters_and_later_before_a_pause() -> None:
    letters = [2.24, 2.84, 3.34, 5.34, 5.74, 6.44]
    timed = retime(sing(VERSE, 8), recognized(TEXT, STARTS, 0.3), 8.0, config=CONFIG)
    assert [word.end_s for word in timed] == letters
    held = retime(sing(VERSE, 8), recognized(TEXT, STARTS, 0.9), 8.0, config=CONFIG)
    assert [word.end_s for word in held] == [*letters[:2], pytest.approx((3.34 + 3.9) / 2), *letters[3:5], 6.62]
    assert retime(sing(VERSE, 8), recognized(TEXT, STARTS, 0.9), 6.42, config=CONFIG)[-1].end_s == 6.42


def test_own_times_distinguish_repetitions() -> None:
    hook = [(2.0 + 2.5 * i, "over the stones") for i in range(4)]
    timed = retime(sing(hook, 14), recognized("over the stones", [4.7, 5.2, 5.6]), 14.0, config=CONFIG)
    assert starts(timed) == [4.5, 5.0, 5.4]


def test_a_wrong_word_moves_no_other() -> None:
    own = recognized("The table runs, over the stones", [s + 0.2 for s in STARTS])
    timed = retime(sing(VERSE, 8), own, 8.0, config=CONFIG)
    assert starts(timed)[0] == 2.0
    assert starts(timed)[2:] == STARTS[2:]
    assert 2.2 <= timed[1].start_s <= timed[1].end_s <= 3.0


def test_words_that_are_sung_far_away_do_not_move() -> None:
    own = recognized("The river runs", [5.5, 6.0, 6.5])
    assert retime(sing(VERSE[:1], 8), own, 8.0, config=CONFIG) == tuple(own)


def test_a_word_that_would_move_too_far_keeps_its_time() -> None:
    config = replace(CONFIG, max_shift_s=0.4)
    timed = retime(sing(VERSE, 8), recognized(TEXT, [2.0, 2.4, 4.0, 5.0, 5.5, 5.9]), 8.0, config=config)
    assert starts(timed) == [2.0, 2.4, 4.0, 5.0, 5.5, 5.9]


def test_words_without_letters_of_the_model_stay_between_their_neighbours() -> None:
    own = recognized("The ♪ river … runs", [1.9, 2.3, 2.35, 2.8, 2.9])
    timed = retime(sing(VERSE[:1], 8), own, 8.0, config=CONFIG)
    assert starts(timed) == [2.0, 2.3, 2.4, 2.8, 3.0]


@pytest.mark.parametrize(
    "own",
    [
        recognized("川の 流れ の", [2.0, 2.4, 3.0]),
        [Word("the", None, None), Word("river", 2.5, 2.8)],
        [Word("the", 3.0, 3.1), Word("river", 2.5, 2.8)],
        [],
    ],
    ids=["no letters", "missing time", "out of order", "nothing"],
)
def test_words_that_cannot_be_aligned_keep_their_times(own: list[Word]) -> None:
    assert retime(sing(VERSE, 8), own, 8.0, config=CONFIG) == tuple(own)


def test_words_without_acoustic_evidence_keep_their_times() -> None:
    own = recognized(TEXT, STARTS)
    assert retime(sing([], 8), own, 8.0, config=CONFIG) == tuple(own)
    other = sing([(1.0 + i, "mmm hmm mmm") for i in range(6)], 8)
    assert retime(other, own, 8.0, config=CONFIG) == tuple(own)


@pytest.mark.parametrize("seed", range(5))
def test_words_stay_in_order_and_in_their_piece_with_any_emission(seed: int) -> None:
    rng = np.random.default_rng(seed)
    emission = sing(VERSE, 8)
    noise = rng.normal(0, 3, emission.log_probs.shape)
    log_probs = emission.log_probs + noise - np.logaddexp.reduce(emission.log_probs + noise, axis=1)[:, None]
    own = recognized(TEXT + " down 川 to the sea", sorted(rng.uniform(0, 7.9, 11)))
    timed = retime(replace(emission, log_probs=log_probs.astype(np.float32)), own, 7.95, config=CONFIG)
    times = [seconds for word in timed for seconds in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= 7.95 or timed == tuple(own)
