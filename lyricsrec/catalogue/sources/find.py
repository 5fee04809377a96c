"""From arguments to songs: folders are searched, globs expanded, lists read."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from lyricsrec.audio.media import SUFFIXES
from lyricsrec.base.errors import UsageError
from lyricsrec.catalogue.sources.entry import Entry
from lyricsrec.catalogue.sources.lists import is_list, read_list
from lyricsrec.formats.registry import INPUT_FORMATS
from lyricsrec.separation.stems.files import is_stem_file


def find_entries(sources: Sequence[str], *, with_lyrics: bool = False) -> list[Entry]:
    """The songs that sources name, each path with the same lyrics once, in a fixed order.

    `with_lyrics` looks for lyrics beside each song that a list gives none for: a file of the same name with the ending
    of a lyrics format. Raises DataError for a list that cannot be read, UsageError where no song is found.
    """
    found = dict.fromkeys(entry for source in sources for entry in _expand(source))
    entries = [_with_lyrics_beside(entry) for entry in found] if with_lyrics else list(found)
    if not entries:
        raise UsageError(f"no songs in {', '.join(sources)}", "Name folders, files, globs, or lists of songs.")
    return entries


def _expand(source: str) -> Iterator[Entry]:
    path = Path(source)
    if path.is_dir():
        yield from _in_folder(path)
    elif not path.exists() and glob.has_magic(source):
        for name in sorted(glob.glob(source, recursive=True)):  # noqa: PTH207
            yield from _matched(Path(name), is_named=is_list(path))
    else:
        yield from _of_file(path)


def _matched(path: Path, *, is_named: bool) -> Iterator[Entry]:
    """What a path that fits a glob stands for: text files beside songs are their lyrics, unless lists were meant."""
    if path.is_dir():
        yield from _in_folder(path)
    elif is_named and is_list(path):
        yield from read_list(path)
    elif _is_song(path):
        yield Entry(_absolute(path))


def _of_file(path: Path) -> Iterator[Entry]:
    if is_list(path):
        yield from read_list(path)
    else:
        yield Entry(_absolute(path))


def _in_folder(folder: Path) -> Iterator[Entry]:
    """The songs below a folder in the order of their names, without hidden ones and stems that were written before."""
    problems: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=problems.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(place, name)
            if _is_song(path):
                yield Entry(_absolute(path))
    for problem in problems:
        yield Entry(_absolute(Path(problem.filename)), problem=problem.strerror or str(problem))


def _is_song(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and not is_stem_file(path)


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100


def _with_lyrics_beside(entry: Entry) -> Entry:
    if entry.lyrics is not None or entry.lyrics_path is not None or entry.problem is not None:
        return entry
    path = Path(entry.path)
    names = _names_in(path.parent)
    beside = next((path.stem + suffix for suffix in _lyrics_suffixes() if path.stem + suffix in names), None)
    return entry if beside is None else Entry(entry.path, lyrics_path=str(path.with_name(beside)))


@cache
def _lyrics_suffixes() -> tuple[str, ...]:
    """The endings of formats with times first: their times are hints."""
    suffixes = dict.fromkeys(form.suffix for form in INPUT_FORMATS.values())
    return tuple(sorted(suffixes, key=lambda suffix: suffix == ".txt"))


@cache
def _names_in(folder: Path) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))  # noqa: PTH208
    except (OSError, ValueError):
        return frozenset()
