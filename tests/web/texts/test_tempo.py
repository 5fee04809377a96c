"""Lyrics at another tempo."""

from __future__ import annotations

from dataclasses import replace

from lyricsrec.lyrics.music.harmony import Beats, Chord
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.web.texts.tempo import at_tempo

SONG = Transcript(
    "song",
    10.0,
    (Line((Word("so", 1.0, 1.5, confidence=0.9), Word("far", None, None))),),
    provenance=Provenance("0", "none", "test", decoder="test", settings={"window_s": 30.0}),
)


def test_times_follow_the_tempo_and_all_else_stays() -> None:
    slow = at_tempo(SONG, 50)
    assert [(word.text, word.start_s, word.end_s) for word in slow.words] == [("so", 2.0, 3.0), ("far", None, None)]
    assert (slow.duration_s, slow.words[0].confidence, slow.provenance) == (20.0, 0.9, SONG.provenance)


def test_chords_and_beats_follow_too() -> None:
    fast = at_tempo(replace(SONG, beats=Beats(120.0, (0.5, 1.0)), chords=(Chord(2.0, 4.0, "G:maj"),)), 200)
    assert fast.beats == Beats(240.0, (0.25, 0.5))
    assert fast.chords == (Chord(1.0, 2.0, "G:maj"),)
