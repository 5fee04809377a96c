"""Settings of the training data, its augmentation and masking."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Le, Predicate

from lyricsrec.base.settings import AtLeastZero, Natural, Positive, Settings, Share

SILENCE_S = 0.5
"""Length of the silence that replaces a chunk whose file cannot be read."""


def _is_url(text: str) -> bool:
    scheme, separator, rest = text.partition("://")
    return bool(scheme and separator and rest)


@dataclass(frozen=True)
class SetConfig(Settings):
    """A data set, and how often each of its chunks comes in an epoch on average.

    It is a `folder` with manifests or shards, or shards at a `url` that fsspec reads (s3://bucket/shards).
    """

    folder: Path = Path()
    weight: Annotated[float, Ge(0.001), Le(1000)] = 1.0
    _: KW_ONLY
    url: Annotated[str, Predicate(_is_url)] | None = None

    def __post_init__(self) -> None:
        if self.url is not None and self.folder != Path():
            raise ValueError(f"a set has a folder or a url, not both ({self.folder}, {self.url})")

    def __str__(self) -> str:
        return f"{self.place} (weight {self.weight:g})"

    @property
    def place(self) -> str:
        """The folder or URL."""
        return str(self.folder) if self.url is None else self.url

    @property
    def name(self) -> str:
        """The last part of the folder or URL."""
        return self.folder.name if self.url is None else self.url.rstrip("/").rpartition("/")[2]


@dataclass(frozen=True)
class DataConfig(Settings):
    """The training data and how it is batched.

    `folder` holds the manifests `train`.jsonl and `validation`.jsonl. `sets` has more such folders with weights: in an
    epoch every chunk of a set comes as often as its weight says (1 for `folder`). Validation is over all of them alike.

    A step takes chunks of similar length, up to `batch_s` seconds of audio on each process, padding included: larger
    batches give steadier gradients and take more memory. Chunks outside `min_s` to `max_s` are left out. Chunks are
    shuffled in buckets of `bucket` steps and sorted by length within each: a larger bucket wastes less on padding, a
    smaller one shuffles better. Of sets in shards, whole shards are shuffled, and the chunks of `shard_buffer` of them
    together. `num_workers` processes read ahead (0: none; -1: one for each core, at most 4).
    """

    folder: Path = Path()
    train: str = "train"
    validation: str = "validation"
    _: KW_ONLY
    batch_s: Positive = 60.0
    min_s: AtLeastZero = 0.5
    max_s: Positive = 30.0
    bucket: Natural = 50
    num_workers: int = -1
    sets: tuple[SetConfig, ...] = ()
    shard_buffer: Natural = 8

    def __post_init__(self) -> None:
        for number, item in enumerate(self.sets):
            if item.url is None and item.folder == Path():
                raise ValueError(f"data.sets.{number} has neither a folder nor a url")
        places = [item.place for item in self.all_sets]
        if twice := next((place for place in places if places.count(place) > 1), None):
            raise ValueError(f"{twice} is given twice: give it a higher weight in sets")
        if self.min_s > self.max_s:
            raise ValueError(f"min_s ({self.min_s:g}) is above max_s ({self.max_s:g}), so no chunk would be left")

    @property
    def all_sets(self) -> tuple[SetConfig, ...]:
        """The data sets, whether one or several."""
        return self.sets if self.sets and self.folder == Path() else (SetConfig(self.folder), *self.sets)


@dataclass(frozen=True)
class AugmentConfig(Settings):
    """Random changes to training chunks. Each `*_chance` is the probability that a chunk is changed; 0 turns it off.

    In this order: faster or slower by up to `speed` (a share, in steps of 1 %, which shifts the pitch too); up to
    `pitch` semitones higher or lower at the same speed, in such steps; an excerpt of one of the audio files below the
    folder `backing` mixed in, between `backing_db` quieter than the chunk; the sound in a room, by one of the impulse
    responses (audio files) below the folder `rooms`, with the same times and length; white noise at a signal-to-noise
    ratio between `noise_db`; gain up to `gain_db` up or down; the sound of MP3, AAC or Opus at between `codec_kbit_s`
    kilobits a second, with the same times and length. Backing with singing in it trains the model to ignore
    voices.
    """

    gain_chance: Share = 0.5
    gain_db: AtLeastZero = 6.0
    noise_chance: Share = 0.2
    _: KW_ONLY
    noise_db: tuple[float, float] = (10.0, 40.0)
    speed_chance: Share = 0.3
    speed: Annotated[float, Ge(0), Le(0.5)] = 0.1
    pitch_chance: Share = 0.0
    pitch: Annotated[float, Ge(0), Le(12)] = 2.0
    backing_chance: Share = 0.3
    backing: Path | None = None
    backing_db: tuple[float, float] = (0.0, 20.0)
    rooms_chance: Share = 0.3
    rooms: Path | None = None
    codec_chance: Share = 0.0
    codec_kbit_s: tuple[Annotated[float, Ge(32), Le(256)], Annotated[float, Ge(32), Le(256)]] = (32.0, 160.0)


@dataclass(frozen=True)
class MaskConfig(Settings):
    """Masking of the recogniser's features in training (SpecAugment, Park et al. 2019).

    About `time` (a share) of the frames, in spans of `time_s` seconds, and `bands` (a share) of the channels, in runs
    of `band` (a share). More masking makes the model rely on context; too much makes it guess.
    """

    time: Share = 0.05
    time_s: Positive = 0.2
    bands: Share = 0.05
    _: KW_ONLY
    band: Share = 0.05
