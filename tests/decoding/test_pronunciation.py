"""Pronunciations: rows of every kind of lexicon, and words as texts have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.decoding.pronunciation import Lexicon, read_lexicon


def lexicon(tmp_path: Path, text: str) -> Lexicon:
    path = tmp_path / "words.dict"
    path.write_text(text, "utf-8")
    return read_lexicon(path)


@pytest.mark.parametrize(
    ("row", "word", "phonemes"),
    [
        ("HELLO  HH AH0 L OW1", "HELLO", "HH AH L OW"),
        ("hello\tHH AH0 L OW1\n", "HELLO", "HH AH L OW"),
        ("read(2)  R EH1 D", "READ", "R EH D"),
        # Probabilities of the Montreal Forced Aligner.
        ("schön\t0.99\t0.14\t1.0\t1.0\tʃ øː n", "SCHÖN", "ʃ øː n"),
        ("DON'T D OW1 N T", "DON'T", "D OW N T"),
        ("a  a", "A", "a"),
        ("tone  t o1 n", "TONE", "t o1 n"),
    ],
)
def test_rows(tmp_path: Path, row: str, word: str, phonemes: str) -> None:
    assert lexicon(tmp_path, f";;; a comment\n# another\n\nempty\n{row}\n").entries == {word: tuple(phonemes.split())}


def test_the_first_pronunciation_of_a_word_counts(tmp_path: Path) -> None:
    found = lexicon(tmp_path, "READ  R IY1 D\nREAD(1)  R EH1 D\nSO S OW\n")
    assert found.entries == {"READ": ("R", "IY", "D"), "SO": ("S", "OW")}
    assert found.symbols == ("D", "IY", "OW", "R", "S")
    assert lexicon(tmp_path, found.text()) == found


def test_texts() -> None:
    found = Lexicon({"DON'T": ("D", "OW", "N", "T"), "STOP": ("S", "T", "AA", "P")})
    assert found.phonemes("Don’t stop, (don't) go!") == ["D", "OW", "N", "T", "S", "T", "AA", "P", "D", "OW", "N", "T"]
    assert found.unknown("Don’t - go! Stop 99") == ["GO", "99"]
    assert found.of(["stop!"]).entries == {"STOP": ("S", "T", "AA", "P")}


def test_what_is_no_lexicon_is_named(tmp_path: Path) -> None:
    for text in ("", ";;; nothing\n", "word\nother\n"):
        with pytest.raises(DataError, match=r"words\.dict: no pronunciations in this lexicon"):
            lexicon(tmp_path, text)
    with pytest.raises(DataError, match=r"gone\.dict: cannot be read as a lexicon"):
        read_lexicon(tmp_path / "gone.dict")
