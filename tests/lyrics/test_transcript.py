"""Transcripts as JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lyricsrec.lyrics.music.harmony import Beats, Chord, Key
from lyricsrec.lyrics.transcript import Line, Placement, Provenance, Tags, Transcript, Word

SONG = Transcript(
    "Song",
    100.0,
    (Line((Word("So", 1.0, 1.25, confidence=0.9), Word("far", 1.5, 2.004, confidence=0.8))),),
    provenance=Provenance("0.0.0", "none", "test", decoder="greedy"),
)


def test_json_is_read_back() -> None:
    document = json.loads(SONG.to_json())
    assert document["schema"] == 1
    assert document["lines"][0]["words"][1] == {"text": "far", "start_s": 1.5, "end_s": 2.004, "confidence": 0.8}
    assert document["provenance"]["recognizer"] == "test"
    assert Transcript.from_json(SONG.to_json()) == SONG
    for bad in ("[]", '{"schema": 99}', '{"schema": 1}'):
        with pytest.raises(ValueError, match="lyricsrec transcript"):
            Transcript.from_json(bad)


def test_json_has_the_tags_of_the_file() -> None:
    assert [json.loads(SONG.to_json())[name] for name in ("title", "artist", "album")] == [None] * 3
    song = replace(SONG, tags=Tags("Far", "Ann", "Best"))
    document = json.loads(song.to_json())
    assert [document[name] for name in ("song", "title", "artist", "album")] == ["Song", "Far", "Ann", "Best"]
    assert Transcript.from_json(song.to_json()) == song
    for name in ("title", "artist", "album"):
        del document[name]
    assert Transcript.from_json(json.dumps(document)) == SONG
    with pytest.raises(ValueError, match=r"tags\.title must be a valid string"):
        Transcript.from_json(json.dumps({**document, "title": 7}))


def test_json_has_the_placement_of_lines() -> None:
    placement = Placement(0.1, "unplaced", "not recognised")
    song = replace(SONG, lines=(Line((Word("lost", None, None),), placement), *SONG.lines))
    lines = json.loads(song.to_json())["lines"]
    assert lines[0]["placement"] == {"score": 0.1, "band": "unplaced", "reason": "not recognised"}
    assert "placement" not in lines[1]
    assert Transcript.from_json(song.to_json()) == song


def test_json_has_the_singers_and_the_role_of_lines() -> None:
    words = SONG.lines[0].words
    song = replace(SONG, lines=(Line(words, singers=("Ann", "Bob")), Line(words, role="backing"), Line(words)))
    lines = json.loads(song.to_json())["lines"]
    assert [(line.get("singers"), line.get("role")) for line in lines] == [
        (["Ann", "Bob"], None),
        (None, "backing"),
        (None, None),
    ]
    assert Transcript.from_json(song.to_json()) == song
    for good, bad in [('["Ann", "Bob"]', '"Ann"'), ('["Ann", "Bob"]', "[1]"), ('"backing"', '"chorus"')]:
        with pytest.raises(ValueError, match=r"not a lyricsrec transcript: lines\.\d"):
            Transcript.from_json(song.to_json(indent=None).replace(good, bad))


def test_json_has_the_chords_and_the_capo() -> None:
    chords = (Chord(0.0, 2.5, "G:maj", confidence=0.9), Chord(2.5, 4.0, "N"))
    song = replace(SONG, chords=chords, capo=2)
    document = json.loads(song.to_json())
    assert document["chords"][0] == {"start_s": 0.0, "end_s": 2.5, "label": "G:maj", "confidence": 0.9}
    assert document["capo"] == 2
    assert Transcript.from_json(song.to_json()) == song


def test_json_has_the_key_and_the_beats_where_they_were_computed() -> None:
    assert not {"key", "beats"} & json.loads(SONG.to_json()).keys()
    song = replace(SONG, key=Key("Eb", "minor", tuning_cents=-3.0, confidence=0.2), beats=Beats(120.5, (0.5, 1.0)))
    document = json.loads(song.to_json())
    assert document["key"] == {"tonic": "Eb", "mode": "minor", "tuning_cents": -3.0, "confidence": 0.2}
    assert document["beats"] == {"bpm": 120.5, "times_s": [0.5, 1.0]}
    assert Transcript.from_json(song.to_json()) == song
    with pytest.raises(ValueError, match=r"key\.mode"):
        Transcript.from_json(json.dumps({**document, "key": {"tonic": "C", "mode": "dorian"}}))
