"""Standard MIDI files of a melody, with its syllables as lyric events. https://midi.org/specs (RP-001, RP-017)"""

from __future__ import annotations

import io

from lyricsrec.base.errors import ModelError
from lyricsrec.formats.melody.sung import Sung, sung_lines
from lyricsrec.lyrics.music.notes import Note
from lyricsrec.lyrics.transcript import Transcript

_TICKS = 480
_BPM = 120.0
_VELOCITY = 80
_LINE_END = "\r"
_SLOWEST_BPM = 4.0


def write_midi(transcript: Transcript, bpm: float | None = None) -> bytes:
    """A MIDI file with the notes of a melody; `bpm` is that of the song's beats by default, else 120.

    Lyric events are in UTF-8: a space after a syllable ends its word, a carriage return its line; held notes have none.
    Words without a pitch are left out. Raises ModelError where mido is not installed.
    """
    try:
        import mido
    except ImportError:
        raise ModelError(
            "MIDI files need the package mido", "Install it with `pip install 'lyricsrec[melody]'`."
        ) from None
    tempo = max(bpm or (transcript.beats.bpm if transcript.beats is not None else _BPM), _SLOWEST_BPM)
    file = mido.MidiFile(ticks_per_beat=_TICKS, charset="utf-8")
    track = mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.MetaMessage("track_name", name=transcript.tags.title or transcript.song, time=0))
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo), time=0))
    events = [event for line in sung_lines(transcript) for event in _events(line, tempo)]
    before = 0
    for tick, _, kind, value in sorted(events, key=lambda event: event[:2]):
        if kind == "lyrics":
            track.append(mido.MetaMessage("lyrics", text=value, time=tick - before))
        else:
            velocity = _VELOCITY if kind == "note_on" else 0
            track.append(mido.Message(kind, note=int(value), velocity=velocity, time=tick - before))
        before = tick
    track.append(mido.MetaMessage("end_of_track", time=0))
    data = io.BytesIO()
    file.save(file=data)
    return data.getvalue()


def _events(line: Sung, bpm: float) -> list[tuple[int, int, str, str]]:
    """Events of a line: tick, order among those at one tick, kind, and text or MIDI number."""
    notes = [note for note in line.notes if note.hertz > 0]
    events = []
    for number, note in enumerate(notes):
        start = round(note.start_s * bpm / 60 * _TICKS)
        end = max(round(note.end_s * bpm / 60 * _TICKS), start + 1)
        pitch = str(min(max(note.pitch, 0), 127))
        if note.text.strip() and not note.is_held:
            events.append((start, 1, "lyrics", " ".join(note.text.split()) + _after(notes, number)))
        events += [(start, 2, "note_on", pitch), (end, 0, "note_off", pitch)]
    return events


def _after(notes: list[Note], number: int) -> str:
    """What follows a syllable: the end of the line, of the word, or nothing."""
    following = next((note for note in notes[number + 1 :] if not note.is_held), None)
    if following is None:
        return _LINE_END
    return " " if following.word != notes[number].word else ""
