"""Separating block by block."""

from __future__ import annotations

import numpy as np
import pytest

from lyricsrec.audio.audio import Audio
from lyricsrec.base.progress import Report, ignore
from lyricsrec.separation.base import Stems, stems_of
from lyricsrec.separation.stems.seamless import Seamless

RATE = 100


class Smoothing:
    """Its vocals depend on the three seconds around every sample, like those of a network."""

    name = "smoothing"

    def __init__(self) -> None:
        self.lengths_s: list[float] = []

    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        self.lengths_s.append(mix.duration_s)
        report(mix.end_s)
        vocals = [np.convolve(channel, np.hanning(6 * RATE) / 100, "full")[3 * RATE :] for channel in mix.samples]
        return stems_of(np.asarray(vocals, np.float32)[:, : mix.num_samples], mix)


class Constant:
    """Its vocals are a constant that grows with every call."""

    name = "constant"

    def __init__(self) -> None:
        self.calls = 0

    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        self.calls += 1
        return stems_of(np.full_like(mix.samples, self.calls), mix)


def joined(separator: object, mix: np.ndarray, blocks_s: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Vocals and instrumental of a mix that comes in blocks; the last one is the rest."""
    seamless = Seamless(separator)  # type: ignore[arg-type]
    borders = np.cumsum([0, *(round(length * RATE) for length in blocks_s)])
    stems: list[Stems] = []
    for first, last in zip(borders, [*borders[1:], mix.shape[1]], strict=True):
        if last > first:
            stems += seamless.push(Audio(mix[:, first:last], RATE, first / RATE))
    stems += seamless.rest()
    position = 0
    for part in stems:
        assert round(part.vocals.start_s * RATE) == round(part.instrumental.start_s * RATE) == position
        position += part.vocals.num_samples
    return tuple(
        np.concatenate([getattr(part, name).samples for part in stems], axis=1) for name in ("vocals", "instrumental")
    )


@pytest.mark.parametrize(
    "blocks_s", [[], [60.0], [40.0, 40.0], [2.0] * 20, [1.0, 90.0, 0.5], [15.0, 14.0, 14.0, 14.0], [99.99]]
)
def test_blocks_change_nothing(blocks_s: list[float]) -> None:
    mix = np.random.default_rng(0).standard_normal((2, 100 * RATE)).astype(np.float32)
    whole = Smoothing().separate(Audio(mix, RATE))
    vocals, instrumental = joined(Smoothing(), mix, blocks_s)
    assert vocals == pytest.approx(whole.vocals.samples, abs=1e-4)
    assert vocals + instrumental == pytest.approx(mix, abs=1e-4)


def test_results_that_differ_are_cross_faded() -> None:
    mix = np.zeros((2, 100 * RATE), np.float32)
    vocals, instrumental = joined(Constant(), mix, [50.0])
    assert sorted({round(float(value)) for value in vocals[0]}) == [1, 2]
    assert np.abs(np.diff(vocals)).max() < 0.02
    assert not (vocals + instrumental).any()


def test_what_a_separator_gets_is_bounded() -> None:
    separator = Smoothing()
    joined(separator, np.zeros((2, 1000 * RATE), np.float32), [30.0] * 33)
    assert max(separator.lengths_s) < 30 + 14
    assert sum(separator.lengths_s) < 1000 * 1.5


@pytest.mark.parametrize("seconds", [0.01, 2.0, 13.9, 14.1])
def test_short_songs(seconds: float) -> None:
    mix = np.random.default_rng(0).standard_normal((2, round(seconds * RATE))).astype(np.float32)
    vocals, instrumental = joined(Smoothing(), mix, [])
    assert vocals.shape == mix.shape
    assert vocals + instrumental == pytest.approx(mix, abs=1e-5)


def test_without_blocks_there_is_nothing() -> None:
    assert not list(Seamless(Constant()).rest())
