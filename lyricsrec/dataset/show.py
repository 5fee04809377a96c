"""Statistics of manifests, and single chunks exported as audio, text and picture."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import replacing, write_text
from lyricsrec.dataset.chunk_audio import read_chunk, write_flac
from lyricsrec.dataset.manifest import ChunkRow, is_song_manifest, read_chunks, read_songs

_MOST_SHOWN = 10


class Spread(NamedTuple):
    """The spread of a figure over all chunks."""

    name: str
    minimum: float
    median: float
    maximum: float


@dataclass(frozen=True)
class Statistics:
    """Figures of a manifest: totals (name, number), the spread of figures per chunk, and counts by title."""

    totals: list[tuple[str, float]]
    spread: list[Spread] = field(default_factory=list)
    counts: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    def to_json(self) -> str:
        """The figures as JSON text."""
        document: dict[str, Any] = dict(self.totals)
        if self.spread:
            document["per chunk"] = {
                row.name: {"min": row.minimum, "median": row.median, "max": row.maximum} for row in self.spread
            }
        document |= {title: dict(rows) for title, rows in self.counts.items()}
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def statistics(manifest: Path) -> Statistics:
    """Statistics of a manifest of chunks or songs. Raises DataError if it is not a manifest."""
    return _song_statistics(manifest) if is_song_manifest(manifest) else _chunk_statistics(manifest)


def choose(manifest: Path, wanted: Sequence[str], *, sample: int, seed: int) -> list[ChunkRow]:
    """The chunks with the ids or numbers `wanted`, then `sample` random others.

    Raises UsageError for an unknown chunk, DataError if it is not a manifest of chunks.
    """
    if is_song_manifest(manifest):
        raise UsageError(f"{manifest} holds whole songs", "Chunks are in train.jsonl, validation.jsonl and test.jsonl.")
    rows = list(read_chunks(manifest))
    by_id = {row.chunk_id: number for number, row in enumerate(rows)}
    numbers = []
    for name in wanted:
        number = by_id.get(name, int(name) if name.isdecimal() else -1)
        if not 0 <= number < len(rows):
            raise UsageError(f"no chunk '{name}' in {manifest}", f"Give an id, or a number from 0 to {len(rows) - 1}.")
        numbers.append(number)
    numbers += random.Random(seed).sample(range(len(rows)), min(sample, len(rows)))
    return [rows[number] for number in dict.fromkeys(numbers)]


def write_chunk(row: ChunkRow, folder: Path, output: Path) -> list[Path]:
    """Write a chunk of a manifest in `folder` as FLAC, text and PNG; returns the paths.

    Raises AudioError if its audio cannot be read, OutputError if a file cannot be written.
    """
    from lyricsrec.dataset.preparation.plots import write_chunk_picture

    audio = read_chunk(row, folder)
    paths = [output / f"{row.chunk_id}{suffix}" for suffix in (".flac", ".txt", ".png")]
    write_flac(paths[0], audio)
    write_text(paths[1], row.text + "\n")
    with replacing(paths[2]) as temporary:
        write_chunk_picture(temporary, row, audio)
    return paths


def _chunk_statistics(manifest: Path) -> Statistics:
    lengths: list[float] = []
    words: list[int] = []
    songs: set[str] = set()
    muted_s = 0.0
    vocabulary: Counter[str] = Counter()
    letters: Counter[str] = Counter()
    for row in read_chunks(manifest):
        lengths.append(row.duration_s)
        words.append(len(row.words))
        songs.add(row.song_id)
        muted_s += sum(end - start for start, end in row.mute)
        vocabulary.update(row.text.split())
        letters.update(row.text.replace(" ", ""))
    totals = [
        ("songs", len(songs)),
        ("chunks", len(lengths)),
        ("words", sum(words)),
        ("different words", len(vocabulary)),
        ("hours", round(sum(lengths) / 3600, 4)),
        ("muted seconds", round(muted_s, 3)),
    ]
    if not lengths:
        return Statistics(totals)
    rates = np.divide(words, np.maximum(lengths, 1e-3))
    spread = [_spread(name, v) for name, v in (("seconds", lengths), ("words", words), ("words a second", rates))]
    counts = {"Most frequent words": vocabulary.most_common(_MOST_SHOWN), "Letters": sorted(letters.items())}
    return Statistics(totals, spread, counts)


def _song_statistics(manifest: Path) -> Statistics:
    rows = list(read_songs(manifest))
    totals = [
        ("songs", len(rows)),
        ("artists", len({row.artist.casefold() for row in rows})),
        ("words annotated", sum(len(line.words) for row in rows for line in row.lines)),
        ("words in chunks", sum(row.num_words for row in rows)),
        ("hours", round(sum(row.duration_s for row in rows) / 3600, 4)),
    ]
    counts = {
        "Songs by split": sorted(Counter(row.split for row in rows).items()),
        "Songs by language": Counter(row.language or "unknown" for row in rows).most_common(),
    }
    return Statistics(totals, counts=counts)


def _spread(name: str, values: Any) -> Spread:
    minimum, median, maximum = (round(float(figure(values)), 3) for figure in (np.min, np.median, np.max))
    return Spread(name, minimum, median, maximum)
