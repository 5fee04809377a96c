"""Results of a catalogue as tables: songs, lines and words, in Parquet, CSV or JSON lines."""

from __future__ import annotations

import contextlib
import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.base.output import display_name, replacing
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.catalogue.songs import Job, recall
from lyricsrec.catalogue.store.folder import Setup
from lyricsrec.catalogue.store.ledger import DONE, Ledger, SongRecord
from lyricsrec.lyrics.transcript import SCHEMA, Transcript

Row = dict[str, Any]

_TEXT, _NUMBER, _COUNT = "string", "float64", "int64"
COLUMNS: dict[str, dict[str, str]] = {
    "songs": {
        "key": _TEXT, "path": _TEXT, "copies": _TEXT, "status": _TEXT, "error": _TEXT, "message": _TEXT,
        "title": _TEXT, "artist": _TEXT, "album": _TEXT, "language": _TEXT, "duration_s": _NUMBER,
        "num_lines": _COUNT, "num_words": _COUNT, "text": _TEXT, "seconds": _NUMBER, "result": _TEXT,
    },
    "lines": {
        "key": _TEXT, "line": _COUNT, "start_s": _NUMBER, "end_s": _NUMBER, "text": _TEXT, "singers": _TEXT,
        "role": _TEXT, "score": _NUMBER, "band": _TEXT,
    },
    "words": {
        "key": _TEXT, "line": _COUNT, "word": _COUNT, "text": _TEXT, "start_s": _NUMBER, "end_s": _NUMBER,
        "confidence": _NUMBER,
    },
}  # fmt: skip
"""The columns of each table with their types. `key` joins them; `line` and `word` count from 0."""

_BATCH = 5000


def export(setup: Setup, folder: Path, form: str, progress: Progress = SILENT) -> list[Path]:
    """Write the tables of a setup into a folder; each appears when it is complete. Memory does not grow.

    Raises UsageError for an unknown format or a library that is missing, DataError for a damaged result, OutputError.
    """
    if form not in WRITERS:
        raise UsageError(f"unknown format '{form}'", f"Known formats: {', '.join(WRITERS)}.")
    songs, ledger = recall(setup), Ledger(setup.ledger).refresh()
    paths = {name: folder / f"{name}.{form}" for name in COLUMNS}
    with contextlib.ExitStack() as stack:
        writers = {
            name: stack.enter_context(WRITERS[form](stack.enter_context(replacing(path)), COLUMNS[name]))
            for name, path in paths.items()
        }
        for number, job in enumerate(songs.jobs, 1):
            for name, rows in _rows_of(job, setup, ledger.record(job.key)).items():
                writers[name](rows)
            progress.update("exporting", number, len(songs.jobs))
        writers["songs"](_unreadable(songs.unreadable))
    return list(paths.values())


def _rows_of(job: Job, setup: Setup, record: SongRecord) -> dict[str, list[Row]]:
    path = setup.result_of(job.key)
    is_done = path.is_file()
    song: Row = {
        "key": job.key,
        "path": job.path,
        "copies": "\n".join(job.copies) or None,
        "status": DONE if is_done else record.status or "left",
        "error": None if is_done else record.kind or None,
        "message": None if is_done else record.message or None,
        "seconds": record.seconds or None,
        "result": str(path) if is_done else None,
    }
    if not is_done:
        return {"songs": [song]}
    found = _read(path)
    if not isinstance(found, Transcript):
        return {"songs": [{**song, "duration_s": found.get("duration_s")}]}
    language = found.provenance.language
    song |= {"title": found.tags.title, "artist": found.tags.artist, "album": found.tags.album, "language": language}
    song |= {"duration_s": found.duration_s, "text": found.text}
    song |= {"num_lines": len(found.lines), "num_words": len(found.words)}
    return {"songs": [song], "lines": list(_lines(job.key, found)), "words": list(_words(job.key, found))}


def _read(path: Path) -> Transcript | Mapping[str, Any]:
    """A transcript, or the values of another result."""
    try:
        values = json.loads(path.read_text("utf-8"))
        return Transcript.from_document(values) if values.get("schema") == SCHEMA else dict(values)
    except (OSError, ValueError, AttributeError) as error:
        raise DataError(f"{display_name(path)}: a damaged result ({error})", "Delete it, and run again.") from None


def _lines(key: str, transcript: Transcript) -> Iterator[Row]:
    for number, line in enumerate(transcript.lines):
        placement = line.placement
        yield {
            "key": key,
            "line": number,
            "start_s": line.start_s,
            "end_s": line.end_s,
            "text": line.text,
            "singers": ", ".join(line.singers) or None,
            "role": line.role,
            "score": placement.score if placement is not None else None,
            "band": placement.band if placement is not None else None,
        }


def _words(key: str, transcript: Transcript) -> Iterator[Row]:
    for number, line in enumerate(transcript.lines):
        for position, word in enumerate(line.words):
            yield {
                "key": key,
                "line": number,
                "word": position,
                "text": word.text,
                "start_s": word.start_s,
                "end_s": word.end_s,
                "confidence": word.confidence,
            }


def _unreadable(problems: Mapping[str, str]) -> list[Row]:
    return [
        {"path": path, "status": "unreadable", "error": "Unreadable", "message": problem}
        for path, problem in problems.items()
    ]


Write = Callable[[Sequence[Row]], None]


@contextlib.contextmanager
def _csv(path: Path, columns: Mapping[str, str]) -> Iterator[Write]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns))
        writer.writeheader()
        yield writer.writerows


@contextlib.contextmanager
def _json_lines(path: Path, columns: Mapping[str, str]) -> Iterator[Write]:
    with path.open("w", encoding="utf-8") as file:
        yield lambda rows: _dump(file, rows, columns)


def _dump(file: TextIO, rows: Sequence[Row], columns: Mapping[str, str]) -> None:
    for row in rows:
        file.write(json.dumps({name: row.get(name) for name in columns}, ensure_ascii=False) + "\n")


@contextlib.contextmanager
def _parquet(path: Path, columns: Mapping[str, str]) -> Iterator[Write]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise UsageError("Parquet needs pyarrow", "pip install 'lyricsrec[catalogue]', or --format csv.") from None
    schema = pa.schema([(name, getattr(pa, kind)()) for name, kind in columns.items()])
    waiting: list[Row] = []
    with parquet.ParquetWriter(path, schema) as writer:

        def write(rows: Sequence[Row], least: int = _BATCH) -> None:
            waiting.extend(rows)
            if len(waiting) >= least:
                writer.write_table(pa.Table.from_pylist(waiting, schema))
                waiting.clear()

        yield write
        write((), least=1)


WRITERS: dict[str, Callable[[Path, Mapping[str, str]], contextlib.AbstractContextManager[Write]]] = {
    "parquet": _parquet,
    "csv": _csv,
    "jsonl": _json_lines,
}
"""How a table is written, by the format: one more is a function and a line here."""
