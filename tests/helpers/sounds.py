"""Sounds that tests make."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile


def chord(seconds: float, rate: int = 44_100, channels: int = 2) -> np.ndarray:
    """Three sines with a slow swell, (samples, channels)."""
    t = np.arange(round(seconds * rate)) / rate
    wave = sum(np.sin(2 * np.pi * f * t) for f in (220.0, 277.2, 329.6)) * (0.1 + 0.05 * np.sin(2 * np.pi * 0.5 * t))
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def write_song(path: Path, samples: np.ndarray, rate: int = 44_100, subtype: str | None = None) -> Path:
    """Write samples (n, channels) as the file's suffix says."""
    soundfile.write(path, samples, rate, subtype=subtype)
    return path
