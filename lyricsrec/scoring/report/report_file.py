"""Reports in JSON: what `score` writes and `score compare` reads, with the words of songs or without."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import DOCUMENT_BYTES, read_bounded, read_input
from lyricsrec.base.settings import adapter
from lyricsrec.formats.read import STDIN
from lyricsrec.scoring.results import Chunk, LineScore, Report, SongScore

SCHEMA = 1
"""The version of the schema of reports."""

DOT = "•"
"""Stands for a word in reports without words."""


@dataclass(frozen=True)
class _Head:
    """The part of a report that all schemas share."""

    schema: int


def to_json(report: Report) -> str:
    """A complete report in JSON."""
    text: str = adapter(Report).dump_json(report, indent=1, by_alias=True).decode("utf-8")
    return text + "\n"


def read_report(path: Path) -> Report:
    """Read a report that `to_json` wrote; `-` is stdin. Raises DataError if it cannot be read or is not a report."""
    from pydantic import ValidationError

    name = "stdin" if str(path) == STDIN else display_name(path)
    try:
        data = (
            read_bounded(sys.stdin.buffer, DOCUMENT_BYTES) if str(path) == STDIN else read_input(path, DOCUMENT_BYTES)
        )
    except OSError as error:
        raise DataError(f"{name}: cannot be read ({error.strerror})") from None
    try:
        number = adapter(_Head).validate_json(data).schema
        if number != SCHEMA:
            raise DataError(
                f"{name}: this report has schema {number}, but this version reads {SCHEMA}",
                "Run `lyricsrec score` again.",
            )
        report: Report = adapter(Report).validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DataError(
            f"{name}: not a report of `lyricsrec score` ({where + ': ' if where else ''}{first['msg']})",
            "Create one with `lyricsrec score ... -o report.json`.",
        ) from None
    return report


def masked(report: Report, keep: Sequence[str]) -> Report:
    """The report with a dot for each word, except in the songs to keep, which are given by id or title.

    Comparisons still list single words. Raises UsageError if a song to keep is not in the report.
    """
    known = {name for system in report.systems for song in system.songs for name in (song.song_id, song.title)}
    missing = [name for name in keep if name not in known]
    if missing:
        raise UsageError(f"--words-of: no song '{missing[0]}' in the report", "Give its id or title as in the report.")
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
