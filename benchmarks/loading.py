"""How many training examples are read per second, compared with decoding the whole song for each?

    lyricsrec import ultrastar songs/ --output data/
    lyricsrec import ultrastar songs/ --output flac/ --extract
    lyricsrec dataset shard flac/ --output shards/ --split train
    python benchmarks/loading.py data/ flac/ shards/

Reads the training chunks of each data set for a recogniser (mono, 16 kHz) and for a separator (stereo, 44.1
kHz), in batches, without and with worker processes, as they are and with augmentations (the defaults, rooms, codecs);
all in one run, each process on one thread, each measurement three times, of which the median counts. Ratios are to a plain
loop over the first data set (decode the file, cut the chunk out, resample), without workers of processor time, which other
work on the machine changes less. A data set may be the URL of shards, too.
"""

from __future__ import annotations

import statistics
import string
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch

from lyricsrec.audio.media import SAMPLE_RATE
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.recognition.acoustic import recognizer_input
from lyricsrec.training.data.augment import Augmentation
from lyricsrec.training.data.batches import BatchPlan, loader
from lyricsrec.training.data.examples import ChunkExamples
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.data.position import Position
from lyricsrec.training.data.sets import durations_of, read_rows
from lyricsrec.training.data.shards import Shelves
from lyricsrec.training.data.source import SetChunk
from lyricsrec.training.settings import AugmentConfig, DataConfig, SetConfig

ENCODER = LabelEncoder(Vocabulary(("-", "|", "'", *string.ascii_uppercase), blank=0, space=1))
ROUNDS = 3
REPEATS = 2
"""How many epochs the loader reads, so that starting workers weighs less."""

ROOM_S, NUM_ROOMS = 0.5, 4


def plain_loop(rows: Sequence[SetChunk], mono: bool) -> int:
    """Decode whole files; how many examples that made."""
    for row in rows:
        samples, rate = soundfile.read(row.source.folder / row.audio, dtype="float32", always_2d=True)
        stereo = torch.from_numpy(samples[round(row.start_s * rate) : round(row.end_s * rate)].T.copy())
        if mono:
            recognizer_input(stereo[None], rate)
    return len(rows)


def load(rows: Sequence[SetChunk], mono: bool, num_workers: int, augment: AugmentConfig | None = None) -> int:
    """Read epochs through the loader; how many examples that made."""
    config = DataConfig()
    augmentation = Augmentation(augment) if augment else None
    examples = ChunkExamples(rows, ENCODER, stereo_rate=None if mono else SAMPLE_RATE, augment=augmentation)
    plan = BatchPlan(
        durations_of(rows), config.batch_s, config.bucket, seed=0, shelves=Shelves.of(rows), shard_buffer=8
    )
    return sum(
        len(batch.rows) - batch.num_unreadable
        for epoch in range(REPEATS)
        for batch in loader(examples, plan, num_workers, position=Position(epoch=epoch))
    )


@dataclass(frozen=True)
class Speed:
    """Examples a second, and the processor time of this process for each in ms; medians of some rounds."""

    rate: float
    own_ms: float

    def __str__(self) -> str:
        return f"{self.rate:.1f} a second, {self.own_ms:.1f} ms of processor time each"


def speed_of(read: Callable[[], int]) -> Speed:
    rates, times = [], []
    for _ in range(ROUNDS):
        began, own = time.perf_counter(), time.process_time()
        count = read()
        rates.append(count / (time.perf_counter() - began))
        times.append(1000 * (time.process_time() - own) / count)
    return Speed(statistics.median(rates), statistics.median(times))


def augmentations(folder: Path) -> dict[str, AugmentConfig]:
    """The defaults, and each chunk in a room or through a codec; rooms are made of decaying noise."""
    generator = np.random.default_rng(0)
    times = np.arange(round(ROOM_S * SAMPLE_RATE)) / SAMPLE_RATE
    for number in range(NUM_ROOMS):
        noise = generator.standard_normal(len(times)) * np.exp(-times * 6.9 / ROOM_S)
        soundfile.write(folder / f"room{number}.wav", 0.1 * noise / np.abs(noise).max(), SAMPLE_RATE)
    none = {f"{name}_chance": 0.0 for name in ("gain", "noise", "speed", "backing")}
    return {
        "default augmentation": AugmentConfig(),
        "every chunk in a room": AugmentConfig(**none, rooms=folder, rooms_chance=1.0),  # type: ignore[arg-type]
        "every chunk through a codec": AugmentConfig(**none, codec_chance=1.0),  # type: ignore[arg-type]
    }


def main(places: list[str]) -> None:
    torch.set_num_threads(1)
    chunks = {}
    for place in places:
        item = SetConfig(url=place) if "://" in place else SetConfig(Path(place))
        chunks[place] = read_rows(DataConfig(sets=(item,)), "train", ENCODER)[0]
    with tempfile.TemporaryDirectory() as folder:
        augmented = augmentations(Path(folder))
        for mono in (True, False):
            rows = chunks[places[0]]
            plain = speed_of(lambda: plain_loop(rows, mono))  # noqa: B023
            print(f"{'mono, 16 kHz' if mono else 'stereo, 44.1 kHz'}\n  plain loop over {places[0]}: {plain}")
            for place, rows in chunks.items():
                alone = speed_of(lambda: load(rows, mono, 0))  # noqa: B023
                print(f"  {place}: {alone}: {plain.own_ms / alone.own_ms:.2f} x")
                shared = speed_of(lambda: load(rows, mono, 2))  # noqa: B023
                print(f"  {place}, 2 workers: {shared.rate:.1f} a second, {shared.rate / plain.rate:.1f} x")
            for name, augment in augmented.items():
                changed = speed_of(lambda: load(rows, mono, 0, augment))  # noqa: B023
                print(f"  {places[-1]}, {name}: {changed}: {plain.own_ms / changed.own_ms:.2f} x")


if __name__ == "__main__":
    main(sys.argv[1:])
