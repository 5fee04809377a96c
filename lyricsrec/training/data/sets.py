"""The chunks of one or several data sets: read from their manifests, and how often each comes in an epoch."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, fields
from fractions import Fraction
from itertools import groupby
from pathlib import Path

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.dataset.manifest import ChunkRow, chunks_to_learn
from lyricsrec.dataset.sound_folders import sound_path
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.settings import DataConfig

_FINEST = 1000
"""Weights are taken as fractions with at most this denominator."""


@dataclass(frozen=True)
class Source:
    """The data set of a chunk; `name` is what messages and metrics call it, empty where there is only one."""

    folder: Path
    name: str = ""
    weight: float = 1.0


@dataclass(frozen=True)
class SetChunk(ChunkRow):
    """A chunk and its data set."""

    _: KW_ONLY
    source: Source

    @classmethod
    def of(cls, row: ChunkRow, source: Source) -> SetChunk:
        """A row of a manifest as a chunk of a data set, without word timestamps."""
        # They are not needed, and take most of the memory of a large manifest.
        values = {field.name: getattr(row, field.name) for field in fields(ChunkRow)}
        return cls(**{**values, "words": ()}, source=source)

    @property
    def shown(self) -> str:
        """The audio file as messages name it."""
        return f"{self.source.name}: {self.audio}" if self.source.name else self.audio

    @property
    def unique_id(self) -> str:
        """The chunk's id, with its set where there are several: sets may have the same ids."""
        return f"{self.source.name}/{self.chunk_id}" if self.source.name else self.chunk_id


@dataclass(frozen=True)
class Draws:
    """How often the chunks of each set come in an epoch: as often as its weight says.

    `sets` has the number of chunks and the weight of each set. With a weight of 1 every chunk comes once in an epoch,
    with 3 three times. With 0.25 a quarter of the set comes, other chunks in each epoch, and all of them before one
    comes again; 1.25 is once and that. `seed` and the number of an epoch determine its chunks.
    """

    sets: Sequence[tuple[int, float]]
    seed: int

    @classmethod
    def of(cls, chunks: Sequence[SetChunk], seed: int) -> Draws:
        """Those of chunks in the order of their sets."""
        sets = groupby(chunks, key=lambda chunk: chunk.source)
        return cls([(len(list(own)), source.weight) for source, own in sets], seed)

    def epoch(self, number: int) -> list[int]:
        """The chunks of an epoch by index; those that come again are as many further on as there are chunks in all."""
        total, first = sum(count for count, _ in self.sets), 0
        drawn: list[int] = []
        for place, (count, weight) in enumerate(self.sets):
            times = Counter(self._more(place, number))
            for i in range(count):
                drawn += (first + i + total * again for again in range(int(weight) + times[i]))
            first += count
        return drawn

    def count_until(self, epoch: int) -> int:
        """The number of chunks in all epochs before this one."""
        return sum(count * int(weight) * epoch + _begin(count, weight, epoch) for count, weight in self.sets)

    @property
    def least(self) -> int:
        """The fewest chunks that an epoch can have."""
        return sum(count * int(weight) + _begin(count, weight, 1) for count, weight in self.sets)

    def _more(self, place: int, epoch: int) -> Iterator[int]:
        """The chunks of a set, counted in the set, that come once more in an epoch than others."""
        count, weight = self.sets[place]
        order: list[int] = []
        for i in range(_begin(count, weight, epoch), _begin(count, weight, epoch + 1)):
            # Every so many draws all chunks come, in another order.
            if not order or i % count == 0:
                order = list(range(count))
                random.Random(f"{self.seed} {place} {i // count}").shuffle(order)
            yield order[i % count]


def _begin(count: int, weight: float, epoch: int) -> int:
    """How many chunks of a set have come, beside those that come in each epoch, when an epoch begins."""
    share = Fraction(weight).limit_denominator(_FINEST) - int(weight)
    return int(epoch * count * share)


