"""Captions that show a line several times."""

from __future__ import annotations

from lyricsrec.formats.cues.highlight import Cue
from lyricsrec.formats.cues.rolling import Folded, fold
from lyricsrec.formats.cues.rows import rows_of


def folded(*cues: str) -> Folded:
    """Cues of a second each, with `|` between rows."""
    return fold([Cue(float(i), i + 1.0, tuple(rows_of(text.replace("|", "\n")))) for i, text in enumerate(cues)])


def lines(*cues: str) -> list[str]:
    return [line.text for line in folded(*cues).lines]


def test_rows_that_roll() -> None:
    found = folded("a b", "a b|c d", "c d|e f", "e f|g", "g")
    assert [(line.text, line.start_s, line.end_s) for line in found.lines] == [
        ("a b", 0.0, 1.0),
        ("c d", 1.0, 2.0),
        ("e f", 2.0, 3.0),
        ("g", 3.0, 4.0),
    ]
    assert found.line_of_cue == (0, 1, 2, 3, 3)
    assert lines("A", "A|B", "A|B|C", "B|C|D", "C|D|E") == ["A", "B", "C", "D", "E"]
    assert lines("A", "", "A|B", "B", "B|B", "B|C") == ["A", "B", "B", "C"]


def test_lines_that_are_sung_again_stay() -> None:
    assert lines("la la", "la la", "la la") == ["la la"] * 3
    assert lines("la", "la|oh", "home", "no") == ["la", "la", "oh", "home", "no"]
    assert lines("a|b", "b|c", "d|e", "f|g", "h|i", "j|k") == [*"abbcdefghijk"]
    assert lines("so", "so far", "home", "away") == ["so", "so far", "home", "away"]


def test_rows_that_grow_give_the_times_of_words() -> None:
    found = folded("so", "so far", "so far away", "from", "from home", "from home|and", "from home|and on")
    assert [[(word.text, word.start_s, word.end_s) for word in line.words] for line in found.lines] == [
        [("so", 0.0, 1.0), ("far", 1.0, 2.0), ("away", 2.0, 3.0)],
        [("from", 3.0, 4.0), ("home", 4.0, 5.0)],
        [("and", 5.0, 6.0), ("on", 6.0, 7.0)],
    ]
    assert found.line_of_cue == (0, 0, 0, 1, 1, 2, 2)


def test_a_moving_highlight_gives_the_times_of_words() -> None:
    steps = ["so far|away", "<u>so</u> far|away", "so <u>far</u>|away", "so far|away", "so far|<u>away</u>"]
    found = folded(*steps)
    assert [[(word.text, word.start_s, word.end_s) for word in line.words] for line in found.lines] == [
        [("so", 1.0, 2.0), ("far", 2.0, 3.0)],
        [("away", 4.0, 5.0)],
    ]
    assert found.line_of_cue == (0,) * 5
    again = folded(*steps, *steps)
    assert [line.start_s for line in again.lines] == [1.0, 4.0, 6.0, 9.0]


def test_a_highlight_of_all_words_so_far() -> None:
    found = folded("<b>so</b> far away", "<b>so far</b> away", "<b>so far away</b>", "home")
    assert [[(word.text, word.start_s, word.end_s) for word in line.words] for line in found.lines] == [
        [("so", 0.0, 1.0), ("far", 1.0, 2.0), ("away", 2.0, 3.0)],
        [("home", 3.0, 4.0)],
    ]


def test_a_word_in_italics_is_no_highlight() -> None:
    assert lines("love <i>me</i> do", "love <i>me</i> do") == ["love me do"] * 2


def test_cues_that_flash_up_are_a_sign_of_rolling() -> None:
    texts = ["we are", "we are", "we are\nhome now"]
    times = [(0.0, 1.0), (1.0, 1.01), (1.01, 2.0)]
    cues = [Cue(*bounds, tuple(rows_of(text))) for bounds, text in zip(times, texts, strict=True)]
    assert [(line.text, line.start_s) for line in fold(cues).lines] == [("we are", 0.0), ("home now", 1.01)]
