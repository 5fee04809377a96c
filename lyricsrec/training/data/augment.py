"""Augmentation of training chunks: speed, pitch, accompaniment, rooms, noise and gain.

`resample` resamples, ffmpeg stretches. All random numbers come from the generator that is passed in.
"""

from __future__ import annotations

import contextlib
import math
from pathlib import Path

import torch
from torch import Generator, Tensor

from lyricsrec.audio.media import SAMPLE_RATE, SUFFIXES, open_path
from lyricsrec.audio.resample import resample
from lyricsrec.base.errors import AudioError, DataError
from lyricsrec.base.output import display_name
from lyricsrec.training.data.effects.codec import CODECS, through_codec
from lyricsrec.training.data.effects.reverb import in_room, read_response
from lyricsrec.training.settings import AugmentConfig


class Augmentation:
    """Applies the configured random changes to chunks.

    Raises DataError when the folder `backing` or `rooms` contains no audio files.
    """

    def __init__(self, config: AugmentConfig) -> None:
        self._config = config
        self._backing = _audio_files(config.backing, "backing") if config.backing and config.backing_chance > 0 else []
        self._rooms = _audio_files(config.rooms, "rooms") if config.rooms and config.rooms_chance > 0 else []

    def __call__(
        self, audio: Tensor, sample_rate: int, generator: Generator, min_samples: int = 0, max_samples: int = 0
    ) -> Tensor:
        """The changed chunk (channels, samples).

        Its length changes with its speed, within `min_samples` and `max_samples` (0: no limit).
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
        # Without rooms nothing is drawn, so that runs without them go on as they began.
        if self._rooms and _happens(config.rooms_chance, generator):
            audio = self._in_room(audio, sample_rate, generator)
        if _happens(config.noise_chance, generator):
            noise = torch.randn(audio.shape, generator=generator)
            audio = at_ratio(audio, noise, _between(*config.noise_db, generator))
        if _happens(config.gain_chance, generator):
            audio = audio * 10 ** (_between(-config.gain_db, config.gain_db, generator) / 20)
        if config.codec_chance > 0 and _happens(config.codec_chance, generator):
            codec = tuple(CODECS.values())[int(torch.randint(len(CODECS), (), generator=generator))]
            audio = through_codec(audio, sample_rate, codec, _between(*config.codec_kbit_s, generator))
        return audio

    def _mixed(self, audio: Tensor, sample_rate: int, generator: Generator) -> Tensor:
        """Audio with an excerpt of a backing file added, repeated if too short; unchanged if it cannot be read."""
        path = self._backing[int(torch.randint(len(self._backing), (), generator=generator))]
        place, ratio_db = _between(0, 1, generator), _between(*self._config.backing_db, generator)
        try:
            found = _read_excerpt(path, place, audio.shape[1] / sample_rate)
        except AudioError:
            return audio
        if not found.shape[1]:
            return audio
        if audio.shape[0] == 1:
            found = found.mean(dim=0, keepdim=True)
        sound = resample(found, SAMPLE_RATE, sample_rate)
        times = math.ceil(audio.shape[1] / sound.shape[1])
        return at_ratio(audio, sound.repeat(1, times)[:, : audio.shape[1]], ratio_db)

    def _in_room(self, audio: Tensor, sample_rate: int, generator: Generator) -> Tensor:
        """Audio in a random room; unchanged if its file cannot be read."""
        path = self._rooms[int(torch.randint(len(self._rooms), (), generator=generator))]
        try:
            response = read_response(path, sample_rate)
        except AudioError:
            return audio
        return in_room(audio, response)


def at_ratio(audio: Tensor, other: Tensor, ratio_db: float) -> Tensor:
    """Audio with other audio of the same shape added, `ratio_db` quieter in power; unchanged if either is silent."""
    power, other_power = audio.square().mean(), other.square().mean()
    if not power > 0 or not other_power > 0:
        return audio
    return audio + other * torch.sqrt(power / other_power * 10 ** (-ratio_db / 10))


def _faster(audio: Tensor, percent: int) -> Tensor:
    # Resampling is fast only between rates with a small ratio, hence whole percents.
    return resample(audio, percent, 100) if percent != 100 else audio


def _higher(audio: Tensor, sample_rate: int, semitones: float) -> Tensor:
    """Audio of the same length at another pitch: stretched, then resampled.

    torchaudio's phase vocoder takes up to ten times as long and partly cancels steady tones.
    """
    percent = round(100 * 2 ** (semitones / 12))
    if percent == 100:
        return audio
    shifted = _faster(_stretched(audio, sample_rate, percent), percent)[:, : audio.shape[1]]
    return torch.nn.functional.pad(shifted, (0, audio.shape[1] - shifted.shape[1]))


def _stretched(audio: Tensor, sample_rate: int, percent: int) -> Tensor:
    """Audio stretched to `percent` of its length at the same pitch, to within a few ms (ffmpeg's `atempo`, WSOLA)."""
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


def _read_excerpt(path: Path, place: float, length_s: float) -> Tensor:
    """Stereo at `SAMPLE_RATE`; `place` goes from its first possible start (0) to its last (1)."""
    with open_path(path) as song:
        start_s = place * max(song.duration_s - length_s, 0.0)
        return torch.from_numpy(song.excerpt(start_s, start_s + length_s).samples)


def _happens(probability: float, generator: Generator) -> bool:
    return _between(0, 1, generator) < probability


def _between(low: float, high: float, generator: Generator) -> float:
    return low + (high - low) * float(torch.rand((), generator=generator, dtype=torch.float64))


def _audio_files(folder: Path, setting: str) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        raise DataError(
            f"{display_name(folder)}: no audio files for augmentation in this folder",
            f"Leave out augment.{setting} to train without it.",
        )
    return found
