"""Training examples (audio and labels of a chunk, read when needed) and batches of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.resample import resample
from lyricsrec.base.errors import AudioError
from lyricsrec.recognition.acoustic import RECOGNIZER_RATE, recognizer_input
from lyricsrec.training.data.augment import Augmentation
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.data.source import SetChunk
from lyricsrec.training.settings import SILENCE_S, DataConfig


@dataclass(frozen=True, eq=False)
class Example:
    """A chunk to train on.

    `audio` (channels, samples) is float32 with full scale at 1, `labels` (n,) int64. For a file that cannot be read,
    the audio is a short silence without labels.
    """

    audio: Tensor
    labels: Tensor
    row: SetChunk
    _: KW_ONLY
    is_readable: bool


@dataclass(frozen=True, eq=False)
class Batch:
    """Examples of similar length.

    `audio` (batch, channels, samples) is padded with zeros to the longest; the length of each example is in
    `num_samples` (batch,). `labels` (batch, longest) and `num_labels` (batch,) likewise. Examples whose file cannot be
    read have no labels and add nothing to the loss; `num_unreadable` counts them.
    """

    audio: Tensor
    num_samples: Tensor
    labels: Tensor
    _: KW_ONLY
    num_labels: Tensor
    rows: tuple[SetChunk, ...]
    num_unreadable: int

    @property
    def unreadable(self) -> list[str]:
        """The audio file of each chunk that cannot be read, with its set where there are several."""
        counts = self.num_labels.tolist()
        return [row.shown for row, count in zip(self.rows, counts, strict=True) if not count]

    def to(self, device: torch.device | str) -> Batch:
        """The same batch with its tensors on a device."""
        return self._map(lambda tensor: tensor.to(device, non_blocking=True))

    def pin_memory(self) -> Batch:
        """The same batch in pinned memory, for asynchronous copies to a GPU."""
        return self._map(Tensor.pin_memory)

    def _map(self, change: Callable[[Tensor], Tensor]) -> Batch:
        return replace(
            self,
            audio=change(self.audio),
            num_samples=change(self.num_samples),
            labels=change(self.labels),
            num_labels=change(self.num_labels),
        )


def collate(examples: Sequence[Example]) -> Batch:
    """Examples as one batch."""
    return Batch(
        pad_sequence([example.audio.T for example in examples], batch_first=True).transpose(1, 2).contiguous(),
        torch.tensor([example.audio.shape[1] for example in examples]),
        pad_sequence([example.labels for example in examples], batch_first=True),
        num_labels=torch.tensor([len(example.labels) for example in examples]),
        rows=tuple(example.row for example in examples),
        num_unreadable=sum(not example.is_readable for example in examples),
    )


class ChunkExamples(Dataset[Example]):
    """The examples of rows of manifests, addressed by (epoch, index), which with `seed` determine the augmentation.

    Past the last row, an index means the same rows again, with other augmentation (see `Draws`).
    With a `stereo_rate` in Hz they are the stereo input of a separator; without, the input of a recogniser (mono at
    16 kHz), computed as in transcription. Only the chunk's own part of its file is decoded. Augmentation does not make
    a chunk longer than `max_s`.
    """

    def __init__(
        self,
        rows: Sequence[SetChunk],
        encoder: LabelEncoder,
        *,
        stereo_rate: int | None = None,
        augment: Augmentation | None = None,
        seed: int = 0,
        max_s: float = DataConfig.max_s,
    ) -> None:
        self.rows = rows
        self.sample_rate = stereo_rate or RECOGNIZER_RATE
        self._encoder = encoder
        self._is_mono = stereo_rate is None
        self._augment = augment
        self._seed = seed
        self._max_s = max_s

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: tuple[int, int]) -> Example:
        return self.__getitems__([key])[0]

    def __getitems__(self, keys: Sequence[tuple[int, int]]) -> list[Example]:
        """The examples of a batch, whose audio is read together: storage on a network answers all requests at once."""
        rows = [self.rows[index % len(self.rows)] for _, index in keys]
        sounds: list[Audio | AudioError] = [AudioError("not read")] * len(rows)
        for source in dict.fromkeys(row.source for row in rows):
            places = [i for i, row in enumerate(rows) if row.source == source]
            for i, sound in zip(places, source.read([rows[i] for i in places]), strict=True):
                sounds[i] = sound
        return [self._example(*key, row, sound) for key, row, sound in zip(keys, rows, sounds, strict=True)]

    def _example(self, epoch: int, index: int, row: SetChunk, sound: Audio | AudioError) -> Example:
        if isinstance(sound, AudioError):
            silence = torch.zeros(1 if self._is_mono else 2, round(SILENCE_S * self.sample_rate))
            return Example(silence, torch.zeros(0, dtype=torch.int64), row, is_readable=False)
        audio = self._converted(sound)
        labels = self._encoder.encode(row.text)
        if self._augment:
            generator = torch.Generator().manual_seed(_mixed_seed(self._seed, epoch, index))
            shortest = math.ceil(self._encoder.min_duration_s(labels) * self.sample_rate)
            longest = round(self._max_s * self.sample_rate)
            audio = self._augment(audio, self.sample_rate, generator, shortest, longest)
        return Example(audio, torch.tensor(labels, dtype=torch.int64), row, is_readable=True)

    def reference(self, row: SetChunk) -> str:
        """The text of a chunk as it is compared with hypotheses."""
        return self._encoder.reference(row.text)

    def _converted(self, sound: Audio) -> Tensor:
        samples = torch.from_numpy(sound.samples)
        if self._is_mono:
            return recognizer_input(samples[None], sound.sample_rate)
        return resample(samples, sound.sample_rate, self.sample_rate)


def _mixed_seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0])
