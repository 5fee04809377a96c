"""Notes of words: where they begin and end, their pitch, and what happens to words without one."""

from __future__ import annotations

import numpy as np
import pytest

from lyricsrec.lyrics.music.notes import Note, hertz_of, midi_of
from lyricsrec.lyrics.transcript import Word
from lyricsrec.music.melody.notes import Voice, notes_of
from lyricsrec.music.melody.settings import MelodyConfig

HOP_S = 0.01


def voice(*pitches: tuple[float | None, float]) -> Voice:
    """A voice that holds pitches (MIDI, None: silence) for some seconds each."""
    midi = np.concatenate([np.full(round(s / HOP_S), np.nan if pitch is None else pitch) for pitch, s in pitches])
    hertz = np.where(np.isnan(midi), 100.0, 440 * 2 ** ((midi - 69) / 12))
    return Voice(hertz, np.where(np.isnan(midi), 0.0, 0.9), np.zeros(len(midi)), hop_s=HOP_S)


def notes(sung: Voice, *words: Word) -> list[tuple[str, float, float, int]]:
    found = notes_of(sung, words, MelodyConfig()).notes
    return [(note.text, note.start_s, note.end_s, note.pitch) for note in found]


def test_midi_numbers_and_frequencies() -> None:
    assert midi_of(440.0) == 69
    assert hertz_of(60) == pytest.approx(261.6256, abs=1e-4)


def test_each_syllable_is_a_note_and_a_held_one_goes_on() -> None:
    sung = voice((60, 0.3), (62, 0.3), (64, 0.4), (None, 0.2), (59, 0.5), (60, 0.5))
    assert notes(sung, Word("away", 0.0, 1.0), Word("home", 1.2, 2.2)) == [
        ("a", 0.0, 0.3, 60),
        ("way", 0.3, 0.6, 62),
        ("~", 0.6, 1.0, 64),
        ("home", 1.2, 1.7, 59),
        ("~", 1.7, 2.2, 60),
    ]


def test_a_note_begins_with_its_word_unless_the_voice_is_late_and_ends_with_the_voice() -> None:
    sung = voice((None, 0.1), (60, 0.4), (None, 1.0), (60, 0.5))
    assert notes(sung, Word("see", 0.0, 1.0), Word("you", 1.0, 2.0)) == [("see", 0.0, 0.5, 60), ("you", 1.5, 2.0, 60)]


def test_a_syllable_without_pitch_keeps_its_share_of_the_word() -> None:
    sung = voice((60, 0.3), (None, 0.3), (62, 0.4))
    (_, _, end_s, _), (text, start_s, last_s, _) = notes(sung, Word("coding", 0.0, 0.6))
    assert (end_s, text, start_s, last_s) == (0.3, "ing", 0.35, 0.6)


def test_a_note_ends_where_its_pitch_becomes_unsure() -> None:
    sung = voice((60, 1.0))
    fading = Voice(sung.hertz, np.linspace(1.0, 0.5, len(sung.hertz)), sung.onset, hop_s=HOP_S)
    assert notes(fading, Word("home", 0.0, 1.0)) == [("home", 0.0, 0.54, 60)]


def test_a_word_without_pitch_has_that_of_its_neighbour_and_no_frequency() -> None:
    sung = voice((None, 0.5), (64, 0.5))
    found = notes_of(sung, [Word("psst", 0.0, 0.4), Word("you", 0.5, 1.0)], MelodyConfig()).notes
    assert found[0] == Note("psst", 0.0, 0.4, pitch=64, hertz=0.0, word=0)
    assert (found[1].pitch, found[1].word) == (64, 1)


def test_words_without_times_have_no_notes_and_overlapping_ones_share_none() -> None:
    sung = voice((60, 1.0))
    assert notes(sung, Word("lost", None, None), Word("so", 0.0, 0.6), Word("far", 0.4, 1.0)) == [
        ("so", 0.0, 0.6, 60),
        ("far", 0.6, 1.0, 60),
    ]


def test_words_none_of_which_has_a_time_have_no_notes() -> None:
    assert notes(voice((60, 1.0)), Word("so", None, None)) == []


def test_without_words_all_that_is_sung_is_notes() -> None:
    sung = voice((60, 0.5), (64, 0.5), (None, 0.5), (60, 0.5))
    assert notes(sung) == [("", 0.0, 0.5, 60), ("", 0.5, 1.0, 64), ("", 1.5, 2.0, 60)]


def test_the_tuning_of_the_song_is_found_once() -> None:
    found = notes_of(voice((60.4, 0.5), (62.4, 0.5)), [Word("away", 0.0, 1.0)], MelodyConfig())
    assert found.tuning == pytest.approx(0.4, abs=1e-6)
    assert [note.pitch for note in found.notes] == [60, 62]
    assert found.notes[0].hertz == round(hertz_of(60.4), 2)


def test_a_pitch_far_from_the_others_is_in_the_wrong_octave() -> None:
    sung = voice((60, 1.0), (79, 0.4), (62, 1.0))
    assert [note[3] for note in notes(sung, Word("oh", 0.0, 1.0), Word("oh", 1.0, 1.4), Word("oh", 1.4, 2.4))] == [
        60,
        67,
        62,
    ]
