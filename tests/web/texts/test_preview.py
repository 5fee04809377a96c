"""What of pasted lyrics is sung, and what is left out of each row."""

from __future__ import annotations

import pytest

from lyricsrec.web.texts.preview import preview, rows_of

SHEET = """Song Title Lyrics
[Verse 1]
Am   G   F
So far away (x2)
I know [spoken] this, oh

[Chorus]
my home
[Chorus]"""


def left_out(text: str) -> list[tuple[int, str, str]]:
    rows = rows_of(text)["rows"]
    return [(i, left["text"], left["reason"]) for i, row in enumerate(rows, 1) for left in row["left_out"]]


def test_rows_say_what_is_left_out_and_why() -> None:
    found = rows_of(SHEET)
    assert [row["text"] for row in found["rows"]] == SHEET.splitlines()
    assert left_out(SHEET) == [
        (1, "Song Title Lyrics", "the title"),
        (2, "[Verse 1]", "a heading"),
        (3, "Am   G   F", "chords"),
        (4, "(x2)", "sung 2 times"),
        (5, "[spoken]", "a remark"),
        (7, "[Chorus]", "a heading"),
        (9, "[Chorus]", "a heading"),
    ]
    assert found["sung"] == ["So far away", "So far away", "I know this, oh", "my home", "my home"]
    assert found["notes"] == ["'[Chorus]' has no words of its own: 1 line of row 7 sung again"]


@pytest.mark.parametrize("number", range(1, 10))
def test_every_row_can_be_kept_and_left_out_again(number: int) -> None:
    rows = SHEET.splitlines()
    row = rows_of(SHEET)["rows"][number - 1]
    if row["kept"] is None:
        return
    again = rows_of("\n".join([*rows[: number - 1], row["kept"], *rows[number:]]))
    kept = again["rows"][number - 1]
    assert (kept["left_out"], kept["is_kept"], kept["text"].split()) == ([], True, row["text"].split())
    assert " ".join(row["text"].split()) in again["sung"]


def test_other_formats_and_texts_without_lyrics() -> None:
    assert rows_of("[00:01.00]So far\n[00:02.00]away") == {"rows": [], "sung": ["So far", "away"], "notes": []}
    assert left_out("[Chorus]") == [(1, "[Chorus]", "a heading")]
    assert (rows_of("")["rows"], rows_of("\n")["sung"]) == ([], [])
    srt = "1\n00:00:01,000 --> x\nhello\n\n2\n00:00:09,000 --> 00:00:12,000\nhi"
    assert rows_of(srt)["notes"] == ["these times cannot be read, so their text is skipped: '00:00:01,000 --> x'"]
    (problem,) = rows_of('{"schema": 7}')["notes"]
    assert problem.startswith("the lyrics: ")


def test_it_is_read_in_a_process_with_limits() -> None:
    found = preview("So far\n[Chorus]\n")
    assert found is not None
    assert found["sung"] == ["So far"]
