"""The songs of a report with the scores of all systems, and their lines side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lyricsrec.scoring.results import LineScore, Report, SongScore


@dataclass(frozen=True)
class SongRow:
    """A song and its score by each system, None where a system lacks it. `anchor` is the song's id in the page."""

    anchor: str
    scores: tuple[SongScore | None, ...]

    @property
    def any_score(self) -> SongScore:
        """A score for what all systems share: title, language, number of words, duration."""
        return next(score for score in self.scores if score is not None)

    @property
    def title(self) -> str:
        """The title, or the id if there is no title."""
        return self.any_score.title or self.any_score.song_id


@dataclass(frozen=True)
class LineRow:
    """A line of a reference, and its scores by the number of the system in the report."""

    reference: tuple[str, ...]
    start_s: float | None
    scores: tuple[tuple[int, LineScore], ...]

    @property
    def is_right(self) -> bool:
        """Whether no system made an error in it."""
        return all(chunk.kind == "equal" for _, line in self.scores for chunk in line.chunks)


def songs_of(report: Report) -> tuple[SongRow, ...]:
    """Every song of any system, in the order of the first system that has it."""
    by_id = [{song.song_id: song for song in system.songs} for system in report.systems]
    ids = dict.fromkeys(song_id for songs in by_id for song_id in songs)
    anchors: dict[str, int] = {}
    rows = []
    for song_id in ids:
        slug = re.sub(r"\W+", "-", song_id).strip("-")
        number = anchors[slug] = anchors.get(slug, 0) + 1
        # Unique, because slugs contain no dot.
        anchor = f"song-{slug}" if number == 1 else f"song-{slug}.{number}"
        rows.append(SongRow(anchor, tuple(songs.get(song_id) for songs in by_id)))
    return tuple(rows)


def lines_of(song: SongRow) -> Iterator[tuple[LineRow, ...]]:
    """The song's lines, once for each group of systems with the same reference lines: usually a single group."""
    groups: dict[tuple[tuple[str, ...], ...], list[tuple[int, SongScore]]] = {}
    for number, score in enumerate(song.scores):
        if score is not None:
            groups.setdefault(tuple(_reference(line) for line in score.lines), []).append((number, score))
    for references, members in groups.items():
        yield tuple(
            LineRow(words, members[0][1].lines[i].start_s, tuple((n, score.lines[i]) for n, score in members))
            for i, words in enumerate(references)
        )


def _reference(line: LineScore) -> tuple[str, ...]:
    return tuple(word for chunk in line.chunks for word in chunk.reference)
