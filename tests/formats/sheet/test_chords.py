"""Rows of chords among lyrics."""

from __future__ import annotations

import pytest

from lyricsrec.formats.sheet.chords import is_chord, is_tablature, rows_of_chords, without_chords


@pytest.mark.parametrize(
    "row",
    [
        *("G   D   Em  C", "Am F G D7", "G  C  D", "| G | D | Em | C |", "|: G / / / | D7 :| x2", "G-D-Em-C"),
        *("C#m7b5 F#/A# Bbmaj7", "Gsus4 Gadd9 G7sus4", "Gm7(b5) G°", "(G) (D)", "H7", "Ab Ab Bb", "Dm (x2)"),
    ],
)
def test_rows_of_chords(row: str) -> None:
    assert rows_of_chords([row]) == {0}


@pytest.mark.parametrize("row", ["A B C", "A", "Am", "E E E", "Hm", "A-B-C"])
def test_rows_that_may_be_words_count_beside_rows_that_are_chords(row: str) -> None:
    assert rows_of_chords([row, "So far"]) == frozenset()
    assert rows_of_chords([row, "So far", "Em G", "away"]) == {0, 2}


@pytest.mark.parametrize(
    "row", ["A Am I", "I Am", "Be", "Do Be Do", "A Bad Dad", "Ah", "Amen", "Face", "Gee", "Add", ""]
)
def test_words_are_never_chords(row: str) -> None:
    assert rows_of_chords([row, "Em G"]) == {1}


def test_chords_between_syllables() -> None:
    assert without_chords("So far a[C]way [Am7]from [D/F#]home") == "So far away from home"
    assert without_chords("[Verse] a [laughs]") == "[Verse] a [laughs]"
    assert is_chord("[Am7]")
    assert not is_chord("[Chorus]")


def test_tablature() -> None:
    assert all(map(is_tablature, ["e|--3--0--|", "G|---2h4p2--- x2", "|-----0-----|"]))
    assert not any(map(is_tablature, ["---", "- - -", "So - far", "|"]))
