"""Altering training chunks: sound before the recogniser, and stretches of its features that are hidden from it.

torchaudio resamples, ffmpeg stretches. Everything random is drawn from the generator that is handed in.
"""

from __future__ import annotations

import contextlib
import math
from pathlib import Path

import torch
import torchaudio.functional
from torch import Generator, Tensor

from lyricsrec.audio.media import SAMPLE_RATE, SUFFIXES, open_path
from lyricsrec.base.errors import AudioError, DataError
from lyricsrec.base.output import display_name
from lyricsrec.training.settings import AugmentConfig

_MOST_HIDDEN = 0.5


class Augmentation:
    """Alters chunks as its config says.

    Raises DataError when the folder for backing holds no sound files.
    """

    def __init__(self, config: AugmentConfig) -> None:
        self._config = config
        self._backing = _sound_files(config.backing) if config.backing and config.backing_chance > 0 else []

    def __call__(
        self, audio: Tensor, sample_rate: int, generator: Generator, min_samples: int = 0, max_samples: int = 0
    ) -> Tensor:
        """The chunk (channels, samples) altered.

        Its length changes with its speed, but not below `min_samples`, nor above `max_samples` (0: any).
        """
        config = self._config
        if _happens(config.speed_chance, generator):
            steps = math.floor(100 * config.speed + 1e-6)
            percent = 100 + int(torch.randint(-steps, steps + 1, (), generator=generator))
            slowest = min(-(-100 * audio.shape[1] // max_samples), 100) if max_samples else 1
            audio = _faster(audio, min(max(percent, slowest), 100 * audio.shape[1] // max(min_samples, 1)))
        if _happens(config.pitch_chance, generator):
            audio = _higher(audio, sample_rate, _between(-config.pitch, config.pitch, generator))
        if _happens(config.backing_chance, generator) and self._backing:
            audio = self._mixed(audio, sample_rate, generator)
        if _happens(config.noise_chance, generator):
            noise = torch.randn(audio.shape, generator=generator)
            audio = at_ratio(audio, noise, _between(*config.noise_db, generator))
        if _happens(config.gain_chance, generator):
            audio = audio * 10 ** (_between(-config.gain_db, config.gain_db, generator) / 20)
        return audio

    def _mixed(self, audio: Tensor, sample_rate: int, generator: Generator) -> Tensor:
        """With sound of a backing file added, repeated where it is too short; unaltered when it cannot be read."""
        path = self._backing[int(torch.randint(len(self._backing), (), generator=generator))]
        place, ratio_db = _between(0, 1, generator), _between(*self._config.backing_db, generator)
        try:
            found = _read_stretch(path, place, audio.shape[1] / sample_rate)
        except AudioError:
            return audio
        if not found.shape[1]:
            return audio
        if audio.shape[0] == 1:
            found = found.mean(dim=0, keepdim=True)
        sound = torchaudio.functional.resample(found, SAMPLE_RATE, sample_rate)
        times = math.ceil(audio.shape[1] / sound.shape[1])
        return at_ratio(audio, sound.repeat(1, times)[:, : audio.shape[1]], ratio_db)


def at_ratio(audio: Tensor, other: Tensor, ratio_db: float) -> Tensor:
    """Audio with another sound of its shape added, whose power lies `ratio_db` below; unaltered if either is silent."""
    power, other_power = audio.square().mean(), other.square().mean()
    if not power > 0 or not other_power > 0:
        return audio
    return audio + other * torch.sqrt(power / other_power * 10 ** (-ratio_db / 10))


def _faster(audio: Tensor, percent: int) -> Tensor:
    # Resampling is fast only between rates with a small ratio: hence the whole percents.
    return torchaudio.functional.resample(audio, percent, 100) if percent != 100 else audio


def _higher(audio: Tensor, sample_rate: int, semitones: float) -> Tensor:
    """The same length at another pitch: stretched, then played faster.

    torchaudio's phase vocoder takes up to ten times as long, and cancels steady tones in part.
    """
    percent = round(100 * 2 ** (semitones / 12))
    if percent == 100:
        return audio
    played = _faster(_stretched(audio, sample_rate, percent), percent)[:, : audio.shape[1]]
    return torch.nn.functional.pad(played, (0, audio.shape[1] - played.shape[1]))


def _stretched(audio: Tensor, sample_rate: int, percent: int) -> Tensor:
    """Audio over that share of its time at the same pitch, to within a few ms, by ffmpeg's `atempo` (WSOLA)."""
    import av

    layout = "mono" if audio.shape[0] == 1 else "stereo"
    graph = av.filter.Graph()
    source = f"sample_rate={sample_rate}:sample_fmt=fltp:channel_layout={layout}:time_base=1/{sample_rate}"
    steps = [
        ("abuffer", source),
        ("atempo", f"{100 / percent}"),
        ("aformat", "sample_fmts=fltp"),
        ("abuffersink", None),
    ]
    graph.link_nodes(*(graph.add(name, settings) for name, settings in steps)).configure()
    frame = av.AudioFrame.from_ndarray(audio.contiguous().numpy(), format="fltp", layout=layout)
    frame.sample_rate, frame.pts = sample_rate, 0
    graph.push(frame)
    graph.push(None)
    parts = []
    with contextlib.suppress(av.error.EOFError):
        while True:
            parts.append(torch.from_numpy(graph.pull().to_ndarray()))
    return torch.cat(parts, dim=1)


def _read_stretch(path: Path, place: float, length_s: float) -> Tensor:
    """Stereo at `SAMPLE_RATE` from a place between the first (0) and the last (1) that such a length fits at."""
    with open_path(path) as song:
        start_s = place * max((song.duration_s or 0.0) - length_s, 0.0)
        return torch.from_numpy(song.excerpt(start_s, start_s + length_s).samples)


def _happens(chance: float, generator: Generator) -> bool:
    return _between(0, 1, generator) < chance


def _between(low: float, high: float, generator: Generator) -> float:
    return low + (high - low) * float(torch.rand((), generator=generator, dtype=torch.float64))


def _sound_files(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        raise DataError(
            f"{display_name(folder)}: no sound files for augmentation there",
            "Leave `augment.backing` out to train without.",
        )
    return found
