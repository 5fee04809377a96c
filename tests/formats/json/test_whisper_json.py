"""Transcripts in the JSON of Whisper, of the programs around it, and of OpenAI's interface."""

from __future__ import annotations

import json

import pytest

from lyricsrec.base.errors import DataError
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.lyrics.transcript import Line, Word

LINE = Line((Word("So", 1.0, None), Word("far", None, None), Word("away", None, 2.5)))
WORDS = Line((Word("So", 1.0, 1.2), Word("far,", 1.2, 1.6), Word("away", 1.6, 2.5)))
TIMED = [
    {"word": "So", "start": 1.0, "end": 1.2},
    {"word": "far", "start": 1.2, "end": 1.6},
    {"word": "away", "start": 1.6, "end": 2.5},
]


def read(document: object) -> tuple[str, tuple[Line, ...]]:
    lyrics = parse_lyrics(json.dumps(document), "a.json")
    return lyrics.format.name, lyrics.lines


def test_segments_are_lines_with_times_at_both_ends() -> None:
    document = {"segments": [{"start": 1, "end": 2.5, "text": " So far away"}, {"start": 3, "end": 4, "text": " "}]}
    assert read(document) == ("whisper", (LINE,))


def test_lists_of_the_segments_of_faster_whisper_and_what_stable_ts_keeps() -> None:
    segments = [{"id": 1, "start": 1.0, "end": 2.5, "text": " So far away", "words": None}]
    assert read(segments) == ("whisper", (LINE,))
    assert read({"ori_dict": {"segments": segments}, "regroup_history": "", "language": "en"}) == ("whisper", (LINE,))


def test_times_of_words() -> None:
    words = [
        {"word": " Don", "start": 1.0, "end": 1.2, "probability": 0.9},
        {"word": "'t", "start": 1.2, "end": 1.3},
        {"word": " go", "start": 1.5, "end": None},
    ]
    assert read({"segments": [{"text": " Don't go", "words": words}]}) == (
        "whisper",
        (Line((Word("Don't", 1.0, 1.3), Word("go", 1.5, None))),),
    )


@pytest.mark.parametrize("name", ["word", "text"])
def test_words_without_spaces_of_whisperx_and_whisper_timestamped(name: str) -> None:
    words = [{name: "So", "start": 1.0, "end": 1.2}, {name: "far", "start": float("nan")}]
    document = {"segments": [{"text": "So far", "words": words}], "word_segments": [{"word": "So"}]}
    assert read(document) == ("whisper", (Line((Word("So", 1.0, 1.2), Word("far", None, None))),))


@pytest.mark.parametrize(
    ("segment", "message"),
    [
        (5, "segments[0] is not an object, but 5"),
        ({}, "segments[0].text is not a text, but missing"),
        ({"text": 5}, "segments[0].text is not a text, but 5"),
        ({"text": "a", "words": [5]}, "segments[0].words[0] is not an object, but 5"),
        ({"text": "a", "words": [{}]}, "segments[0].words[0].word is not a text, but missing"),
        ({"text": "a", "words": 7}, "segments[0].words is not a list, but 7"),
        ({"text": "a", "start": [1]}, "segments[0].start is not a number, but a list"),
        ({"text": "a", "start": True}, "segments[0].start is not a number, but true"),
        ({"text": "a", "start": "1"}, 'segments[0].start is not a number, but "1"'),
        ({"text": "a", "end": float("inf")}, "segments[0].end is not a time, but Infinity"),
        ({"text": "a", "end": -1}, "segments[0].end is not a time, but -1"),
        ({"text": "a", "end": 10**4000}, "segments[0].end is not a time, but Infinity"),
        ({"text": "a \ud800"}, "segments[0].text has half of a surrogate pair, which is not a character"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_its_place(segment: object, message: str) -> None:
    with pytest.raises(DataError) as error:
        read({"segments": [segment]})
    assert str(error.value) == f"a.json: {message}"


def test_a_file_of_whisper() -> None:
    text = '{"text": " La", "segments": [{"start": 0.5, "end": 1, "text": " La"}], "language": "de"}'
    lyrics = parse_lyrics(text, "a.json")
    assert (lyrics.format.name, lyrics.language, lyrics.lines) == (
        "whisper",
        "german",
        (Line((Word("La", 0.5, 1.0),)),),
    )


def test_words_of_openai_beside_its_segments_are_spelled_like_them() -> None:
    segments = [{"id": 0, "start": 1.0, "end": 2.5, "text": " So far, away"}]
    document = {"task": "transcribe", "language": "english", "text": "", "segments": segments, "words": TIMED}
    assert read(document) == ("openai", (WORDS,))


def test_words_that_differ_from_the_segments_go_where_their_times_are() -> None:
    segments = [{"start": 1.0, "end": 1.5, "text": "So very"}, {"start": 1.5, "end": 2.5, "text": "far and away"}]
    expected = (Line((Word("So", 1.0, 1.2), Word("far", 1.2, 1.6))), Line((Word("away", 1.6, 2.5),)))
    assert read({"segments": segments, "words": TIMED}) == ("openai", expected)


def test_words_without_segments_are_broken_into_lines_at_pauses() -> None:
    later = [{"word": "home", "start": 9.0, "end": 9.5}, {"word": "again", "start": 9.5, "end": 10.0}]
    expected = (
        Line((Word("So", 1.0, 1.2), Word("far", 1.2, 1.6), Word("away", 1.6, 2.5))),
        Line((Word("home", 9.0, 9.5), Word("again", 9.5, 10.0))),
    )
    assert read({"text": "So far away", "duration": 11.0, "words": [*TIMED, *later]}) == ("openai", expected)


def test_speakers_of_whisperx_are_singers() -> None:
    segments = [
        {"start": 3.0, "end": 4.0, "text": " home", "speaker": "SPEAKER_01"},
        {"start": 1.0, "end": 2.0, "text": " so far", "speaker": "SPEAKER_00"},
        {"start": 5.0, "end": 6.0, "text": " away", "speaker": None},
    ]
    lines = parse_lyrics(json.dumps({"segments": segments}), "a.json").lines
    assert [(line.text, line.singers) for line in lines] == [
        ("so far", ("SPEAKER_00",)),
        ("home", ("SPEAKER_01",)),
        ("away", ()),
    ]
