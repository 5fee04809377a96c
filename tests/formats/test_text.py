"""Plain lyrics with headings, remarks and repeat marks."""

from __future__ import annotations

import pytest

from lyricsrec.formats.text import plain_lines, split_repeats, sung_part


def texts(sheet: str) -> list[str]:
    return [line.text for line in plain_lines(sheet)]


def test_plain_lyrics() -> None:
    sheet = """
[Verse 1: Somebody]
So far away from home   (oh yeah)

Chorus:
Where my home is [laughs] anymore

(Instrumental)
* * *
♪ La la ♪
- Who's there?
I love my 4x4
"""
    assert texts(sheet) == [
        "So far away from home (oh yeah)",
        "Where my home is anymore",
        "La la",
        "Who's there?",
        "I love my 4x4",
    ]
    assert all(word.start_s is None and word.end_s is None for line in plain_lines(sheet) for word in line.words)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Hey Jude (x2)", ("Hey Jude", 2)),
        ("Hey Jude(X3)", ("Hey Jude", 3)),
        ("Hey Jude x3", ("Hey Jude", 3)),
        ("Hey Jude 2x", ("Hey Jude", 2)),
        ("Hey Jude [×4]", ("Hey Jude", 4)),
        ("(x2)", ("", 2)),
        ("Hey Jude", ("Hey Jude", 1)),
        ("In my 4x4", ("In my 4x4", 1)),
        ("Max2", ("Max2", 1)),
        ("Hey (x99)", ("Hey (x99)", 1)),
        ("Hey x0", ("Hey x0", 1)),
        ("Hey x2)", ("Hey x2)", 1)),
    ],
)
def test_repeats(row: str, expected: tuple[str, int]) -> None:
    assert split_repeats(row) == expected


def test_repeated_rows_are_multiplied_and_a_mark_alone_is_ignored() -> None:
    assert texts("La la (x2)\n(x2)\n[Chorus x2]\nOh") == ["La la", "La la", "Oh"]


@pytest.mark.parametrize(
    "row",
    ["[Chorus]", "(Chorus)", "(Repeat Chorus)", "Verse 2:", "BRIDGE:", "Pre-Chorus:", "Outro", "...", "♪♪", "", "[x]"],
)
def test_headings(row: str) -> None:
    assert sung_part(row) == ("Outro" if row == "Outro" else "")
