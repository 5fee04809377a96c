"""Data sets in shards: their chunks in arrays, and the order in which an epoch goes through them."""

from __future__ import annotations

import hashlib
import random
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from lyricsrec.audio.audio import Audio
from lyricsrec.base.errors import AudioError, DataError
from lyricsrec.dataset.shards.encoding import decoded
from lyricsrec.dataset.shards.index import INDEX, read_index, read_rows
from lyricsrec.dataset.shards.storage import Span, open_store
from lyricsrec.training.data.source import SetChunk, Source, parts_of
from lyricsrec.training.settings import SetConfig

_BETWEEN = "\x1f"


@dataclass(frozen=True)
class ShardSource(Source):
    """A data set in shards, in a folder or at a URL: `place`."""

    place: str = ""

    @classmethod
    def is_for(cls, config: SetConfig) -> bool:
        """Whether a data set is of this kind."""
        return config.url is not None or (config.folder / INDEX).is_file()

    @classmethod
    def of(cls, config: SetConfig, name: str) -> ShardSource:
        """The data set of these settings."""
        return cls(Path(), name, config.weight, config.url or str(config.folder))

    def rows(self, split: str) -> ShardRows:
        """The chunks of a split. Raises DataError when it has none, or files are missing or damaged."""
        columns = _columns(self.place, split)
        return ShardRows(self, columns, np.arange(len(columns.durations_s)))

    def kept(self, rows: Sequence[SetChunk], places: Sequence[int]) -> Sequence[SetChunk]:
        """Some of the rows that `rows` has given, by their places."""
        return rows[places] if isinstance(rows, ShardRows) else [rows[i] for i in places]

    def shown(self, split: str) -> str:
        """What messages call a split."""
        return f"{open_store(self.place).place} ({split})"

    def digests(self, splits: Sequence[str]) -> Mapping[str, str | None]:
        """The index, which has the checksums of all shards, and its digest."""
        data = open_store(self.place).read(INDEX)
        return {f"{self.place}/{INDEX}": hashlib.sha256(data).hexdigest()[:24]}

    def read(self, rows: Sequence[SetChunk]) -> list[Audio | AudioError]:
        """The sound of each of these chunks of the set, or why it cannot be read."""
        chunks = [row for row in rows if isinstance(row, ShardChunk)]
        found = open_store(self.place).spans([Span(row.audio, row.start, row.size) for row in chunks])
        return [_decoded(data, row) for data, row in zip(found, chunks, strict=True)]

    def sound_name(self, row: SetChunk) -> str:
        """Nothing: a chunk has no file of its own."""
        return ""


@dataclass(frozen=True)
class ShardChunk(SetChunk):
    """A chunk in a shard (`audio`), whose sound has `size` bytes from `start` on, with a checksum."""

    _: KW_ONLY
    start: int
    size: int
    crc32: int


@dataclass(frozen=True, eq=False)
class _Columns:
    """What is known of the chunks of a split: some 50 bytes and the text of each."""

    shard_names: tuple[str, ...]
    shards: NDArray[np.int32]
    durations_s: NDArray[np.float64]
    _: KW_ONLY
    offsets_s: NDArray[np.float64]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    checksums: NDArray[np.int64]
    texts: bytes
    text_ends: NDArray[np.int64]

    def text(self, i: int) -> list[str]:
        """Chunk id, song id and text."""
        first = int(self.text_ends[i - 1]) if i else 0
        return self.texts[first : int(self.text_ends[i])].decode().split(_BETWEEN, 2)


class ShardRows(Sequence[SetChunk]):
    """Chunks of a set in shards, made from arrays when they are asked for: thousands of hours fit into memory."""

    def __init__(self, source: ShardSource, columns: _Columns, places: NDArray[Any]) -> None:
        self.source = source
        self._columns, self._places = columns, places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> SetChunk: ...

    @overload
    def __getitem__(self, index: slice | Sequence[int]) -> ShardRows: ...

    def __getitem__(self, index: int | slice | Sequence[int]) -> SetChunk | ShardRows:
        """A chunk, or those of a slice or of some places."""
        if not isinstance(index, int):
            chosen = self._places[index] if isinstance(index, slice) else self._places[np.asarray(index, np.int64)]
            return ShardRows(self.source, self._columns, chosen)
        i, columns = int(self._places[index]), self._columns
        chunk_id, song_id, text = columns.text(i)
        return ShardChunk(
            chunk_id,
            song_id,
            text,
            audio=columns.shard_names[int(columns.shards[i])],
            start_s=0.0,
            end_s=float(columns.durations_s[i]),
            offset_s=float(columns.offsets_s[i]),
            words=(),
            source=self.source,
            start=int(columns.starts[i]),
            size=int(columns.sizes[i]),
            crc32=int(columns.checksums[i]),
        )

    @property
    def durations_s(self) -> NDArray[np.float64]:
        """The length of each chunk."""
        chosen: NDArray[np.float64] = self._columns.durations_s[self._places]
        return chosen

    @property
    def shards(self) -> NDArray[np.int32]:
        """The number of each chunk's shard."""
        chosen: NDArray[np.int32] = self._columns.shards[self._places]
        return chosen


