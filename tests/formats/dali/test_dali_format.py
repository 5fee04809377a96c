"""DALI entries with corrected times."""

from __future__ import annotations

import pytest

from lyricsrec.formats.dali.entry import DaliEntry, Timing
from lyricsrec.formats.dali.export import to_dali
from lyricsrec.formats.dali.format import retime_entry
from lyricsrec.lyrics.annotation import Annotation
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Line, Word

LINES = (
    Line((Word("one", 1.0, 1.5), Word("two", 2.0, 2.5))),
    Line((Word("three", 3.0, 3.5),)),
    Line((Word("four", 9.0, 9.5),)),
)
ENTRY = to_dali(Annotation("id", "A", "T", lines=LINES), Timing(600.0, 1.0))


def times(entry: DaliEntry, level: str) -> list[list[float]]:
    return [item["time"] for item in entry.to_horizontal().annotations["annot"][level]]


@pytest.mark.parametrize("form", ["horizontal", "vertical"])
def test_every_level_and_the_beats_are_corrected(form: str) -> None:
    entry = ENTRY.to_vertical() if form == "vertical" else ENTRY
    edited = retime_entry(entry, Retiming(2.0, 0.5))
    assert edited.annotations["type"] == form
    assert edited.timing == Timing(300.0, 2.5)
    assert edited.info == entry.info
    for level in ("notes", "words", "lines", "paragraphs"):
        assert times(edited, level) == [[2 * t + 0.5 for t in pair] for pair in times(entry, level)]


def test_words_notes_and_paragraph_move_with_their_line() -> None:
    edited = retime_entry(ENTRY, Retiming(1.0, 0.0, {1: 1.25}))
    assert times(edited, "lines") == [[1.0, 2.5], [4.25, 4.75], [9.0, 9.5]]
    assert times(edited, "words") == times(edited, "notes") == [[1.0, 1.5], [2.0, 2.5], [4.25, 4.75], [9.0, 9.5]]
    assert times(edited, "paragraphs") == [[1.0, 4.75], [9.0, 9.5]]


def test_entries_without_notes_and_paragraphs_or_with_invalid_times() -> None:
    annot = {level: ENTRY.annotations["annot"][level] for level in ("words", "lines")}
    odd = [*annot["lines"][:2], {**annot["lines"][2], "time": [float("nan"), 1.0]}]
    bare = DaliEntry(ENTRY.info, {**ENTRY.annotations, "annot": {**annot, "lines": odd}})
    edited = retime_entry(bare, Retiming(1.0, 1.0))
    assert set(edited.annotations["annot"]) == {"words", "lines"}
    assert edited.annotations["annot"]["lines"][2]["time"][1] == 2.0
