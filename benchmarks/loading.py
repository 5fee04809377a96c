"""How many training examples are read per second, compared with decoding the whole song for each?

    lyricsrec import ultrastar songs/ --output data/
    lyricsrec import ultrastar songs/ --output flac/ --extract
    python benchmarks/loading.py data/ flac/

Reads the training chunks of each data set for a recogniser (mono, 16 kHz) and for a separator (stereo, 44.1
kHz), in batches, without and with worker processes; all in one run, each process on one thread, each measurement three
times, of which the median counts. Ratios are to a plain loop over the first data set: decode the file, cut the chunk out, resample.
"""

from __future__ import annotations

import statistics
import string
import sys
import time
from collections.abc import Callable
from pathlib import Path

import soundfile
import torch

from lyricsrec.audio.media import SAMPLE_RATE
from lyricsrec.dataset.manifest import ChunkRow
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.recognition.acoustic import recognizer_input
from lyricsrec.training.data.batches import BatchPlan, loader
from lyricsrec.training.data.examples import ChunkExamples, read_rows
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.settings import DataConfig

ENCODER = LabelEncoder(Vocabulary(("-", "|", "'", *string.ascii_uppercase), blank=0, space=1))
ROUNDS = 3
REPEATS = 2
"""How many times over the loader reads the chunks, so that starting workers weighs as little as in training."""


def plain_loop(rows: list[ChunkRow], folder: Path, mono: bool) -> int:
    """Decode whole files; how many examples that made."""
    for row in rows:
        samples, rate = soundfile.read(folder / row.audio, dtype="float32", always_2d=True)
        stereo = torch.from_numpy(samples[round(row.start_s * rate) : round(row.end_s * rate)].T.copy())
        if mono:
            recognizer_input(stereo[None], rate)
    return len(rows)


def load(rows: list[ChunkRow], folder: Path, mono: bool, num_workers: int) -> int:
    """Read an epoch through the loader; how many examples that made."""
    config = DataConfig()
    examples = ChunkExamples(rows * REPEATS, folder, ENCODER, stereo_rate=None if mono else SAMPLE_RATE)
    plan = BatchPlan([row.duration_s for row in examples.rows], config.batch_s, config.bucket, seed=0)
    return sum(len(batch.rows) - batch.num_unreadable for batch in loader(examples, plan, num_workers, epoch=0))


def rate_of(read: Callable[[], int]) -> float:
    """Examples a second, the median of some rounds."""
    rates = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        count = read()
        rates.append(count / (time.perf_counter() - began))
    return statistics.median(rates)


def main(folders: list[Path]) -> None:
    torch.set_num_threads(1)
    chunks = {folder: read_rows(DataConfig(folder), "train", ENCODER)[0] for folder in folders}
    for mono in (True, False):
        rows = chunks[folders[0]]
        plain = rate_of(lambda: plain_loop(rows, folders[0], mono))  # noqa: B023
        print(f"{'mono, 16 kHz' if mono else 'stereo, 44.1 kHz'}\n  plain loop over {folders[0]}: {plain:.1f} a second")
        for folder, rows in chunks.items():
            for num_workers in (0, 2):
                rate = rate_of(lambda: load(rows, folder, mono, num_workers))  # noqa: B023
                print(f"  {folder}, {num_workers} workers: {rate:.1f} a second, {rate / plain:.1f} x")


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
