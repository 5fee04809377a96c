"""The chunks of a manifest in random order, without the manifest in memory."""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator
from pathlib import Path

from lyricsrec.base.reading.input_files import open_input, rows_of
from lyricsrec.base.reading.json_text import load_object
from lyricsrec.dataset.manifest import ChunkRow, chunk_from_dict, chunks_to_learn


class ShuffledManifest:
    """The chunks of a manifest in an order that depends on `seed` alone; 8 bytes of memory for each.

    Raises DataError if it is not a manifest of chunks, or holds songs of the test split.
    """

    def __init__(self, path: Path, seed: int) -> None:
        self._path = path
        # Every row is checked before anything is written.
        count = sum(1 for _ in chunks_to_learn(path))
        self._places = array("q")
        place = 0
        with open_input(path) as file:
            for line in rows_of(file):
                self._places.append(place)
                place += len(line)
        order = list(range(count))
        random.Random(f"{seed} {path.stem}").shuffle(order)
        self._order = array("q", order)

    def __len__(self) -> int:
        return len(self._order)

    def rows(self, first: int = 0) -> Iterator[ChunkRow]:
        """The chunks from a place in the order on. Raises OSError when the manifest vanishes."""
        with open_input(self._path) as file:
            for number in self._order[first:]:
                file.seek(self._places[number])
                yield chunk_from_dict(load_object(file.readline()))
