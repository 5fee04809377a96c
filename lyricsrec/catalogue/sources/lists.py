"""Lists of songs: text, CSV, JSON lines and Parquet.

A table has a column with the path of each song (`path`, `song`, `audio` or `file`) and may have one with the text of
its lyrics (`lyrics`) or with the path of a file of them (`lyrics_path`). Paths are relative to the folder of the list.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import open_input, rows_of
from lyricsrec.catalogue.sources.entry import Entry

PATH_COLUMNS = ("path", "song", "audio", "file")
_LYRICS, _LYRICS_PATH = "lyrics", "lyrics_path"
_HINT = f"A table of songs has a column with their paths: {', '.join(PATH_COLUMNS)}."

Row = Mapping[str, Any]


def is_list(path: Path) -> bool:
    """Whether a file is a list of songs, by its ending."""
    return path.suffix.lower() in READERS


def read_list(path: Path) -> Iterator[Entry]:
    """The songs of a list. Raises DataError when it cannot be read, UsageError for Parquet without pyarrow."""
    name = display_name(path)
    try:
        for row in READERS[path.suffix.lower()](path):
            yield _entry(row, path.parent, name)
    except OSError as error:
        raise DataError(f"{name}: cannot be read ({error.strerror or error})") from None
    except (ValueError, csv.Error, RecursionError) as error:
        raise DataError(f"{name}: not a list of songs ({error})") from None


def _entry(row: Row, folder: Path, name: str) -> Entry:
    song = next((row[column] for column in PATH_COLUMNS if row.get(column)), None)
    if not isinstance(song, str):
        raise DataError(f"{name}: a row without the path of a song", _HINT)
    lyrics, file = row.get(_LYRICS) or None, row.get(_LYRICS_PATH) or None
    if not isinstance(lyrics, str | None) or not isinstance(file, str | None):
        raise DataError(f"{name}: lyrics that are not text, of {display_name(Path(song))}")
    return Entry(_below(folder, song), lyrics=lyrics, lyrics_path=_below(folder, file) if file else None)


def _below(folder: Path, path: str) -> str:
    return os.path.abspath(os.path.join(folder, os.path.expanduser(path)))  # noqa: PTH100, PTH111, PTH118


def _read_text(path: Path) -> Iterator[Row]:
    with open_input(path) as file:
        for row in rows_of(file):
            # Names of files need not be UTF-8.
            if song := os.fsdecode(row.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")).strip():
                yield {"path": song}


def _read_csv(path: Path) -> Iterator[Row]:
    with open_input(path) as opened:
        lines = (row.decode("utf-8-sig") for row in rows_of(opened))
        table = csv.DictReader(lines)
        if not set(PATH_COLUMNS) & set(table.fieldnames or ()):
            raise DataError(f"{display_name(path)}: no column of songs", _HINT)
        yield from table


def _read_json_lines(path: Path) -> Iterator[Row]:
    with open_input(path) as file:
        for number, row in enumerate(rows_of(file), 1):
            if row.strip():
                value = json.loads(row)
                if not isinstance(value, dict):
                    raise ValueError(f"row {number} is not an object")
                yield value


def _read_parquet(path: Path) -> Iterator[Row]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise UsageError(
            f"{display_name(path)}: Parquet needs pyarrow", "pip install 'lyricsrec[catalogue]', or use CSV or JSONL."
        ) from None
    wanted = (*PATH_COLUMNS, _LYRICS, _LYRICS_PATH)
    try:
        with open_input(path) as file, parquet.ParquetFile(file) as table:
            columns = [name for name in table.schema_arrow.names if name in wanted]
            if not set(PATH_COLUMNS) & set(columns):
                raise DataError(f"{display_name(path)}: no column of songs", _HINT)
            for batch in table.iter_batches(columns=columns):
                yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise ValueError(str(error).split("\n", 1)[0]) from None


READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    ".txt": _read_text,
    ".csv": _read_csv,
    ".jsonl": _read_json_lines,
    ".parquet": _read_parquet,
}
"""How to read a list, by its ending: one more kind is a function and a line here."""
