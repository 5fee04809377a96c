"""Reports without the words of songs: all figures, and nothing that somebody else has a right to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lyricsrec.base.errors import UsageError
from lyricsrec.scoring.results import Chunk, LineScore, Report, SongScore

DOT = "•"
"""What stands for a word."""


def masked(report: Report, keep: Sequence[str]) -> Report:
    """The report with a dot for every word, but for songs that are kept, by id or title.

    Comparisons still name single words, which are nobody's.

    Raises UsageError when a song that is to be kept is not there.
    """
    known = {name for system in report.systems for song in system.songs for name in (song.song_id, song.title)}
    missing = [name for name in keep if name not in known]
    if missing:
        raise UsageError(f"--words-of: no song is called '{missing[0]}'", "Give its id or title as the report has it.")
    systems = (
        replace(system, songs=tuple(_masked(song) if _hidden(song, keep) else song for song in system.songs))
        for system in report.systems
    )
    return replace(report, systems=tuple(systems))


def _hidden(song: SongScore, keep: Sequence[str]) -> bool:
    return song.song_id not in keep and song.title not in keep


def _masked(song: SongScore) -> SongScore:
    return replace(song, lines=tuple(_masked_line(line) for line in song.lines))


def _masked_line(line: LineScore) -> LineScore:
    chunks = (Chunk(chunk.kind, (DOT,) * len(chunk.reference), (DOT,) * len(chunk.hypothesis)) for chunk in line.chunks)
    return replace(line, chunks=tuple(chunks))
