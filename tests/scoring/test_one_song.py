"""One song by one system: its lines, its figures, its times."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from lyricsrec.formats.base import Label
from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.scoring.one_song import SongTexts, Utterance, num_errors, num_words, score_song
from lyricsrec.scoring.results import Chunk, Deviation, LineScore
from lyricsrec.scoring.texts.text import ScoredText, scored_text


def words_of(text: str, start_s: float | None = None, step_s: float = 1.0, **more: object) -> ScoredText:
    """Sections, lines and words of a text; with a start, each word `step_s` after the one before."""
    at_s = start_s
    sections = []
    for section in text.split("\n\n"):
        lines = []
        for row in section.split("\n"):
            words = []
            for word in row.split():
                words.append(Word(word, at_s, None if at_s is None else at_s + step_s))
                at_s = None if at_s is None else at_s + step_s
            lines.append(Line(tuple(words)))
        sections.append(lines)
    return scored_text(sections, "Song", **more)  # type: ignore[arg-type]


def performance(*texts: tuple[ScoredText, ScoredText], language: str = "en") -> SongTexts:
    return SongTexts("a1", language, tuple(Utterance(*pair) for pair in texts))


def chunk(kind: str, reference: Sequence[str] = (), hypothesis: Sequence[str] = ()) -> Chunk:
    return Chunk(kind, tuple(reference), tuple(hypothesis))  # type: ignore[arg-type]


def test_lines_are_aligned_with_the_hypothesis() -> None:
    hypothesis = words_of("Oh so fair\naway me and you la la")
    score = score_song(performance((words_of("So far\naway from\nme and you"), hypothesis)), "long")
    kept = ("me", "and", "you")
    assert [line.chunks for line in score.lines] == [
        (chunk("insert", (), ["Oh"]), chunk("equal", ["So"], ["so"]), chunk("substitute", ["far"], ["fair"])),
        (chunk("equal", ["away"], ["away"]), chunk("delete", ["from"])),
        (chunk("equal", kept, kept), chunk("insert", (), ["la", "la"])),
    ]
    assert [(num_errors(line), num_words(line)) for line in score.lines] == [(2, 2), (1, 2), (2, 3)]
    assert (score.words.num_errors, score.words.num_words, score.words.wer) == (5, 7, 5 / 7)
    assert (score.title, score.language, score.timing, score.problem) == ("Song", "en", None, None)


def test_steps_that_go_on_over_lines_are_cut_at_them() -> None:
    (first, second) = score_song(performance((words_of("a b\nc d"), words_of("a x y d"))), "short").lines
    assert first.chunks == (chunk("equal", ["A"], ["A"]), chunk("substitute", ["B"], ["X"]))
    assert second.chunks == (chunk("substitute", ["C"], ["Y"]), chunk("equal", ["D"], ["D"]))


def test_lines_have_the_times_of_their_rows_whatever_lies_between() -> None:
    text = words_of("a b\n½\n21\n\nc", 1.0)
    for protocol in ("short", "long"):
        score = score_song(performance((text, text)), protocol)  # type: ignore[arg-type]
        assert [(line.start_s, line.end_s) for line in score.lines] == [(1.0, 3.0), (4.0, 5.0), (5.0, 6.0)]
        assert score.words.wer == 0


def test_an_empty_reference_is_a_line_of_insertions() -> None:
    score = score_song(performance((ScoredText(title="Song"), words_of("la la"))), "long")
    assert score.lines == (LineScore((chunk("insert", (), ["la", "la"]),)),)
    assert (score.words.insertions, score.words.wer, score.interval) == (2, None, None)
    # Words that the protocol does not know are none.
    foreign = score_song(performance((words_of("שלום\nעולם", 1.0), words_of("la"))), "short")
    assert (foreign.words.num_words, foreign.words.insertions) == (0, 1)


def test_an_empty_hypothesis_is_all_deletions_and_two_empty_texts_have_no_errors() -> None:
    missed = score_song(performance((words_of("So far\naway", 0.0), ScoredText())), "long")
    assert (missed.words.deletions, missed.words.wer, missed.timing) == (3, 1.0, None)
    assert [line.chunks for line in missed.lines] == [(chunk("delete", ["So", "far"]),), (chunk("delete", ["away"]),)]
    silent = score_song(performance((ScoredText(), ScoredText())), "long")
    assert (silent.words.num_errors, silent.words.wer, silent.lines, silent.title) == (0, None, (), "a1")


def test_words_of_both_are_compared_in_time() -> None:
    found = words_of("so far away", 1.25)
    score = score_song(performance((words_of("So far,\noff away", 1.0, duration_s=9.0), found)), "short")
    assert score.deviations == (Deviation(1.0, 0.25), Deviation(2.0, 0.25), Deviation(4.0, -0.75))
    assert score.timing is not None
    assert (score.timing.num_pairs, score.timing.num_timed, score.timing.median_s) == (3, 4, 0.25)
    assert score.duration_s == 9.0


def test_a_word_of_the_file_stays_one_word_for_its_time() -> None:
    text = words_of("don't rock'n'roll", 1.0)
    score = score_song(performance((text, text)), "long")
    assert (len(score.deviations), score.words.num_words) == (2, 4)


def test_an_ad_lib_in_parentheses_has_its_time_too() -> None:
    score = score_song(
        performance((words_of("So (oh), (far away) [laughs]", 1.0), words_of("so oh far away", 1.0))), "long"
    )
    assert score.deviations == tuple(Deviation(float(at_s), 0.0) for at_s in range(1, 5))
    assert score.timing is not None
    assert score.timing.num_timed == 4


def test_label_files_are_compared_row_by_row() -> None:
    rows = (Label(1.0, 2.0, "so far"), Label(2.0, 3.0, "sp"), Label(3.0, 4.0, "away"))
    later = tuple(Label(row.start_s + 0.5, row.end_s and row.end_s + 0.5, row.text) for row in rows)
    sides = (ScoredText(((Line((Word("x", 1.0, 2.0),)),),), labels=labels) for labels in (rows, later))
    score = score_song(performance(tuple(sides)), "long")  # type: ignore[arg-type]
    assert score.timing is not None
    assert (score.timing.num_pairs, score.timing.mean_s) == (3, 0.5)
    assert score.timing.correct_segments == pytest.approx(0.5)


def test_utterances_are_one_song_in_its_time() -> None:
    parts = (
        Utterance(words_of("SO FAR", 0.0), words_of("so fair", 0.5), start_s=10.0, power=(0.01,) * 20),
        Utterance(words_of("AWAY", 0.0), ScoredText(), start_s=20.0, problem="no sound"),
        Utterance(words_of("FROM ME", None), words_of("from me"), start_s=30.0, problem=None),
    )
    score = score_song(SongTexts("a1", "en", parts), "short")
    assert [(line.start_s, line.end_s) for line in score.lines] == [(10.0, 12.0), (20.0, 21.0), (None, None)]
    assert score.deviations == (Deviation(10.0, 0.5),)
    assert (score.words.wer, score.words.num_words) == (0.4, 5)
    assert (score.problem, score.duration_s) == ("1 of 3 utterances: no sound", None)
    assert score.lines[0].loudness_db == -20.0
    assert score.interval is not None
    assert score.interval.low <= 0.4 <= score.interval.high
    assert score.timing is not None


def test_one_utterance_has_its_problem_as_it_is() -> None:
    whole = SongTexts("a1", "en", (Utterance(words_of("la"), ScoredText(), problem="no hypothesis"),))
    assert score_song(whole, "long").problem == "no hypothesis"


@pytest.mark.parametrize(
    ("text", "language", "num_words"), [("שלום עולם", "he", 2), ("君が好き", "ja", 4), ("мой дом", "ru", 2)]
)
def test_all_scripts(text: str, language: str, num_words: int) -> None:
    score = score_song(performance((words_of(text), words_of(text)), language=language), "long")
    assert (score.words.num_words, score.words.wer, score.words.cer) == (num_words, 0.0, 0.0)


def test_three_hours_take_seconds() -> None:
    rows = [f"line {number} of a song" for number in range(5000)]
    hypothesis = [row.replace("song", "long") if number % 10 == 0 else row for number, row in enumerate(rows)]
    began = time.perf_counter()
    score = score_song(performance((words_of("\n".join(rows), 0.0), words_of("\n".join(hypothesis), 0.1))), "long")
    assert time.perf_counter() - began < 60
    assert (score.words.num_words, score.words.substitutions, score.words.num_errors) == (25_000, 500, 500)
    assert (len(score.lines), len(score.deviations)) == (5000, 24_500)
    assert score.interval is not None
    assert score.interval.low < 0.02 < score.interval.high
