"""The level of a voice in a mix, against results by hand."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from helpers.files import EXAMPLES

from lyricsrec.audio.audio import Audio
from lyricsrec.base.device import Compute
from lyricsrec.recognition.base import Piece
from lyricsrec.recognition.witnesses import BuiltInWitnesses, relative_db

RATE = 16_000


def test_the_level_is_measured_over_the_words_only() -> None:
    mix = np.ones(4 * RATE, np.float32)
    vocals = np.concatenate([np.full(2 * RATE, 0.1), np.zeros(2 * RATE)]).astype(np.float32)
    assert relative_db(vocals, mix, [(0.5, 1.5)], rate=RATE) == pytest.approx(-20.0, abs=0.01)
    assert relative_db(vocals, mix, [(2.5, 3.5)], rate=RATE) == -120.0
    assert relative_db(vocals, mix, [(0.5, 1.5), (2.5, 3.5)], rate=RATE) == pytest.approx(-23.0, abs=0.05)
    assert relative_db(vocals, np.zeros_like(mix), [(0.0, 1.0)], rate=RATE) == -120.0


def test_a_real_voice_is_found_and_noise_is_none() -> None:
    samples = soundfile.read(EXAMPLES / "on_the_run_verse.flac", dtype="float32")[0].mean(axis=1)
    positions = np.arange(0, 6 * 44_100, 44_100 / RATE)
    song = Audio(np.interp(positions, np.arange(len(samples)), samples)[None].astype(np.float32), RATE)
    noise = Audio(np.random.default_rng(0).normal(0, 0.1, (1, 3 * RATE)).astype(np.float32), RATE)
    witnesses = BuiltInWitnesses(Compute("cpu"))
    assert witnesses.voice_db(Piece(song, song), [(1.0, 5.0)]) > -6
    assert witnesses.voice_db(Piece(noise, noise), [(0.0, 3.0)]) < -15
