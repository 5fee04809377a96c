"""Replaces several files of a data set together: a mixture of two runs is noticed, never used."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import beside, display_name, flush, flush_folder, write_text

MARK = ".lyricsrec-unfinished"
"""A file that is there while some files of the folder are new and others old."""


@contextlib.contextmanager
def replacing_all(folder: Path, names: Sequence[str]) -> Iterator[dict[str, Path]]:
    """Temporary paths by name, which get their names when the block succeeds, and are removed otherwise.

    A process that is killed between two of them leaves a mark. Raises OutputError when a file cannot be written.
    """
    with contextlib.ExitStack() as stack:
        temporary = {name: stack.enter_context(beside(folder / name)) for name in names}
        yield temporary
        for path in temporary.values():
            flush(path)
        write_text(folder / MARK, "Prepare the data set again: some files are of an earlier run.\n")
        for name, path in temporary.items():
            path.replace(folder / name)
        flush_folder(folder)
        (folder / MARK).unlink()
        flush_folder(folder)


def check_finished(folder: Path) -> None:
    """Raise DataError for a folder in which some files are new and others old."""
    if (folder / MARK).exists():
        raise DataError(
            f"{display_name(folder)}: preparing this data set was interrupted while its files were replaced",
            "Run the preparation again: it continues where it stopped.",
        )