@lru_cache(maxsize=8)
def _columns(place: str, split: str) -> _Columns:
    """The chunks of a split; read once, although letters, pieces and examples are made from them."""
    store = open_store(place)
    shards = read_index(store).of_split(split)
    if not shards:
        raise DataError(f"{store.place}: no shards of the split {split}", "Make them with `lyricsrec dataset shard`.")
    numbers, durations, offsets, starts = array("i"), array("d"), array("d"), array("q")
    sizes, checksums, ends, texts = array("q"), array("q"), array("q"), bytearray()
    for number, row in read_rows(store, shards):
        numbers.append(number)
        durations.append(row.duration_s)
        offsets.append(row.offset_s)
        starts.append(row.start)
        sizes.append(row.size)
        checksums.append(row.crc32)
        texts += _BETWEEN.join((row.chunk_id, row.song_id, row.text)).encode()
        ends.append(len(texts))
    return _Columns(
        tuple(shard.name for shard in shards),
        np.frombuffer(numbers, np.int32),
        np.frombuffer(durations, np.float64),
        offsets_s=np.frombuffer(offsets, np.float64),
        starts=np.frombuffer(starts, np.int64),
        sizes=np.frombuffer(sizes, np.int64),
        checksums=np.frombuffer(checksums, np.int64),
        texts=bytes(texts),
        text_ends=np.frombuffer(ends, np.int64),
    )


def _decoded(data: bytes | Exception, row: ShardChunk) -> Audio | AudioError:
    try:
        return decoded(data, row.crc32, row.size)
    except AudioError as error:
        return error


@dataclass(frozen=True, eq=False)
class Shelves:
    """The set of each chunk and its shard in the set, -1 for chunks that lie in no shard."""

    sets: NDArray[np.int32]
    shards: NDArray[np.int32]

    @classmethod
    def of(cls, rows: Sequence[SetChunk]) -> Shelves | None:
        """Those of chunks; None where no set is in shards."""
        parts = parts_of(rows)
        if not any(isinstance(part, ShardRows) for part in parts):
            return None
        sets = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])
        loose = (part.shards if isinstance(part, ShardRows) else np.full(len(part), -1, np.int32) for part in parts)
        return cls(sets, np.concatenate(list(loose)))

    def order(self, chunks: Sequence[int], buffer: int, seed: str) -> list[int]:
        """Chunks in random order, so that those of `buffer` shards of a set come together, as from a buffer.

        Sets are mixed evenly. An index past the last chunk means the same chunks again, which come in another round.
        A shard's place depends on the seed alone, so that what is left of an epoch keeps its order of shards.
        """
        indices = np.asarray(chunks, np.int64)
        shuffler = random.Random(seed)
        places = np.array([shuffler.random() for _ in chunks])
        rounds, own = np.divmod(indices, len(self.sets))
        for number in np.unique(self.sets):
            of_set = (self.sets[own] == number) & (self.shards[own] >= 0)
            if of_set.any():
                shelves = np.stack([rounds[of_set], self.shards[own[of_set]]], axis=1)
                places[of_set] = _places(shelves, places[of_set], buffer, f"{seed} {number}")
        order: list[int] = indices[np.lexsort((indices, places))].tolist()
        return order


def _places(shelves: NDArray[np.int64], places: NDArray[np.float64], buffer: int, seed: str) -> NDArray[np.float64]:
    """A place from 0 to 1 for each chunk of a set, given its round and shard, and its place in the buffer."""
    known, kind = np.unique(shelves, axis=0, return_inverse=True)
    by_chance = [(again, random.Random(f"{seed} {again} {shard}").random()) for again, shard in known.tolist()]
    rank = np.empty(len(known), np.int64)
    rank[sorted(range(len(known)), key=by_chance.__getitem__)] = np.arange(len(known))
    window = rank[kind.ravel()] // max(buffer, 1)
    counts = np.bincount(window)
    begins = np.cumsum(counts) - counts
    within: NDArray[np.float64] = (begins[window] + places * counts[window]) / len(places)
    return within
