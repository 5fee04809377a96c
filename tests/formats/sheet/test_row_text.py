"""What is sung in a row of text."""

from __future__ import annotations

import pytest

from lyricsrec.formats.sheet.row_text import split_repeats, sung_part


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Hey Jude (x2)", ("Hey Jude", 2)),
        ("Hey Jude(X3)", ("Hey Jude", 3)),
        ("Hey Jude x3", ("Hey Jude", 3)),
        ("Hey Jude 2x", ("Hey Jude", 2)),
        ("Hey Jude [×4]", ("Hey Jude", 4)),
        ("Hey Jude   ( x2 )", ("Hey Jude", 2)),
        ("Ay, ay (bis)", ("Ay, ay", 2)),
        ("(x2)", ("", 2)),
        ("x2", ("", 2)),
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


@pytest.mark.parametrize(
    "row",
    [
        *("[Chorus]", "(Chorus)", "(Repeat Chorus)", "Verse 2:", "BRIDGE:", "Pre-Chorus:", "...", "♪♪", "", "[x]"),
        *("{Strophe}", "Refrain:", "(Guitar solo)", "[a [b] c]", "[Am] [G7]"),
    ],
)
def test_rows_without_lyrics(row: str) -> None:
    assert sung_part(row) == ""


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Outro", "Outro"),
        ("Where my home is [laughs] anymore", "Where my home is   anymore"),
        ("So far a[C]way from [Gsus4/B]home", "So far away from home"),
        ("- Who's there?", "Who's there?"),
        ("♪ La la ♪", "La la"),
        ("(hook me up)", "(hook me up)"),
        ("Chorus of angels", "Chorus of angels"),
        ("an open [ bracket", "an open [ bracket"),
    ],
)
def test_sung_parts(row: str, expected: str) -> None:
    assert sung_part(row) == expected
