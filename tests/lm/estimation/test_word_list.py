"""Lists of words are normalised and added up; lists that are not word lists are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.lm.estimation.word_list import read_word_list
from lyricsrec.lyrics.normalise import TextNormalizer


def test_words_are_normalised_and_add_up(tmp_path: Path) -> None:
    path = tmp_path / "words.tsv"
    path.write_text("don\u2019t\t2\nCafé\t0.5\ncafe\t1e-1\nwell-known\t3\nwell\t1\n君\t9\n", "utf-8")
    assert read_word_list(path, TextNormalizer()) == pytest.approx(
        {"DON'T": 2.0, "CAFE": 0.6, "WELL": 4.0, "KNOWN": 3.0}
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"love\t1\nbaby 2\n", r"words\.tsv, line 2: not a word, a tab, and a frequency above 0"),
        (b"love\n", "line 1"),
        (b"love\t0\n", "line 1"),
        (b"love\tnan\n", "line 1"),
        (b"love\tinf\n", "line 1"),
        (b"", "no words with letters of the alphabet"),
        (b"\xff\t1\n", "not a text in UTF-8"),
    ],
)
def test_what_is_no_list(tmp_path: Path, text: bytes, message: str) -> None:
    path = tmp_path / "words.tsv"
    path.write_bytes(text)
    with pytest.raises(DataError, match=message):
        read_word_list(path, TextNormalizer())


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.tsv: cannot be read \(No such file"):
        read_word_list(tmp_path / "none.tsv", TextNormalizer())
