"""MIDI files of a melody, read back."""

from __future__ import annotations

import io

import mido
from helpers.melodies import SONG

from lyricsrec.formats.melody.midi import write_midi


def events(data: bytes) -> list[tuple[int, str, object]]:
    """Ticks, kinds and values of lyrics and notes."""
    (track,) = mido.MidiFile(file=io.BytesIO(data), charset="utf-8").tracks
    tick, found = 0, []
    for message in track:
        tick += message.time
        if message.type == "lyrics":
            found.append((tick, "lyrics", message.text))
        elif message.type in ("note_on", "note_off"):
            found.append((tick, message.type, message.note))
    return found


def test_notes_and_syllables_at_the_tempo_of_the_song() -> None:
    assert events(write_midi(SONG, 60)) == [
        *((480, "lyrics", "a"), (480, "note_on", 60), (720, "note_off", 60)),
        *((720, "lyrics", "way "), (720, "note_on", 61), (960, "note_off", 61)),
        *((960, "note_on", 64), (1440, "note_off", 64)),
        *((1440, "lyrics", "hömé\r"), (1440, "note_on", 57), (2880, "note_off", 57)),
    ]
    assert events(write_midi(SONG))[-1] == (5760, "note_off", 57)
