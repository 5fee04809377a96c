"""Where chords stand in the lyrics."""

from __future__ import annotations

from lyricsrec.formats.markup.placed_chords import Mark, sheet_of
from lyricsrec.lyrics.music.harmony import Chord
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word


def test_chords_in_pauses() -> None:
    line = Line((Word("so", 1.0, 2.0),))
    later = Line((Word("far", 4.0, 5.0),))
    chords = (Chord(2.5, 3.0, "C:maj"), Chord(3.0, 3.6, "C:maj"), Chord(3.6, 9.0, "G:maj"), Chord(9.0, 9.5, "A:min"))
    sheet = sheet_of(
        Transcript(
            "Song", 10.0, (line, later), provenance=Provenance("0", "none", "test", decoder="none"), chords=chords
        )
    )
    assert sheet.over == {0: [Mark(1, 0, "C")], 1: [Mark(0, 0, "G")]}
    assert sheet.between(2) == "[Am]"
