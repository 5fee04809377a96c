"""The level of a voice in a mix, and the letters of a text in an emission, against results by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import soundfile
from helpers.files import EXAMPLES

from lyricsrec.audio.audio import Audio
from lyricsrec.base.device import Compute
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.recognition.base import Piece
from lyricsrec.recognition.witnesses import BuiltInWitnesses, letters_evidence, relative_db

RATE = 16_000
VOCABULARY = Vocabulary(("-", "|", "A", "B"), blank=0, space=1)


def emission(*probabilities: list[float]) -> Emission:
    return Emission(np.log(np.array(probabilities, np.float32)), 0.02, 0.0, vocabulary=VOCABULARY)


def test_the_level_is_measured_over_the_words_only() -> None:
    mix = np.ones(4 * RATE, np.float32)
    vocals = np.concatenate([np.full(2 * RATE, 0.1), np.zeros(2 * RATE)]).astype(np.float32)
    assert relative_db(vocals, mix, [(0.5, 1.5)], rate=RATE) == pytest.approx(-20.0, abs=0.01)
    assert relative_db(vocals, mix, [(2.5, 3.5)], rate=RATE) == -120.0
    assert relative_db(vocals, mix, [(0.5, 1.5), (2.5, 3.5)], rate=RATE) == pytest.approx(-23.0, abs=0.05)
    assert relative_db(vocals, np.zeros_like(mix), [(0.0, 1.0)], rate=RATE) == -120.0


def test_letters_are_compared_with_silence() -> None:
    two = emission([0.2, 0.1, 0.6, 0.1], [0.5, 0.1, 0.2, 0.2])
    # Paths of "a": a-, -a, aa; silence: --.
    found = 0.6 * 0.5 + 0.2 * 0.2 + 0.6 * 0.2
    assert letters_evidence(two, "\u00c1!") == pytest.approx(math.log(found / (0.2 * 0.5)), abs=1e-5)
    assert letters_evidence(two, "ab") == pytest.approx(math.log(0.6 * 0.2 / (0.2 * 0.5)) / 2, abs=1e-5)
    three = emission([0.1, 0.1, 0.7, 0.1], [0.2, 0.6, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7])
    assert letters_evidence(three, "A zzz b") == pytest.approx(math.log(0.7 * 0.6 * 0.7 / 0.002) / 2, abs=1e-5)
    assert letters_evidence(two, "a b") == letters_evidence(two, "\u4e16") == -math.inf


def test_a_real_voice_is_found_and_noise_is_none() -> None:
    samples = soundfile.read(EXAMPLES / "on_the_run_verse.flac", dtype="float32")[0].mean(axis=1)
    positions = np.arange(0, 6 * 44_100, 44_100 / RATE)
    song = Audio(np.interp(positions, np.arange(len(samples)), samples)[None].astype(np.float32), RATE)
    noise = Audio(np.random.default_rng(0).normal(0, 0.1, (1, 3 * RATE)).astype(np.float32), RATE)
    witnesses = BuiltInWitnesses(Compute("cpu"))
    assert witnesses.voice_db(Piece(song, song), [(1.0, 5.0)]) > -6
    assert witnesses.voice_db(Piece(noise, noise), [(0.0, 3.0)]) < -15
    texts = ("so far away from home", "nothing like it is sung")
    sung, other = (witnesses.letters(Piece(song, song), words, "en") for words in texts)
    assert sung is not None
    assert other is not None
    assert sung > other + 1
    assert witnesses.letters(Piece(song, song), "so far away from home", "de") is None
