"""Training examples (audio and labels of a chunk, read when needed) and batches of them."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset

from lyricsrec.audio.resample import resample
from lyricsrec.base.errors import AudioError, DataError
from lyricsrec.base.output import display_name
from lyricsrec.dataset.chunk_audio import read_chunk
from lyricsrec.dataset.manifest import ChunkRow, chunks_to_learn
from lyricsrec.dataset.sound_folders import sound_path
from lyricsrec.recognition.acoustic import RECOGNIZER_RATE, recognizer_input
from lyricsrec.training.data.augment import Augmentation
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.settings import SILENCE_S, DataConfig


@dataclass(frozen=True, eq=False)
class Example:
    """A chunk to train on.

    `audio` (channels, samples) is float32 with full scale at 1, `labels` (n,) int64. For a file that cannot be read,
    the audio is a short silence without labels.
    """

    audio: Tensor
    labels: Tensor
    row: ChunkRow
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
    rows: tuple[ChunkRow, ...]
    num_unreadable: int

    @property
    def unreadable(self) -> list[str]:
        """The audio file of each chunk that cannot be read."""
        counts = self.num_labels.tolist()
        return [row.audio for row, count in zip(self.rows, counts, strict=True) if not count]

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
    """The examples of a manifest's rows, addressed by (epoch, index), which with `seed` determine the augmentation.

    With a `stereo_rate` in Hz they are the stereo input of a separator; without, the input of a recogniser (mono at
    16 kHz), computed as in transcription. Only the chunk's own part of its file is decoded. Augmentation does not make
    a chunk longer than `max_s`.
    """

    def __init__(
        self,
        rows: Sequence[ChunkRow],
        folder: Path,
        encoder: LabelEncoder,
        *,
        stereo_rate: int | None = None,
        augment: Augmentation | None = None,
        seed: int = 0,
        max_s: float = DataConfig.max_s,
    ) -> None:
        self.rows = rows
        self.folder = folder
        self.sample_rate = stereo_rate or RECOGNIZER_RATE
        self._encoder = encoder
        self._is_mono = stereo_rate is None
        self._augment = augment
        self._seed = seed
        self._max_s = max_s

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: tuple[int, int]) -> Example:
        epoch, index = key
        row = self.rows[index]
        try:
            audio = self._read(row)
        except AudioError:
            silence = torch.zeros(1 if self._is_mono else 2, round(SILENCE_S * self.sample_rate))
            return Example(silence, torch.zeros(0, dtype=torch.int64), row, is_readable=False)
        labels = self._encoder.encode(row.text)
        if self._augment:
            generator = torch.Generator().manual_seed(_mixed_seed(self._seed, epoch, index))
            shortest = math.ceil(self._encoder.min_duration_s(labels) * self.sample_rate)
            longest = round(self._max_s * self.sample_rate)
            audio = self._augment(audio, self.sample_rate, generator, shortest, longest)
        return Example(audio, torch.tensor(labels, dtype=torch.int64), row, is_readable=True)

    def reference(self, row: ChunkRow) -> str:
        """The text of a chunk as it is compared with hypotheses."""
        return self._encoder.reference(row.text)

    def _read(self, row: ChunkRow) -> Tensor:
        sound = read_chunk(row, self.folder)
        samples = torch.from_numpy(sound.samples)
        if self._is_mono:
            return recognizer_input(samples[None], sound.sample_rate)
        return resample(samples, sound.sample_rate, self.sample_rate)


@dataclass(frozen=True)
class LeftOut:
    """Numbers of chunks of a manifest that cannot be used, by the first reason that applies."""

    without_lyrics: int = 0
    too_short: int = 0
    too_long: int = 0
    _: KW_ONLY
    too_dense: int = 0
    unknown_words: int = 0

    def __str__(self) -> str:
        counts = ((name.replace("_", " "), count) for name, count in asdict(self).items() if count)
        return ", ".join(f"{count} {name}" for name, count in counts) or "none"


def read_rows(config: DataConfig, split: str, encoder: LabelEncoder) -> tuple[list[ChunkRow], LeftOut]:
    """The chunks of the manifest `split` in the data folder, without word timestamps, and how many were left out.

    Left out are chunks without lyrics, chunks that are too short or too long, and those with more symbols than CTC can
    output in their duration. Raises DataError when the manifest is missing, contains songs of the test split or letters
    that are not in the recogniser's vocabulary, or when no chunk is left; AudioError when the manifest names a sound
    outside the folders that `sound_path` allows.
    """
    path = _manifest(config.folder, split)
    # Word timestamps are not needed, and take most of the memory of a large manifest.
    rows = [replace(row, words=()) for row in chunks_to_learn(path)]
    encoder.check(row.text for row in rows)
    reasons = [_reason(row, config, encoder) for row in rows]
    left_out = LeftOut(**Counter(reason for reason in reasons if reason))
    kept = [row for row, reason in zip(rows, reasons, strict=True) if not reason]
    for name in dict.fromkeys(row.audio for row in kept):
        sound_path(config.folder, name)
    if not kept:
        raise DataError(f"{display_name(path)}: no chunks to train on (left out: {left_out})")
    return kept, left_out


def _reason(row: ChunkRow, config: DataConfig, encoder: LabelEncoder) -> str | None:
    """Why a chunk is left out, as a field name of `LeftOut`; None for a chunk to use."""
    labels = encoder.encode(row.text)
    reasons = {
        "unknown_words": not encoder.can_encode(row.text),
        "without_lyrics": not labels,
        "too_short": row.duration_s < config.min_s,
        "too_long": row.duration_s > config.max_s,
        "too_dense": row.duration_s < encoder.min_duration_s(labels),
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def texts_of(folder: Path, splits: Sequence[str]) -> Iterator[str]:
    """The texts of a data set. Raises DataError when a manifest is missing."""
    return (row.text for split in splits for row in chunks_to_learn(_manifest(folder, split)))


def letters_of(folder: Path, splits: Sequence[str]) -> str:
    """The letters of a data set's texts in upper case, sorted. Raises DataError when a manifest is missing."""
    letters = {letter for text in texts_of(folder, splits) for letter in text.upper() if not letter.isspace()}
    return "".join(sorted(letters - {"|"}))


def _manifest(folder: Path, split: str) -> Path:
    path = folder / f"{split}.jsonl"
    if not path.is_file():
        raise DataError(
            f"{display_name(path)}: no such manifest",
            "Give the folder that `lyricsrec dali-prepare` or `lyricsrec import` has written.",
        )
    return path


def fingerprint(rows: Sequence[ChunkRow]) -> str:
    """A short text that is the same for the same chunks in the same order."""
    names = "\n".join(f"{row.chunk_id} {row.duration_s:.6f}" for row in rows)
    return hashlib.sha256(names.encode()).hexdigest()[:16]


def _mixed_seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0])
