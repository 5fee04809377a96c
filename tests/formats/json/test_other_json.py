"""JSON of whisper.cpp, Hugging Face pipelines, aeneas, gentle, lyrics-transcriber and LRCLIB."""

from __future__ import annotations

import json

import pytest

from lyricsrec.base.errors import DataError, NoLyricsError
from lyricsrec.formats.read import parse_lyrics
from lyricsrec.lyrics.transcript import Line, Word

LINES = (
    Line((Word("So", 1.0, None), Word("far", None, None), Word("away", None, 2.5))),
    Line((Word("Home", 3.0, None), Word("again", None, 4.0))),
)


def untimed(text: str) -> Line:
    return Line(tuple(Word(word, None, None) for word in text.split()))


def read(document: object) -> tuple[str, tuple[Line, ...]]:
    lyrics = parse_lyrics(json.dumps(document), "stdin")
    return lyrics.format.name, lyrics.lines


def cpp(text: str, from_ms: int, to_ms: int, **more: object) -> dict[str, object]:
    return {"timestamps": {}, "offsets": {"from": from_ms, "to": to_ms}, "text": text, **more}


def test_segments_of_whisper_cpp() -> None:
    document = {
        "result": {"language": "de"},
        "transcription": [cpp(" So far away", 1000, 2500), cpp(" Home again", 3000, 4000)],
    }
    assert read(document) == ("whisper.cpp", LINES)
    assert parse_lyrics(json.dumps(document), "a.json").language == "german"


def test_tokens_of_whisper_cpp_are_joined_into_words() -> None:
    tokens = [
        {"text": "[_BEG_]", "id": 50364},
        cpp(" So", 1000, 1200),
        cpp(" a", 1300, 1500),
        cpp("way", 1500, 2400),
        cpp(".", 2400, 2500),
        {"text": "[_TT_125]", "id": 50489},
    ]
    document = {"transcription": [cpp(" So away.", 1000, 2500, tokens=tokens)]}
    assert read(document) == ("whisper.cpp", (Line((Word("So", 1.0, 1.2), Word("away.", 1.3, 2.5))),))


def test_tokens_of_whisper_cpp_that_are_parts_of_characters_are_not_used() -> None:
    tokens = [cpp(" \ufffd", 1000, 1500), cpp("\ufffd", 1500, 2500)]
    document = {"transcription": [cpp(" é", 1000, 2500, tokens=tokens)]}
    assert read(document) == ("whisper.cpp", (Line((Word("é", 1.0, 2.5),)),))


def test_a_segment_for_each_word_of_whisper_cpp() -> None:
    parts = [cpp(" So", 1000, 1200), cpp(" a", 1300, 1500), cpp("way", 1500, 2400), cpp("", 2400, 2400)]
    expected = (Line((Word("So", 1.0, 1.2), Word("away", 1.3, 2.4))),)
    assert read({"transcription": parts}) == ("whisper.cpp", expected)


@pytest.mark.parametrize("in_a_list", [False, True])
def test_chunks_of_hugging_face(in_a_list: bool) -> None:
    chunks = [{"timestamp": [1.0, 2.5], "text": " So far away"}, {"timestamp": [3.0, None], "text": " Home again"}]
    document = {"text": " So far away Home again", "chunks": chunks}
    expected = (LINES[0], Line((Word("Home", 3.0, None), Word("again", None, None))))
    assert read([document] if in_a_list else document) == ("huggingface", expected)


@pytest.mark.parametrize(
    "texts",
    [[" So", " away"], ["So", "away"], ["S", "o", " ", "a", "w", "a", "y"], ["So ", "away"], [" So", " a", "way"]],
)
def test_chunks_that_are_words_or_characters(texts: list[str]) -> None:
    chunks = [{"timestamp": [float(i), i + 1.0], "text": text} for i, text in enumerate(texts)]
    form, lines = read({"text": "", "chunks": chunks})
    assert (form, [word.text for line in lines for word in line.words]) == ("huggingface", ["So", "away"])
    assert (lines[0].start_s, lines[-1].end_s) == (0.0, float(len(texts)))


