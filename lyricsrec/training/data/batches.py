"""Batches: which chunks share a step, in which order and on which process, determined by seed and epoch."""

from __future__ import annotations

import random
import signal
from collections.abc import Sequence
from dataclasses import KW_ONLY, asdict, dataclass, replace
from itertools import pairwise

import torch
from torch.utils.data import DataLoader

from lyricsrec.base.device import num_cores
from lyricsrec.base.errors import UsageError
from lyricsrec.training.data.examples import ChunkExamples, Example, collate
from lyricsrec.training.data.position import Batching, Leg, Position
from lyricsrec.training.data.sets import Draws
from lyricsrec.training.data.shards import Shelves

_MOST_WORKERS = 4


@dataclass(frozen=True)
class BatchPlan:
    """Distributes chunks over steps and processes.

    A global batch is what one step takes on all processes together: chunks of similar length, at most `batch_s *
    num_processes` seconds with padding. Its chunks depend on that product alone, so that two processes see in each step
    what one with twice the `batch_s` sees, as long as `batch_s` is at least twice the longest chunk. With a smaller
    one, each process still gets a chunk in every step, and a step may exceed the limit.

    `bucket` is the number of steps whose chunks are shuffled together before they are sorted by length.

    `draws` says how often chunks come in an epoch, None: once. An index past the last chunk means the same chunks
    again. With `shelves`, the chunks of `shard_buffer` shards of a set come together, and the batches of a bucket.

    Raises UsageError when an epoch can have fewer chunks than there are processes.
    """

    durations_s: Sequence[float]
    batch_s: float
    bucket: int
    _: KW_ONLY
    seed: int
    num_processes: int = 1
    draws: Draws | None = None
    shelves: Shelves | None = None
    shard_buffer: int = 0

    def __post_init__(self) -> None:
        least = self.draws.least if self.draws is not None else len(self.durations_s)
        if least < self.num_processes:
            raise UsageError(
                f"{least} chunks an epoch are too few for {self.num_processes} processes",
                "Train on fewer devices, prepare more data, or raise the weights of data.sets.",
            )

    def epoch(self, number: int, earlier: Sequence[Leg] = ()) -> list[list[list[int]]]:
        """The global batches of an epoch, each as one list of chunks (their indices) for every process.

        Of an epoch that began with other batches, `earlier`, they have the chunks that were not in those; fewer than
        there are processes are left to the next epoch.
        """
        left = self.draws.epoch(number) if self.draws is not None else list(range(len(self.durations_s)))
        for leg in earlier:
            then = replace(self, **asdict(leg.batching))
            done = {index for batch in then._shuffled(number, left)[: leg.num_batches] for index in batch}
            left = [index for index in left if index not in done]
        batches = self._shuffled(number, left) if len(left) >= self.num_processes else []
        return [[batch[rank :: self.num_processes] for rank in range(self.num_processes)] for batch in batches]

    @property
    def batching(self) -> Batching:
        """What the batches depend on, beside chunks and seed."""
        buffer = self.shard_buffer if self.shelves is not None else 0
        return Batching(self.batch_s, self.bucket, self.num_processes, shard_buffer=buffer)

    @property
    def _step_s(self) -> float:
        return self.batch_s * self.num_processes

    def _shuffled(self, number: int, chunks: Sequence[int]) -> list[list[int]]:
        """The global batches of some chunks in an epoch, in random order."""
        shuffler = random.Random(f"{self.seed} {number}")
        if self.shelves is not None:
            order = self.shelves.order(chunks, self.shard_buffer, f"{self.seed} {number} shards")
            buckets = [self._cut(bucket) for bucket in self._buckets(order)]
            for bucket in buckets:
                shuffler.shuffle(bucket)
            return [batch for bucket in buckets for batch in bucket]
        order = list(chunks)
        shuffler.shuffle(order)
        batches = [batch for bucket in self._buckets(order) for batch in self._cut(bucket)]
        shuffler.shuffle(batches)
        return batches

    def _buckets(self, order: Sequence[int]) -> list[list[int]]:
        """Parts of similar size of a shuffled order, each sorted by decreasing duration."""
        bucket_s = self.bucket * self._step_s
        fitting = round(sum(self._duration_s(index) for index in order) / bucket_s)
        count = max(1, min(fitting, len(order) // self.num_processes))
        bounds = [i * len(order) // count for i in range(count + 1)]
        parts = (order[first:last] for first, last in pairwise(bounds))
        return [sorted(part, key=lambda index: -self._duration_s(index)) for part in parts]

    def _cut(self, bucket: Sequence[int]) -> list[list[int]]:
        """The batches of a bucket, the longest chunks first, as many in each as fit."""
        batches = []
        first = 0
        while first < len(bucket):
            count = max(int(self._step_s // self._duration_s(bucket[first])), self.num_processes)
            batches.append(list(bucket[first : first + count]))
            first += count
        return batches if len(batches) == 1 else [*batches[:-2], *self._evened(*batches[-2:])]

    def _evened(self, full: list[int], rest: list[int]) -> list[list[int]]:
        """The last two batches of a bucket, balanced, so that neither is nearly empty."""
        both, least = full + rest, self.num_processes
        fitting = [
            count
            for count in range(least, len(both) - least + 1)
            if self._fits(both[:count]) and self._fits(both[count:])
        ]
        if fitting:
            half = min(fitting, key=lambda count: abs(2 * count - len(both)))
            return [both[:half], both[half:]]
        return [full, rest] if len(rest) >= least else [both]

    def _duration_s(self, index: int) -> float:
        return self.durations_s[index % len(self.durations_s)]

    def _fits(self, batch: Sequence[int]) -> bool:
        return len(batch) * self._duration_s(batch[0]) <= self._step_s


def loader(
    examples: ChunkExamples, plan: BatchPlan, num_workers: int, *, rank: int = 0, position: Position
) -> DataLoader[Example]:
    """The `Batch`es of the rest of an epoch, from a position on, for the process `rank`; earlier ones are not read.

    `num_workers` processes read ahead (0: none; -1: one for each core, at most 4), with one thread each.
    """
    epoch = plan.epoch(position.epoch, position.earlier)[position.batch :]
    return reader(examples, [[(position.epoch, index) for index in dealt[rank]] for dealt in epoch], num_workers)


def reader(examples: ChunkExamples, batches: list[list[tuple[int, int]]], num_workers: int) -> DataLoader[Example]:
    """The `Batch`es of these examples (epoch, index), which `num_workers` processes read ahead, as in `loader`."""
    wanted = min(num_cores(), _MOST_WORKERS) if num_workers < 0 else num_workers
    return DataLoader(
        examples,
        batch_sampler=batches,
        num_workers=min(wanted, len(batches)),
        collate_fn=collate,
        pin_memory=torch.cuda.is_available(),
        worker_init_fn=start_worker,
        # By default, torch would use the generator that also drives the model's dropout.
        generator=torch.Generator(),
    )


def start_worker(_: int) -> None:
    """Begin in a process that reads ahead."""
    # Ctrl-C is for the parent process, with which torch ends its workers. torch gives each worker one thread.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
