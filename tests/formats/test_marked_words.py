"""Words that get invisible marks, so that they are read back."""

from __future__ import annotations

import pytest

from lyricsrec.formats.marked_words import MARK, marked, readable, unmarked
from lyricsrec.formats.registry import OUTPUT_FORMATS
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word


@pytest.mark.parametrize(
    ("text", "expected"),
    [("oh", "o^h"), ("[oh]", "[^oh]"), ("&lt;b&gt;", "&^lt;b&^gt;"), ("a[C]", "a^[^C]"), ("", ""), ("x", "x^")],
)
def test_marks(text: str, expected: str) -> None:
    assert marked(text) == expected.replace("^", MARK)
    assert unmarked(marked(text)) == text


def test_as_few_words_as_needed_are_marked() -> None:
    def read(row: str) -> list[str]:
        words = [word for word in row.split() if word != "[oh]"]
        return words if words[-1:] != ["end"] else words[:-1]

    assert readable(["so", "far"], " ".join, read) == ["so", "far"]
    assert readable(["so", "[oh]", "far"], " ".join, read) == ["so", f"[{MARK}oh]", "far"]
    assert readable(["the", "end"], " ".join, read) == ["the", f"e{MARK}nd"]


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_usual_lyrics_have_no_marks(name: str) -> None:
    texts = [
        "So",
        "far",
        "away,",
        "(oh)",
        "don't",
        "go",
        "'cause",
        "R&B",
        "is",
        "1,000",
        "%",
        "mine...",
        "Was-it?",
        '"Yes"',
        "naïve",
    ]
    words = tuple(Word(text, float(i), i + 1.0) for i, text in enumerate(texts))
    provenance = Provenance("0", "none", "t", decoder="greedy")
    assert MARK not in OUTPUT_FORMATS[name].render(Transcript("S", 99.0, (Line(words),), provenance=provenance))