def fragment(text: str, begin: str, end: str, *children: object) -> dict[str, object]:
    return {"begin": begin, "end": end, "children": list(children), "language": "eng", "lines": text.split("\n")}


def test_fragments_of_aeneas() -> None:
    document = {"fragments": [fragment("So far\naway", "1.000", "2.500"), fragment("Home again", "3.000", "4.000")]}
    assert read(document) == ("aeneas", LINES)
    assert parse_lyrics(json.dumps(document), "a.json").language == "english"


def test_levels_of_aeneas() -> None:
    words = (fragment("So", "1.0", "1.2"), fragment("far", "1.2", "2.0"))
    sentences = (fragment("So far", "1.0", "2.0", *words), fragment("away", "2.0", "2.5", fragment("away", "2", "2.5")))
    expected = (Line((Word("So", 1.0, 1.2), Word("far", 1.2, 2.0))), Line((Word("away", 2.0, 2.5),)))
    assert read({"fragments": [fragment("So far away", "1.0", "2.5", *sentences)]}) == ("aeneas", expected)


def test_times_of_aeneas_that_are_not_numbers() -> None:
    with pytest.raises(DataError, match=r'^stdin: fragments\[0\]\.end is not a number, but "x"$'):
        read({"fragments": [fragment("So", "1.0", "x")]})


def test_words_of_gentle_have_the_lines_and_the_punctuation_of_their_transcript() -> None:
    transcript = "So far, far-away\nHome"
    places = {"So": 0, "far": 3, "Far": 8, "away": 12, "Home": 17}
    words: list[dict[str, object]] = [
        {"case": "success", "word": word, "startOffset": place, "start": i + 1.0, "end": i + 1.5}
        for i, (word, place) in enumerate(places.items())
    ]
    words[4] = {"case": "not-found-in-audio", "word": "Home", "startOffset": 17}
    words.insert(1, {"case": "not-found-in-transcript", "word": "uh", "start": 1.6, "end": 1.7})
    expected = (
        Line((Word("So", 1.0, 1.5), Word("far,", 2.0, 2.5), Word("far-away", 3.0, 4.5))),
        Line((Word("Home", None, None),)),
    )
    assert read({"transcript": transcript, "words": words}) == ("gentle", expected)


def test_words_of_gentle_without_a_transcript() -> None:
    words = [{"case": "success", "word": "So", "start": 1.0, "end": 1.5}]
    assert read({"words": words}) == ("gentle", (Line((Word("So", 1.0, 1.5),)),))


@pytest.mark.parametrize("name", ["corrected_segments", "segments"])
def test_segments_of_lyrics_transcriber(name: str) -> None:
    words = [
        {"id": "w1", "text": "So", "start_time": 1.0, "end_time": 1.2, "confidence": 0.9},
        {"id": "w2", "text": "far", "start_time": 1.2, "end_time": 2.0},
    ]
    segments = [{"text": "So far", "words": words, "start_time": 1.0, "end_time": 2.0}]
    expected = (Line((Word("So", 1.0, 1.2), Word("far", 1.2, 2.0))),)
    assert read({name: segments, "original_segments": [{"text": "no"}]}) == ("lyrics-transcriber", expected)


def test_answers_of_lrclib() -> None:
    plain = {"id": 1, "trackName": "T", "plainLyrics": "So far away\nHome again", "syncedLyrics": None}
    synced = {**plain, "id": 2, "syncedLyrics": "[00:01.00] So far away\n[00:03.00] Home again"}
    timed = (
        Line((Word("So", 1.0, None), Word("far", None, None), Word("away", None, None))),
        Line((Word("Home", 3.0, None), Word("again", None, None))),
    )
    assert read(synced) == ("lrclib", timed)
    assert read([plain, synced]) == ("lrclib", timed)
    assert read(plain) == ("lrclib", (untimed("So far away"), untimed("Home again")))
    with pytest.raises(NoLyricsError, match="no lyrics in it"):
        read({"instrumental": True, "plainLyrics": None, "syncedLyrics": None})
