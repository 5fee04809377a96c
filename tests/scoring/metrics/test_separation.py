"""Separation figures: known ratios, torchmetrics' own, and files of stems."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio, signal_distortion_ratio

from lyricsrec.audio.audio import Audio
from lyricsrec.base.errors import AudioError
from lyricsrec.scoring.metrics import separation
from lyricsrec.scoring.metrics.separation import pool_separation, separation_figures, stem_path
from lyricsrec.scoring.results import SeparationFigures
from lyricsrec.separation.base import Stems
from lyricsrec.separation.stems.files import StemWriter

RATE = 8000


def noise(seed: int, channels: int = 1, seconds: float = 2.0) -> np.ndarray:
    samples = np.random.default_rng(seed).standard_normal((channels, round(seconds * RATE)))
    return samples.astype(np.float32)


def audio(samples: np.ndarray, rate: int = RATE) -> Audio:
    return Audio(np.asarray(samples, np.float32), rate)


def tones(*parts: tuple[float, float], seconds: float = 2.0) -> np.ndarray:
    """Sines of whole numbers of periods, which are orthogonal: pairs of Hz and amplitude."""
    t = np.arange(round(seconds * RATE)) / RATE
    return sum(level * np.sin(2 * np.pi * hz * t) for hz, level in parts)[None]


@pytest.mark.parametrize("scale", [0.1, 1.0, -3.0])
@pytest.mark.parametrize(("level", "decibels"), [(0.1, 20.0), (1.0, 0.0), (2.0, -6.0206)])
def test_a_scaled_voice_with_noise_of_a_known_level(scale: float, level: float, decibels: float) -> None:
    figures = separation_figures(audio(tones((100, 1.0))), audio(scale * tones((100, 1.0), (300, level))))
    assert figures.si_sdr == pytest.approx(decibels, abs=1e-3)


def test_an_offset_is_no_noise_in_si_sdr() -> None:
    voice = tones((100, 1.0))
    figures = separation_figures(audio(voice + 0.5), audio(voice + tones((300, 0.1)) - 0.2))
    assert figures.si_sdr == pytest.approx(20.0, abs=1e-3)


def test_a_filter_is_forgiven_by_sdr_only() -> None:
    voice = noise(0)
    echo = np.convolve(voice[0], [0.5, 0.0, 0.4, 0.3, -0.2])[None, : voice.shape[1]]
    figures = separation_figures(audio(voice), audio(echo))
    assert figures.si_sdr is not None
    assert figures.sdr is not None
    assert figures.si_sdr < 0
    assert figures.sdr > 30


@pytest.mark.parametrize("channels", [1, 2])
def test_values_match_torchmetrics(channels: int) -> None:
    true, found, mix = noise(0, channels), noise(0, channels) + 0.4 * noise(1, channels), noise(2, channels)
    figures = separation_figures(audio(true), audio(found), audio(mix))
    reference, estimate, whole_mix = (torch.from_numpy(side).double() for side in (true, found, mix))
    assert figures == SeparationFigures(
        si_sdr=pytest.approx(
            float(scale_invariant_signal_distortion_ratio(estimate, reference, zero_mean=True).mean())
        ),
        sdr=pytest.approx(float(signal_distortion_ratio(estimate, reference).mean())),
        mix_si_sdr=pytest.approx(
            float(scale_invariant_signal_distortion_ratio(whole_mix, reference, zero_mean=True).mean())
        ),
        mix_sdr=pytest.approx(float(signal_distortion_ratio(whole_mix, reference).mean())),
    )


def test_without_a_mix_it_has_no_figures() -> None:
    figures = separation_figures(audio(noise(0)), audio(noise(1)))
    assert figures.si_sdr is not None
    assert (figures.mix_si_sdr, figures.mix_sdr) == (None, None)


def test_mono_beside_stereo_is_folded() -> None:
    true, found = noise(0, 2), noise(1)
    folded = separation_figures(audio(true.mean(axis=0, keepdims=True)), audio(found))
    assert separation_figures(audio(true), audio(found)) == folded
    back = separation_figures(audio(found), audio(true))
    assert back == separation_figures(audio(found), audio(true.mean(axis=0, keepdims=True)))


def test_other_rates_are_resampled() -> None:
    t = np.arange(3 * 44_100) / 44_100
    voice = np.sin(2 * np.pi * 300 * t) + np.sin(2 * np.pi * 500 * t)
    found = audio((voice + 0.1 * np.sin(2 * np.pi * 700 * t) + 0.1 * np.sin(2 * np.pi * 900 * t))[None], 44_100)
    true = audio(tones((300, 1.0), (500, 1.0), seconds=3.0))
    assert separation_figures(true, found).si_sdr == pytest.approx(20.0, abs=0.1)


def test_longer_audio_is_cut_and_much_longer_audio_is_an_error() -> None:
    true, found = noise(0, seconds=2.0), noise(1, seconds=2.9)
    same = separation_figures(audio(true), audio(found[:, : true.shape[1]]))
    assert separation_figures(audio(true), audio(found)) == same
    with pytest.raises(AudioError, match=r"^the mix last 3\.1 s, the true vocals 2\.0 s$"):
        separation_figures(audio(true), audio(found), audio(noise(2, seconds=3.1)))
    with pytest.raises(AudioError, match=r"^the separated vocals last 0\.5 s, the true vocals 2\.0 s$"):
        separation_figures(audio(true), audio(noise(2, seconds=0.5)))


@pytest.mark.parametrize(
    ("true", "found"),
    [
        (np.zeros((1, 2 * RATE)), noise(0)),
        (noise(0), np.zeros((1, 2 * RATE))),
        (noise(0, 2), np.concatenate([noise(1), np.zeros((1, 2 * RATE))])),
        (noise(0)[:, :100], noise(1)[:, :100]),
        (noise(0)[:, :0], noise(1)[:, :0]),
    ],
)
def test_silence_has_no_figures(true: np.ndarray, found: np.ndarray) -> None:
    assert separation_figures(audio(true), audio(found)) == SeparationFigures(None, None, None, mix_sdr=None)


def test_a_silent_channel_of_the_true_voice_does_not_count() -> None:
    true, found = noise(0, 2), noise(1, 2)
    true[1] = 0
    one = separation_figures(audio(true[:1]), audio(found[:1]))
    assert separation_figures(audio(true), audio(found)) == one


def test_a_perfect_voice_has_finite_figures() -> None:
    figures = separation_figures(audio(noise(0)), audio(noise(0)))
    assert figures.si_sdr is not None
    assert figures.sdr is not None
    assert min(figures.si_sdr, figures.sdr) > 100


def test_long_songs_are_measured_in_equal_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separation, "LONGEST_S", 2.5)
    monkeypatch.setattr(separation, "PART_S", 1.0)
    true, found = noise(0, seconds=3.0), noise(0, seconds=3.0) + 0.5 * noise(1, seconds=3.0)
    true[:, :RATE] = 0
    figures = separation_figures(audio(true), audio(found))
    parts = [separation_figures(audio(true[:, i : i + RATE]), audio(found[:, i : i + RATE])) for i in (RATE, 2 * RATE)]
    assert figures == pool_separation(parts)
    whole = separation_figures(audio(true[:, RATE:]), audio(found[:, RATE:]))
    assert whole.si_sdr == pytest.approx(figures.si_sdr, abs=0.1)
    assert whole != figures


def test_pooled_is_the_mean_of_the_songs_that_have_a_figure() -> None:
    songs = [
        SeparationFigures(10.0, 6.0, -2.0, mix_sdr=None),
        SeparationFigures(5.0, 7.0, None, mix_sdr=None),
        SeparationFigures(None, None, None, mix_sdr=None),
    ]
    assert pool_separation(songs) == SeparationFigures(7.5, 6.5, -2.0, mix_sdr=None)
    assert pool_separation([]) is None


def test_stems_are_estimatewhere_transcribe_puts_them(tmp_path: Path) -> None:
    part = audio(noise(0, 2) / 10)
    with StemWriter(tmp_path / "a [1].mix") as writer:
        writer.write(Stems(part, part))
        writer.finish()
    assert stem_path(tmp_path, "a [1].mix") == tmp_path / "a [1].mix.vocals.flac"
    assert stem_path(tmp_path, "a [1]") is None


def test_stems_of_other_names_and_endings(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "vocals.mp3").touch()
    assert stem_path(tmp_path, "b") == tmp_path / "b" / "vocals.mp3"
    (tmp_path / "b" / "vocals.wav").touch()
    assert stem_path(tmp_path, "b") == tmp_path / "b" / "vocals.wav"
    (tmp_path / "b.vocals.ogg").touch()
    assert stem_path(tmp_path, "b") == tmp_path / "b.vocals.ogg"
    assert stem_path(tmp_path, "c") is None
    assert stem_path(tmp_path / "none", "b") is None
