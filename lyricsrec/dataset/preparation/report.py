"""The report on a prepared data set: songs and words by split, and those left out by reason."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, field
from pathlib import Path
from typing import Any

from lyricsrec.dataset.preparation.chunks import NO_NUMBER, WORD_REASONS
from lyricsrec.dataset.preparation.settings import DatasetConfig
from lyricsrec.dataset.preparation.song import LOW_NCC, SONG_REASONS, SongSummary
from lyricsrec.dataset.preparation.split import SPLITS

SCHEMA = 1
"""Number of the schema of `report.json`."""


_LABELS = {NO_NUMBER: "missing or invalid time", LOW_NCC: "NCC below the minimum"}


def reason_label(reason: str) -> str:
    """A reason for leaving out a song or a word, as it is shown to people."""
    return _LABELS.get(reason, reason)


@dataclass
class SplitTotals:
    """Totals of a split. `chunk_s` and `words_per_s` have one value per chunk, `ncc` one per song with a known NCC."""

    num_songs: int = 0
    num_ground_truth: int = 0
    num_words: int = 0
    _: KW_ONLY
    chunk_s: list[float] = field(default_factory=list)
    words_per_s: list[float] = field(default_factory=list)
    ncc: list[float] = field(default_factory=list)

    @property
    def num_chunks(self) -> int:
        """Number of chunks in the split."""
        return len(self.chunk_s)

    @property
    def hours(self) -> float:
        """Total length of its chunks."""
        return sum(self.chunk_s) / 3600


@dataclass(frozen=True)
class LeftOut:
    """A song that is not used, and the reason."""

    song_id: str
    file: str
    artist: str
    _: KW_ONLY
    title: str
    reason: str
    detail: str | None


@dataclass(frozen=True)
class DatasetReport:
    """The result of a preparation.

    `dropped` counts words by reason; all words of a song that was left out count under the reason of the song.
    `duplicates` are groups of ids with the same artist and title. `problems` are rows that were not read, by file.
    """

    config: DatasetConfig
    splits: Mapping[str, SplitTotals]
    left_out: Sequence[LeftOut]
    _: KW_ONLY
    num_songs: int
    num_words: int
    dropped: Counter[str]
    duplicates: Sequence[Sequence[str]]
    problems: Mapping[str, Sequence[str]]

    @property
    def num_kept(self) -> int:
        """Number of words in the chunks."""
        return sum(totals.num_words for totals in self.splits.values())

    @property
    def adds_up(self) -> bool:
        """Whether kept and dropped words sum up to the annotated ones."""
        return self.num_kept + self.dropped.total() == self.num_words

    @property
    def left_out_by_reason(self) -> dict[str, int]:
        """Number of songs left out for each reason, in the order in which reasons are checked."""
        count = Counter(song.reason for song in self.left_out)
        return {reason: count[reason] for reason in SONG_REASONS if count[reason]}

    @property
    def dropped_by_reason(self) -> dict[str, int]:
        """Number of words dropped for each reason: reasons of words first, then those of songs."""
        return {reason: self.dropped[reason] for reason in (*WORD_REASONS, *SONG_REASONS) if self.dropped[reason]}

    def to_json(self) -> str:
        """The text of `report.json`, described in docs/reference/manifests.md."""
        document: dict[str, Any] = {
            "schema": SCHEMA,
            "settings": asdict(self.config) | {"exclude": sorted(self.config.exclude)},
            "songs": {
                "annotated": self.num_songs,
                "used": sum(totals.num_songs for totals in self.splits.values()),
                "ground_truth": sum(totals.num_ground_truth for totals in self.splits.values()),
                "left_out": self.left_out_by_reason,
            },
            "splits": {
                name: {
                    "songs": totals.num_songs,
                    "chunks": totals.num_chunks,
                    "words": totals.num_words,
                    "hours": round(totals.hours, 4),
                }
                for name, totals in self.splits.items()
            },
            "words": {
                "annotated": self.num_words,
                "kept": self.num_kept,
                "dropped": self.dropped_by_reason,
                "kept_plus_dropped": self.num_kept + self.dropped.total(),
                "adds_up": self.adds_up,
            },
            "same_song": [list(ids) for ids in self.duplicates],
            "left_out": [asdict(song) for song in self.left_out],
            "problems": {file: list(problems) for file, problems in self.problems.items()},
        }
        return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


class ReportBuilder:
    """Collects what the report needs, song by song; the splits are assigned at the end."""

    def __init__(self, config: DatasetConfig) -> None:
        self.splits: dict[str, str] = {}
        self.used: dict[Path, str] = {}
        self._config = config
        self._songs: dict[str, SplitTotals] = {}
        self._left_out: list[LeftOut] = []
        self._num_words = 0
        self._num_songs = 0
        self._dropped: Counter[str] = Counter()
        self._problems: dict[str, Sequence[str]] = {}
        self._duplicates: Sequence[Sequence[str]] = ()

    def add(self, file: Path, song: SongSummary) -> None:
        """Add a song, used or left out."""
        self._num_songs += 1
        self._num_words += song.num_annotated
        self._dropped += song.dropped
        if song.problems:
            # Many songs are called song.txt or notes.txt.
            self._problems[f"{file.parent.name}/{song.file}"] = tuple(song.problems)
        if song.left_out is not None:
            self._left_out.append(
                LeftOut(
                    song.song_id, song.file, song.artist, title=song.title, reason=song.left_out, detail=song.detail
                )
            )
            return
        self.used[file] = song.song_id
        self._songs[song.song_id] = SplitTotals(
            num_songs=1,
            num_ground_truth=int(song.is_ground_truth),
            num_words=sum(song.chunk_words),
            chunk_s=list(song.chunk_s),
            words_per_s=[n / max(s, 0.001) for n, s in zip(song.chunk_words, song.chunk_s, strict=True)],
            ncc=[] if song.ncc is None else [song.ncc],
        )

    def assign(self, splits: Mapping[str, str], duplicates: Sequence[Sequence[str]]) -> None:
        """Set the split of every used song, and the groups of songs that are the same."""
        self.splits = dict(splits)
        self._duplicates = duplicates

    def report(self) -> DatasetReport:
        """The report on all songs added so far."""
        totals: dict[str, SplitTotals] = defaultdict(SplitTotals, {split: SplitTotals() for split in SPLITS})
        for song_id in sorted(self._songs):
            song, split = self._songs[song_id], totals[self.splits[song_id]]
            split.num_songs += 1
            split.num_ground_truth += song.num_ground_truth
            split.num_words += song.num_words
            split.chunk_s += song.chunk_s
            split.words_per_s += song.words_per_s
            split.ncc += song.ncc
        report = DatasetReport(
            self._config,
            dict(totals),
            sorted(self._left_out, key=lambda song: (song.song_id, song.file)),
            num_songs=self._num_songs,
            num_words=self._num_words,
            dropped=self._dropped,
            duplicates=self._duplicates,
            problems=dict(sorted(self._problems.items())),
        )
        assert report.adds_up, "kept and dropped words do not sum up to the annotated words"
        return report
