"""JSON of lyricsrec, and JSON that no reader knows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

SONG = Transcript(
    "S",
    9.0,
    (Line((Word("So", 1.0, 1.5, confidence=0.5),)),),
    provenance=Provenance("0", "none", "t", decoder="greedy", language="en"),
)


def changed(change: dict[str, Any]) -> str:
    document = json.loads(SONG.to_json())
    word = document["lines"][0]["words"][0]
    for name, value in change.items():
        (word if name in word else document)[name] = value
    return json.dumps(document)


def message_of(text: str) -> str:
    with pytest.raises(DataError) as error:
        parse_lyrics(text, "a.json")
    return str(error.value)


def test_a_transcript_is_read_with_its_language() -> None:
    lyrics = parse_lyrics(SONG.to_json(), "stdin")
    assert (lyrics.format.name, lyrics.language) == ("json", "english")
    assert lyrics.lines == (Line((Word("So", 1.0, 1.5),)),)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": 5}, "lines[0].words[0].text is not a text, but 5"),
        ({"text": "a\udc80"}, "lines[0].words[0].text has half of a surrogate pair, which is not a character"),
        ({"start_s": float("inf")}, "lines[0].words[0].start_s is not a time, but Infinity"),
        ({"start_s": float("nan")}, "lines[0].words[0].start_s is not a time, but NaN"),
        ({"end_s": [1]}, "lines[0].words[0].end_s is not a number, but a list"),
        ({"end_s": 10**4000}, "lines[0].words[0].end_s is not a time, but Infinity"),
        ({"song": {"\ud800": 1}}, "a name in song has half of a surrogate pair, which is not a character"),
        ({"lines": {"a": 1}}, "lines is not a list, but an object"),
        ({"schema": 9}, "not a lyricsrec transcript of schema 1"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named_with_its_place(change: dict[str, Any], message: str) -> None:
    assert message_of(changed(change)) == f"a.json: {message}"


def test_numbers_of_more_digits_than_python_reads() -> None:
    text = SONG.to_json().replace("1.5", "9" * 5000)
    assert message_of(text) == "a.json: lines[0].words[0].end_s is not a time, but Infinity"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "b": [2]}', "JSON of an unknown program (its fields: a, b)"),
        ("{}", "JSON of an unknown program (no fields)"),
        ("[1, 2]", "JSON of an unknown program (a list)"),
        ("3", "JSON of an unknown program (neither an object nor a list)"),
        ("[" * 100_000, "broken JSON (nested too deeply)"),
        ('{"a": ', "broken JSON (Expecting value: line 1 column 7 (char 6))"),
    ],
)
def test_other_json_is_refused(text: str, message: str) -> None:
    assert message_of(text) == f"a.json: {message}"


@pytest.mark.parametrize("text", ['{"a": ', '{\n  "a": 1\n}', '[{"a": 1}]', "{}"])
def test_json_is_never_lyrics(text: str) -> None:
    with pytest.raises(DataError, match=r"^a\.txt: (broken JSON|JSON of an unknown program)"):
        parse_lyrics(text, "a.txt")


@pytest.mark.parametrize("row", ["{Verse 1}", "[Chorus]", "[Oh] {oh}"])
def test_rows_in_brackets_are_no_json(row: str) -> None:
    assert parse_lyrics(f"{row}\nSo far\n", "a.txt").format.name == "txt"


@pytest.mark.parametrize("duration_s", [10**400, float("inf"), "long", None])
def test_lyrics_do_not_depend_on_the_length_of_the_song(duration_s: object) -> None:
    assert parse_lyrics(changed({"duration_s": duration_s}), "a.json").lines == (Line((Word("So", 1.0, 1.5),)),)
