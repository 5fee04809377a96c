"""A melody that tests write into files."""

from __future__ import annotations

from lyricsrec.lyrics.music.notes import Melody, Note, PitchContour, hertz_of
from lyricsrec.lyrics.transcript import Line, Provenance, Tags, Transcript, Word


def note(text: str, start_s: float, end_s: float, pitch: int = 60, word: int | None = 0) -> Note:
    """A note at the frequency of its pitch."""
    return Note(text, start_s, end_s, pitch=pitch, hertz=hertz_of(pitch), word=word)


SONG = Transcript(
    "run",
    20.0,
    (Line((Word("away", 1.0, 3.0), Word("hömé", 3.0, 6.0))), Line((Word("hey!", 10.0, 10.5),))),
    provenance=Provenance("0", "none", "none", decoder="none", language="en"),
    tags=Tags("On the run", "Ann", None),
    melody=Melody(
        PitchContour(0.5, (0.0, 261.6, 277.2), (0.1, 0.9, 0.95)),
        (
            *(note("a", 1.0, 1.5), note("way", 1.5, 2.0, 61), note("~", 2.0, 3.0, 64)),
            note("hömé", 3.0, 6.0, 57, word=1),
        ),
    ),
)
"""Two words of three syllables, of which one goes on at another pitch, and a word without a pitch."""
