"""Songs to sing along: lines with times, and what a video shows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from lyricsrec.audio.media import open_path
from lyricsrec.lyrics.transcript import Line, Provenance, Role, Tags, Transcript, Word

MADE = Provenance("0", "none", "none", decoder="none")


def line(text: str, start_s: float, end_s: float, singers: Sequence[str] = (), role: Role | None = None) -> Line:
    """A line whose words share its time evenly, without pauses."""
    texts = text.split()
    step_s = (end_s - start_s) / len(texts)
    words = (Word(word, start_s + i * step_s, start_s + (i + 1) * step_s) for i, word in enumerate(texts))
    return Line(tuple(words), singers=tuple(singers), role=role)


def transcript(*lines: Line, duration_s: float = 3.0, tags: Tags | None = None) -> Transcript:
    """A transcript of lines."""
    return Transcript("song", duration_s, lines, provenance=MADE, tags=tags or Tags("Title", "Artist"))


def decoded_frames(path: Path) -> list[tuple[float, np.ndarray]]:
    """The time and the picture (height, width, 3) of every frame of a video."""
    import av

    with av.open(str(path)) as container:
        return [(float(frame.time), frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def columns_of_words(frame: np.ndarray, gap: int) -> list[tuple[int, int]]:
    """First and last columns of the words in a picture of one bright row of text, `gap` pixels apart at least."""
    bright = np.flatnonzero((frame.max(axis=-1) > 120).any(axis=0))
    breaks = np.flatnonzero(np.diff(bright) > gap)
    return list(zip(bright[[0, *(breaks + 1)]], bright[[*breaks, -1]], strict=True))


def red_share(frame: np.ndarray) -> float:
    """Of the bright pixels of a picture, the share that is red rather than white."""
    part = frame.astype(int)
    bright = part[..., 0] > 140
    return float((part[..., 0] - part[..., 2] > 100)[bright].mean()) if bright.any() else 0.0


def make_noise(path: Path) -> Path:
    """A song of 3 s whose sound is like itself at no other time."""
    white = np.random.default_rng(0).normal(0, 0.3, (3 * 44_100, 2))
    # Encoders leave out much of what is high.
    samples = np.apply_along_axis(np.convolve, 0, white, np.ones(12) / 12, "same").clip(-1, 1)
    soundfile.write(path, samples, 44_100)
    return path


def sound_lag_s(made: Path, song: Path) -> float:
    """How much later the sound of a file is than that of the song that it was made of, in seconds."""
    wanted = soundfile.read(song)[0][:, 0]
    with open_path(made) as opened:
        found = opened.excerpt(0.0, 3.0).samples[0]
    size = 1 << 18
    product = np.fft.rfft(found, size) * np.conj(np.fft.rfft(wanted, size))
    correlation = np.fft.irfft(product)
    peak = int(np.argmax(correlation))
    assert correlation[peak] > 0.8 * np.linalg.norm(found) * np.linalg.norm(wanted)
    return (peak - size if peak > size // 2 else peak) / 44_100
