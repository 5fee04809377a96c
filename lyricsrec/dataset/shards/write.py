"""Makes shards of a data set: deterministic, each complete or not there, continued after an interruption."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zlib
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import KW_ONLY, asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Le, MinLen

from lyricsrec.base.cache import content_digest
from lyricsrec.base.device import num_cores
from lyricsrec.base.errors import AudioError, DataError, OutputError, UsageError
from lyricsrec.base.output import beside, check_writable, display_name, publish, sweep, write_bytes, write_text
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.base.reading.input_files import read_input
from lyricsrec.base.settings import Seed, Settings, check
from lyricsrec.base.workers import worker_pool
from lyricsrec.dataset.manifest import ChunkRow, to_line
from lyricsrec.dataset.shards.encoding import chunk_as_flac
from lyricsrec.dataset.shards.index import INDEX, Shard, ShardIndex, ShardRow, parse_index
from lyricsrec.dataset.shards.order import ShuffledManifest
from lyricsrec.lyrics.transcript import Word

MIB = 1 << 20
"""Bytes in the unit in which sizes of shards are given."""

_BATCH = 8
_INDEX_BYTES = 1 << 28
_AGAIN = "Finished shards are kept: run it again to continue."


@dataclass(frozen=True)
class ShardConfig(Settings):
    """How shards are made: tar files of at most `shard_mib` MiB, whose chunks are shuffled by `seed`."""

    splits: Annotated[tuple[str, ...], MinLen(1)] = ("train", "validation")
    shard_mib: Annotated[int, Ge(1), Le(1 << 20)] = 256
    seed: Seed = 0


@dataclass(frozen=True)
class _Chunk:
    """A chunk in the order of writing; `sound` is its FLAC file, or empty where there is a `problem`."""

    place: int
    row: ChunkRow
    _: KW_ONLY
    sound: bytes
    problem: str


def make_shards(
    dataset: Path, output: Path, config: ShardConfig, *, workers: int | None = None, progress: Progress = SILENT
) -> ShardIndex:
    """Make shards of a data set, or continue where an earlier call was interrupted; returns their index.

    Chunks whose sound cannot be read are left out and named in the index. Raises DataError when a manifest is missing
    or invalid or no chunk can be read, UsageError where there are other shards, OutputError when files cannot be
    written; shards that were finished stay.
    """
    check(config)
    manifests = {split: dataset / f"{split}.jsonl" for split in config.splits}
    for path in manifests.values():
        if not path.is_file():
            raise DataError(f"{display_name(path)}: no such manifest", "Name those that exist with --split.")
    orders = {split: ShuffledManifest(path, config.seed) for split, path in manifests.items()}
    digests = {split: content_digest(path) for split, path in manifests.items()}
    settings = {**asdict(config), "splits": list(config.splits), "manifests": digests}
    check_writable(output)
    sweep(output)
    index = _begun(output, settings)
    try:
        for split, order in orders.items():
            todo = _Job(output, dataset, split, config=config, order=order, workers=workers or num_cores())
            index = _written(todo, index, progress)
    except BrokenProcessPool:
        raise DataError("a worker process died while reading chunks", _AGAIN) from None
    except OutputError as error:
        raise OutputError(str(error), _AGAIN) from None
    if not index.shards:
        raise DataError(f"{display_name(dataset)}: none of its chunks can be read", "Check that its songs are there.")
    index = replace(index, complete=True)
    write_text(output / INDEX, index.to_json())
    return index


def _begun(output: Path, settings: dict[str, Any]) -> ShardIndex:
    """The index of an interrupted call with the same settings, or a new one."""
    path = output / INDEX
    if not path.exists():
        if any(output.glob("*.tar")):
            raise UsageError(f"{display_name(output)} contains other tar files", "Choose another --output.")
        return ShardIndex(settings)
    try:
        index = parse_index(read_input(path, _INDEX_BYTES), display_name(path))
    except OSError as error:
        raise DataError(f"{display_name(path)}: cannot be read ({error.strerror})") from None
    if index.complete:
        raise UsageError(f"{display_name(output)} already contains shards", "Choose another --output.")
    if index.settings != settings:
        raise UsageError(
            f"{display_name(output)} contains unfinished shards of other data or settings",
            "Finish them as they were begun, or choose another --output.",
        )
    kept = tuple(shard for shard in index.shards if _is_whole(output, shard))
    return replace(index, shards=kept) if kept == index.shards else ShardIndex(settings)


def _is_whole(output: Path, shard: Shard) -> bool:
    tar, rows = output / shard.name, output / shard.rows_name
    return rows.is_file() and tar.is_file() and tar.stat().st_size == shard.bytes


@dataclass(frozen=True, eq=False)
class _Job:
    """What is needed to write the shards of a split."""

    output: Path
    dataset: Path
    split: str
    _: KW_ONLY
    config: ShardConfig
    order: ShuffledManifest
    workers: int


def _written(job: _Job, index: ShardIndex, progress: Progress) -> ShardIndex:
    """Write the missing shards of a split, and the index after each; returns the index."""
    before = index.of_split(job.split)
    first = before[-1].end if before else 0
    if first:
        progress.note(f"{job.split}: {first} chunks are already in shards")
    left_out = list(index.left_out)
    # Ends the processes that read chunks, also after an error.
    with closing(_readable(job, first, left_out, progress)) as readable:
        chunks = _Ahead(readable)
        number = len(before)
        while chunks.next is not None:
            shard = _write_shard(job, number, chunks)
            index = replace(index, shards=(*index.shards, shard), left_out=tuple(dict.fromkeys(left_out)))
            write_text(job.output / INDEX, index.to_json())
            number += 1
    return replace(index, left_out=tuple(dict.fromkeys(left_out)))


def _readable(job: _Job, first: int, left_out: list[str], progress: Progress) -> Generator[_Chunk]:
    """The chunks from a place on; those that cannot be read are named instead."""
    for chunk in _encoded(job, first):
        progress.update(f"{job.split} chunks", chunk.place + 1, len(job.order))
        if chunk.sound:
            yield chunk
            continue
        progress.warn(f"{chunk.row.chunk_id} is left out: {chunk.problem}")
        left_out.append(chunk.row.chunk_id)


class _Ahead:
    """An iterator whose next item, None at the end, can be looked at."""

    def __init__(self, chunks: Iterator[_Chunk]) -> None:
        self._chunks = chunks
        self.next = next(chunks, None)

    def take(self) -> None:
        """Go on to the next item."""
        self.next = next(self._chunks, None)


def _write_shard(job: _Job, number: int, chunks: _Ahead) -> Shard:
    """Write as many chunks as fit into a shard, at least one; first its rows get their name, then the tar file."""
    rows: list[ShardRow] = []
    path, limit, end = job.output / f"{job.split}-{number:05d}.tar", job.config.shard_mib * MIB, 0
    with beside(path) as temporary:
        with tarfile.open(temporary, "w", format=tarfile.USTAR_FORMAT) as tar:
            while (chunk := chunks.next) is not None and (not rows or _end(tar, len(chunk.sound)) <= limit):
                rows.append(_add(tar, chunk))
                end = chunk.place + 1
                chunks.take()
        with temporary.open("rb") as file:
            checksum, size = hashlib.file_digest(file, "sha256").hexdigest(), file.seek(0, 2)
        text = "".join(row.to_line() for row in rows).encode()
        shard = Shard(
            path.name,
            job.split,
            len(rows),
            seconds=round(sum(row.duration_s for row in rows), 3),
            bytes=size,
            sha256=checksum,
            rows_sha256=hashlib.sha256(text).hexdigest(),
            end=end,
        )
        write_bytes(job.output / shard.rows_name, text)
        publish(temporary, path)
    return shard


def _end(tar: tarfile.TarFile, size: int) -> int:
    """About where a tar file would end with one more chunk."""
    return int(tar.offset) + size + 4 * tarfile.BLOCKSIZE


def _add(tar: tarfile.TarFile, chunk: _Chunk) -> ShardRow:
    """Write a chunk into a tar file: its sound, and its row as that of a file with this sound alone."""
    name, row = f"{chunk.place:08d}", chunk.row
    length_s, begin_s = round(row.duration_s, 3), round(row.start_s + row.offset_s, 3)
    words = tuple(Word(word.text, _earlier(word.start_s, row), _earlier(word.end_s, row)) for word in row.words)
    own = replace(row, audio=f"{name}.flac", start_s=0.0, end_s=length_s, offset_s=begin_s, words=words, mute=())
    start = int(tar.offset) + tarfile.BLOCKSIZE
    for suffix, data in (("flac", chunk.sound), ("json", to_line(own.to_dict()).encode())):
        member = tarfile.TarInfo(f"{name}.{suffix}")
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    return ShardRow(
        row.chunk_id,
        row.song_id,
        row.text,
        offset_s=begin_s,
        duration_s=length_s,
        start=start,
        size=len(chunk.sound),
        crc32=zlib.crc32(chunk.sound),
    )


def _earlier(time_s: float | None, row: ChunkRow) -> float | None:
    return None if time_s is None else round(time_s - row.start_s, 3)


def _encoded(job: _Job, first: int) -> Iterator[_Chunk]:
    """The chunks from a place on, in order, read by several processes; only a few are in memory at a time."""
    rows = job.order.rows(first)
    batches = iter(lambda: list(islice(rows, _BATCH)), [])
    place = first
    for chunks in _computed(job, batches):
        for row, sound, problem in chunks:
            yield _Chunk(place, row, sound=sound, problem=problem)
            place += 1


_Encoded = list[tuple[ChunkRow, bytes, str]]


def _computed(job: _Job, batches: Iterator[list[ChunkRow]]) -> Iterator[_Encoded]:
    if job.workers <= 1 or len(job.order) <= _BATCH:
        yield from (_encode(batch, job.dataset) for batch in batches)
        return
    waiting: deque[Future[_Encoded]] = deque()
    with worker_pool(job.workers, _begin) as pool:
        for batch in batches:
            waiting.append(pool.submit(_encode, batch, job.dataset))
            if len(waiting) > 2 * job.workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _begin() -> None:
    """Begin in a process that reads chunks."""


def _encode(rows: list[ChunkRow], folder: Path) -> _Encoded:
    """Each chunk with its FLAC file, or with what is wrong."""
    encoded = []
    for row in rows:
        try:
            encoded.append((row, chunk_as_flac(row, folder), ""))
        except AudioError as error:
            encoded.append((row, b"", str(error)))
    return encoded
