"""The chunks of one or several data sets: read from their manifests, and how often each comes in an epoch."""

from __future__ import annotations

import hashlib
import random
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from fractions import Fraction
from itertools import groupby

from lyricsrec.base.errors import DataError
from lyricsrec.dataset.manifest import ChunkRow
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.data.shards import ShardRows, ShardSource
from lyricsrec.training.data.source import SetChunk, Source, joined, parts_of
from lyricsrec.training.settings import DataConfig, SetConfig

_FINEST = 1000
"""Weights are taken as fractions with at most this denominator."""


SOURCES: tuple[type[Source], ...] = (ShardSource, Source)
"""Kinds of data sets; the first that takes a set's settings reads it."""


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
        return cls([(count, source.weight) for source, count in counted(chunks)], seed)

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
    short, whole = [item.name for item in sets], [item.place for item in sets]
    names = short if len(set(short)) == len(sets) else whole
    return [_opened(item, name if len(sets) > 1 else "") for item, name in zip(sets, names, strict=True)]


def _opened(config: SetConfig, name: str) -> Source:
    return next(kind for kind in SOURCES if kind.is_for(config)).of(config, name)


def read_rows(config: DataConfig, split: str, encoder: LabelEncoder) -> tuple[Sequence[SetChunk], LeftOut]:
    """The chunks of the manifests `split` of all data sets, one set after another, and how many were left out.

    Left out are chunks without lyrics, chunks that are too short or too long, and those with more symbols than CTC can
    output in their duration. Raises DataError when a manifest is missing, contains songs of the test split or letters
    that are not in the recogniser's vocabulary, or when no chunk of it is left; AudioError when a manifest names a
    sound outside the folders that `sound_path` allows.
    """
    parts: list[Sequence[SetChunk]] = []
    reasons: Counter[str] = Counter()
    for source in sources(config):
        kept, why = _read_set(source, config, split, encoder)
        parts.append(kept)
        reasons += why
    return joined(parts), LeftOut(**reasons)


def _read_set(
    source: Source, config: DataConfig, split: str, encoder: LabelEncoder
) -> tuple[Sequence[SetChunk], Counter[str]]:
    rows = source.rows(split)
    try:
        encoder.check(row.text for row in rows)
    except DataError as error:
        raise (DataError(f"{source.name}: {error}", error.hint) if source.name else error) from None
    why = [_reason(row, config, encoder) for row in rows]
    left_out = Counter(reason for reason in why if reason)
    kept = source.kept(rows, [place for place, reason in enumerate(why) if not reason])
    if not kept:
        raise DataError(f"{source.shown(split)}: no chunks to train on (left out: {LeftOut(**left_out)})")
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
    found = [source.rows(split) for source in sources(config) for split in splits]
    return (row.text for rows in found for row in rows)


def letters_of(config: DataConfig, splits: Sequence[str]) -> str:
    """The letters of the texts of all data sets in upper case, sorted. Raises DataError when a manifest is missing."""
    letters = {letter for text in texts_of(config, splits) for letter in text.upper() if not letter.isspace()}
    return "".join(sorted(letters - {"|"}))


def durations_of(rows: Sequence[SetChunk]) -> Sequence[float]:
    """The length of each chunk in seconds, in 8 bytes."""
    durations = array("d")
    for part in parts_of(rows):
        durations.extend(part.durations_s.tolist() if isinstance(part, ShardRows) else (row.duration_s for row in part))
    return durations


def counted(rows: Sequence[SetChunk]) -> Iterator[tuple[Source, int]]:
    """The sets of chunks, and how many each has."""
    for part in parts_of(rows):
        if isinstance(part, ShardRows):
            yield part.source, len(part)
            continue
        for source, own in groupby(part, key=lambda row: row.source):
            yield source, len(list(own))


def fingerprint(rows: Sequence[SetChunk]) -> str:
    """A short text that is the same for the same chunks in the same order that come as often."""
    names = [f"{row.chunk_id} {row.duration_s:.6f}" for row in rows]
    sets = Draws.of(rows, 0).sets
    if any(weight != 1 for _, weight in sets):
        names += [f"{count} chunks {weight:g} times" for count, weight in sets]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