@dataclass(frozen=True)
class LeftOut:
    """Numbers of chunks of manifests that cannot be used, by the first reason that applies."""

    without_lyrics: int = 0
    too_short: int = 0
    too_long: int = 0
    _: KW_ONLY
    too_dense: int = 0
    unknown_words: int = 0

    def __str__(self) -> str:
        counts = ((name.replace("_", " "), count) for name, count in asdict(self).items() if count)
        return ", ".join(f"{count} {name}" for name, count in counts) or "none"


def sources(config: DataConfig) -> list[Source]:
    """The data sets, named by their folders; by the whole paths where two have the same name."""
    sets = config.all_sets
    if len(sets) == 1:
        return [Source(sets[0].folder, weight=sets[0].weight)]
    are_unique = len({item.folder.name for item in sets}) == len(sets)
    return [Source(item.folder, item.folder.name if are_unique else str(item.folder), item.weight) for item in sets]


def read_rows(config: DataConfig, split: str, encoder: LabelEncoder) -> tuple[list[SetChunk], LeftOut]:
    """The chunks of the manifests `split` of all data sets, one set after another, and how many were left out.

    Left out are chunks without lyrics, chunks that are too short or too long, and those with more symbols than CTC can
    output in their duration. Raises DataError when a manifest is missing, contains songs of the test split or letters
    that are not in the recogniser's vocabulary, or when no chunk of it is left; AudioError when a manifest names a
    sound outside the folders that `sound_path` allows.
    """
    rows: list[SetChunk] = []
    reasons: Counter[str] = Counter()
    for source in sources(config):
        kept, why = _read_set(source, config, split, encoder)
        rows += kept
        reasons += why
    return rows, LeftOut(**reasons)


def _read_set(
    source: Source, config: DataConfig, split: str, encoder: LabelEncoder
) -> tuple[list[SetChunk], Counter[str]]:
    path = _manifest(source.folder, split)
    rows = [SetChunk.of(row, source) for row in chunks_to_learn(path)]
    try:
        encoder.check(row.text for row in rows)
    except DataError as error:
        raise (DataError(f"{source.name}: {error}", error.hint) if source.name else error) from None
    why = [_reason(row, config, encoder) for row in rows]
    left_out = Counter(reason for reason in why if reason)
    kept = [row for row, reason in zip(rows, why, strict=True) if not reason]
    for name in dict.fromkeys(row.audio for row in kept):
        sound_path(source.folder, name)
    if not kept:
        raise DataError(f"{display_name(path)}: no chunks to train on (left out: {LeftOut(**left_out)})")
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


def texts_of(config: DataConfig, splits: Sequence[str]) -> Iterator[str]:
    """The texts of all data sets. Raises DataError when a manifest is missing."""
    paths = [_manifest(item.folder, split) for item in config.all_sets for split in splits]
    return (row.text for path in paths for row in chunks_to_learn(path))


def letters_of(config: DataConfig, splits: Sequence[str]) -> str:
    """The letters of the texts of all data sets in upper case, sorted. Raises DataError when a manifest is missing."""
    letters = {letter for text in texts_of(config, splits) for letter in text.upper() if not letter.isspace()}
    return "".join(sorted(letters - {"|"}))


def _manifest(folder: Path, split: str) -> Path:
    path = folder / f"{split}.jsonl"
    if not path.is_file():
        raise DataError(
            f"{display_name(path)}: no such manifest",
            "Give the folder that `lyricsrec dali-prepare` or `lyricsrec import` has written.",
        )
    return path


def fingerprint(rows: Sequence[SetChunk]) -> str:
    """A short text that is the same for the same chunks in the same order that come as often."""
    names = [f"{row.chunk_id} {row.duration_s:.6f}" for row in rows]
    sets = Draws.of(rows, 0).sets
    if any(weight != 1 for _, weight in sets):
        names += [f"{count} chunks {weight:g} times" for count, weight in sets]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
