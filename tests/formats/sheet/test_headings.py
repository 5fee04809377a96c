"""Names of the parts of songs."""

from __future__ import annotations

import pytest

from lyricsrec.formats.sheet.headings import Heading, heading, split_heading


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("[Chorus]", Heading("chorus")),
        ("[Chorus: Somebody & Co]", Heading("chorus")),
        ("CHORUS", Heading("chorus")),
        ("*Chorus*", Heading("chorus")),
        ("=== Bridge ===", Heading("bridge")),
        ("Chorus x2", Heading("chorus", repeats=2)),
        ("[Chorus] (2x)", Heading("chorus", repeats=2)),
        ("Chorus - x3", Heading("chorus", repeats=3)),
        ("(Repeat Chorus)", Heading("chorus", repeat=True)),
        ("Repeat the chorus twice", Heading("chorus", repeats=2, repeat=True)),
        ("Verse II", Heading("verse", 2)),
        ("2nd Verse", Heading("verse", 2)),
        ("{Verse 1}", Heading("verse", 1)),
        ("Strophe 3:", Heading("verse", 3)),
        ("1. Strophe", Heading("verse", 1)),
        ("Kehrvers", Heading("chorus")),
        ("Ref.:", Heading("chorus")),
        ("[Refr.]", Heading("chorus")),
        ("Chorus...", Heading("chorus")),
        ("Ref", Heading("chorus", sure=False)),
        ("Estribillo", Heading("chorus")),
        ("[Estrofa 2]", Heading("verse", 2)),
        ("Couplet 2", Heading("verse", 2)),
        ("Pré-refrain", Heading("pre-chorus")),
        ("Puente:", Heading("bridge")),
        ("[Припев]", Heading("chorus")),
        ("(Guitar Solo)", Heading("instrumental")),
        ("Bridge", Heading("bridge", sure=False)),
        ("Hook", Heading("chorus", sure=False)),
    ],
)
def test_headings(row: str, expected: Heading) -> None:
    assert heading(row) == expected


@pytest.mark.parametrize(
    "row",
    [
        *("", "Verse of my life", "Chorus of angels", "Chorus, sing it", "Solo tonight", "drop it", "Versed", "Bis"),
        *("(hook me up)", "(bridge over water)", "[A]", "[laughs]", "(x2)", "Verse I love", "Verse " * 40),
    ],
)
def test_other_rows(row: str) -> None:
    assert heading(row) is None


def test_headings_before_words_of_the_same_row() -> None:
    assert split_heading("[Chorus]So far") == ("[Chorus]", "So far")
    assert split_heading("Chorus: so far") == ("Chorus:", "so far")
    for row in ("Hook: oh", "Solo: I go", "[laughs] hi", "It's 8:15 now", "[Chorus] x2", "Refrain:"):
        assert split_heading(row) == ("", row)
