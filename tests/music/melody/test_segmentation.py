"""Frames in notes: steps of pitch, onsets, and as many syllables as a word has."""

from __future__ import annotations

import numpy as np

from lyricsrec.music.melody.segmentation import Frames, segment
from lyricsrec.music.melody.settings import MelodyConfig

CONFIG = MelodyConfig()


def frames(*pitches: tuple[float, int], onsets: tuple[int, ...] = ()) -> Frames:
    """Held pitches, each for a number of frames."""
    midi = np.concatenate([np.full(count, pitch) for pitch, count in pitches])
    onset = np.zeros(len(midi))
    onset[list(onsets)] = 1.0
    return Frames(midi, np.ones(len(midi)), onset, hop_s=0.016)


def found(sung: Frames, lengths: tuple[float, ...] = (1.0,), tuning: float = 0.0) -> list[tuple[int, int, int, bool]]:
    return [(each.first, each.last, each.pitch, each.begins) for each in segment(sung, lengths, CONFIG, tuning)]


def test_a_held_pitch_is_one_note_and_vibrato_stays_in_it() -> None:
    assert found(frames((60.2, 40))) == [(0, 40, 60, True)]
    vibrato = 60 + 0.5 * np.sin(np.arange(60))
    assert found(Frames(vibrato, np.ones(60), np.zeros(60), hop_s=0.016)) == [(0, 60, 60, True)]


def test_a_step_within_a_syllable_continues_it() -> None:
    assert found(frames((60, 20), (62, 20))) == [(0, 20, 60, True), (20, 40, 62, False)]


def test_a_slip_of_few_frames_is_no_note() -> None:
    assert found(frames((60, 20), (72, 3), (60, 20))) == [(0, 43, 60, True)]


def test_syllables_of_one_pitch_part_at_the_onset() -> None:
    assert found(frames((60, 40), onsets=(17,)), (1.0, 1.0)) == [(0, 17, 60, True), (17, 40, 60, True)]


def test_syllables_part_at_a_step() -> None:
    assert found(frames((60, 12), (64, 28)), (1.0, 1.0)) == [(0, 12, 60, True), (12, 40, 64, True)]


def test_without_onset_or_step_syllables_part_by_their_lengths() -> None:
    assert found(frames((60, 40)), (1.0, 3.0)) == [(0, 10, 60, True), (10, 40, 60, True)]


def test_there_are_no_more_syllables_than_frames() -> None:
    assert found(frames((60, 2)), (1.0, 1.0, 1.0)) == [(0, 1, 60, True), (1, 2, 60, True)]
    assert segment(frames((60, 1)).part(0, 0), (), CONFIG) == []


def test_pitches_are_of_the_tuning_of_the_song() -> None:
    assert found(frames((60.6, 20)), tuning=-0.4) == [(0, 20, 61, True)]
    assert found(frames((60.6, 20)), tuning=0.4) == [(0, 20, 60, True)]


def test_unvoiced_frames_cost_nothing() -> None:
    sung = frames((60, 10), (90, 10), (60, 10))
    weight = np.where(sung.midi == 90, 0.0, 1.0)
    assert found(Frames(sung.midi, weight, sung.onset, hop_s=0.016)) == [(0, 30, 60, True)]
