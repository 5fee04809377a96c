"""Which stems are worth keeping."""

from __future__ import annotations

import numpy as np
import pytest

from lyricsrec.audio.audio import Audio
from lyricsrec.separation.base import Stems
from lyricsrec.separation.stems.levels import Levels

RATE = 1000
BOTH = {"vocals", "instrumental"}


def noise(seed: int, levels_db: list[float | None]) -> np.ndarray:
    """Noise (2, samples) with a level for each second, relative to -20 dBFS; None is silence."""
    samples = np.random.default_rng(seed).standard_normal((2, len(levels_db), RATE)) / 10
    gains = [0.0 if level is None else 10 ** (level / 20) for level in levels_db]
    return (samples * np.array(gains)[None, :, None]).reshape(2, -1).astype(np.float32)


def missing(vocals: np.ndarray, instrumental: np.ndarray, block: int = 10**9) -> dict[str, str]:
    levels = Levels()
    for first in range(0, vocals.shape[1], block):
        parts = [Audio(stem[:, first : first + block], RATE, first / RATE) for stem in (vocals, instrumental)]
        levels.add(Stems(*parts))
    return levels.missing()


@pytest.mark.parametrize(
    ("vocals", "instrumental", "expected"),
    [
        ([0.0] * 30, [0.0] * 30, {}),
        # Ten seconds of voice in three minutes are enough, nine are not.
        ([0.0] * 10 + [None] * 170, [0.0] * 180, {}),
        ([0.0] * 9 + [None] * 171, [0.0] * 180, dict.fromkeys(BOTH, "no voice was found")),
        ([-7.0] * 30, [0.0] * 30, {}),
        ([-10.0] * 30, [0.0] * 30, dict.fromkeys(BOTH, "no voice was found")),
        ([0.0] * 30, [-11.0] * 30, {}),
        ([0.0] * 30, [-13.5] * 30, {"instrumental": "nothing but the voice was found"}),
        ([0.0] * 30, [None] * 30, {"instrumental": "nothing but the voice was found"}),
        ([None] * 30, [None] * 30, dict.fromkeys(BOTH, "the song is silent")),
        ([-43.0] * 30, [-50.0] * 30, dict.fromkeys(BOTH, "the song is silent")),
        ([-37.0] * 30, [-37.0] * 30, {}),
        # A short song counts by its loudest tenth, at least a second.
        ([0.0, None, None], [0.0] * 3, {}),
    ],
)
def test_a_stem_needs_enough_loud_seconds(
    vocals: list[float | None], instrumental: list[float | None], expected: dict[str, str]
) -> None:
    stems = noise(0, vocals), noise(1, instrumental)
    assert missing(*stems) == expected
    assert missing(*stems, block=2345) == expected


@pytest.mark.parametrize("num_samples", [1, 10, 999, 1001])
def test_songs_around_a_second(num_samples: int) -> None:
    vocals, instrumental = (noise(seed, [0.0, 0.0])[:, :num_samples] for seed in range(2))
    assert missing(vocals, instrumental) == {}
    assert missing(vocals, 0 * instrumental) == {"instrumental": "nothing but the voice was found"}
    assert missing(0 * vocals, instrumental) == dict.fromkeys(BOTH, "no voice was found")


def test_nothing_at_all_is_silent() -> None:
    assert Levels().missing() == dict.fromkeys(BOTH, "the song is silent")
