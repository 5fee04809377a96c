"""Transcripts in the JSON of Whisper and the programs around it."""

from __future__ import annotations

import pytest

from lyricsrec.formats.json_transcript import is_whisper, whisper_lines
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.lyrics.transcript import Line, Word


def test_segments_are_lines_with_times_at_both_ends() -> None:
    document = {"segments": [{"start": 1, "end": 2.5, "text": " So far away"}, {"start": 3, "end": 4, "text": " "}]}
    assert whisper_lines(document) == (Line((Word("So", 1.0, None), Word("far", None, None), Word("away", None, 2.5))),)


def test_times_of_words() -> None:
    words = [
        {"word": " Don", "start": 1.0, "end": 1.2, "probability": 0.9},
        {"word": "'t", "start": 1.2, "end": 1.3},
        {"word": " go", "start": 1.5, "end": None},
    ]
    assert whisper_lines({"segments": [{"text": " Don't go", "words": words}]}) == (
        Line((Word("Don't", 1.0, 1.3), Word("go", 1.5, None))),
    )


@pytest.mark.parametrize("name", ["word", "text"])
def test_words_without_spaces_of_whisperx_and_whisper_timestamped(name: str) -> None:
    words = [{name: "So", "start": 1.0, "end": 1.2}, {name: "far", "start": float("nan")}]
    assert whisper_lines({"segments": [{"text": "So far", "words": words}]}) == (
        Line((Word("So", 1.0, 1.2), Word("far", None, None))),
    )


@pytest.mark.parametrize("segment", [5, {}, {"text": 5}, {"text": "a", "words": [5]}, {"text": "a", "words": [{}]}])
def test_segments_and_words_need_a_text(segment: object) -> None:
    with pytest.raises(ValueError, match="has no text"):
        whisper_lines({"segments": [segment]})


def test_other_documents_are_not_of_whisper() -> None:
    assert [is_whisper(document) for document in ([], {}, {"segments": 5}, {"segments": []})] == [
        False,
        False,
        False,
        True,
    ]


def test_a_file_of_whisper() -> None:
    text = '{"text": " La", "segments": [{"start": 0.5, "end": 1, "text": " La"}], "language": "de"}'
    lyrics = parse_lyrics(text, "a.json")
    assert (lyrics.format.name, lyrics.language, lyrics.lines) == (
        "whisper",
        "german",
        (Line((Word("La", 0.5, 1.0),)),),
    )
