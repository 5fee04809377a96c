"""The files of a data set in shards, and what its index says of them.

    shards.json         the index: settings, and for each shard its number of chunks, seconds, bytes and checksums
    train-00000.tar     00000000.flac, 00000000.json, ...: the sound of a chunk and its row of a manifest
    train-00000.jsonl   for each chunk: ids, text, length, and where its sound lies in the tar file

The tar files follow the convention of WebDataset, so that other programs can read them from beginning to end.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, field
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Le, Predicate

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import printable
from lyricsrec.base.reading.json_text import load_object
from lyricsrec.base.settings import adapter, problems_of
from lyricsrec.dataset.manifest import ChunkId, SongId
from lyricsrec.dataset.shards.storage import Store

INDEX = "shards.json"
"""File name of the index."""

SCHEMA = 1

_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}-[0-9]{5,9}\.tar")
_LONGEST_S = 1e7
_Count = Annotated[int, Ge(0), Le(2**53)]
_Time = Annotated[float, Ge(-_LONGEST_S), Le(_LONGEST_S)]


@dataclass(frozen=True)
class ShardRow:
    """A chunk in a shard: its ids and text, its length, and the bytes of its sound in the tar file.

    `offset_s` is the time in the song at which the chunk begins.
    """

    __pydantic_config__: ClassVar[dict[str, bool]] = {"allow_inf_nan": False}

    chunk_id: ChunkId
    song_id: SongId
    text: str
    _: KW_ONLY
    offset_s: _Time
    duration_s: Annotated[float, Ge(0), Le(_LONGEST_S)]
    start: _Count
    size: Annotated[int, Ge(1), Le(2**31)]
    crc32: Annotated[int, Ge(0), Le(2**32 - 1)]

    def to_line(self) -> str:
        """The row as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


@dataclass(frozen=True)
class Shard:
    """A tar file; `rows_sha256` is the checksum of the rows beside it, `end` the place of its last chunk in the order
    in which chunks are written, plus one.
    """

    name: Annotated[str, Predicate(lambda name: _NAME.fullmatch(name) is not None)]
    split: str
    chunks: _Count
    _: KW_ONLY
    seconds: Annotated[float, Ge(0)]
    bytes: _Count
    sha256: str
    rows_sha256: str
    end: _Count

    @property
    def rows_name(self) -> str:
        """File name of the rows of its chunks."""
        return self.name.removesuffix(".tar") + ".jsonl"


@dataclass(frozen=True)
class ShardIndex:
    """All shards of a data set, and how they were made; `left_out` names chunks whose sound could not be read."""

    __pydantic_config__: ClassVar[dict[str, bool]] = {"allow_inf_nan": False}

    settings: dict[str, Any]
    shards: tuple[Shard, ...] = ()
    left_out: tuple[str, ...] = ()
    _: KW_ONLY
    complete: bool = False
    schema: int = field(default=SCHEMA)

    def of_split(self, split: str) -> list[Shard]:
        """The shards of a split, in order."""
        return [shard for shard in self.shards if shard.split == split]

    def to_json(self) -> str:
        """The index as JSON, a shard a line, with totals for people."""
        plain = asdict(self)
        shards = ",\n  ".join(json.dumps(shard) for shard in plain.pop("shards"))
        totals = {
            split: {
                "shards": len(own),
                "chunks": sum(shard.chunks for shard in own),
                "hours": round(sum(shard.seconds for shard in own) / 3600, 3),
                "bytes": sum(shard.bytes for shard in own),
            }
            for split in dict.fromkeys(shard.split for shard in self.shards)
            if (own := self.of_split(split))
        }
        head = json.dumps({**plain, "totals": totals}, ensure_ascii=False, indent=1)
        return f'{head[:-2]},\n "shards": [\n  {shards}\n ]\n}}\n'


def parse_index(data: bytes, name: str) -> ShardIndex:
    """The index in a file `name`. Raises DataError for anything else."""
    from pydantic import ValidationError

    try:
        plain = load_object(data)
        plain.pop("totals", None)
        if plain.get("schema") != SCHEMA:
            raise ValueError(f"its schema is {printable(repr(plain.get('schema')))[:40]}, not {SCHEMA}")
        index: ShardIndex = adapter(ShardIndex).validate_python(plain)
    except ValidationError as error:
        raise DataError(f"{name}: not an index of shards ({problems_of(error)})") from None
    except ValueError as error:
        raise DataError(f"{name}: not an index of shards ({error})") from None
    return index


def read_index(store: Store) -> ShardIndex:
    """The index of finished shards. Raises DataError when it is missing, damaged, or not finished."""
    name = f"{store.place}/{INDEX}"
    index = parse_index(store.read(INDEX), name)
    if not index.complete:
        raise DataError(f"{name}: these shards are not finished", "Run `lyricsrec dataset shard` again to finish them.")
    return index


def read_rows(store: Store, shards: Sequence[Shard]) -> Iterator[tuple[int, ShardRow]]:
    """Each chunk of some shards with the number of its shard. Raises DataError that names a damaged or missing file."""
    from pydantic import ValidationError

    for number, shard in enumerate(shards):
        name = f"{store.place}/{shard.rows_name}"
        data = store.read(shard.rows_name)
        if hashlib.sha256(data).hexdigest() != shard.rows_sha256:
            raise DataError(f"{name}: damaged: its checksum is another", "Copy it again from where it was made.")
        try:
            for line in data.splitlines():
                yield number, adapter(ShardRow).validate_python(load_object(line))
        except ValidationError as error:
            raise DataError(f"{name}: not the rows of a shard ({problems_of(error)})") from None
        except ValueError as error:
            raise DataError(f"{name}: not the rows of a shard ({error})") from None
