"""The index: which content each path has, so that equal songs are done once and changed ones again.

All processes of a catalogue share the work of reading every song once: they claim blocks of the list. What one has
found, the others read from its file; a path whose size and time of change are the same is not read again.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lyricsrec.base.cache import content_digest, digest
from lyricsrec.base.output import write_text
from lyricsrec.catalogue.sources.entry import Entry
from lyricsrec.catalogue.store.claims import Claims
from lyricsrec.catalogue.store.folder import index_in
from lyricsrec.catalogue.store.heartbeat import Heartbeat

_BLOCK = 256
_THREADS = 8

Report = Callable[[int], None]
"""Takes how many songs have been looked at."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file had when it was read: its size in bytes, when it was changed, and a digest of its bytes."""

    size: int
    changed_ns: int
    key: str


class Index:
    """The content of files by path, kept in the folder of a catalogue."""

    def __init__(self, folder: Path, heartbeat: Heartbeat) -> None:
        self._folder = index_in(folder)
        self._claims = Claims(self._folder / "claims", heartbeat)
        self._heartbeat = heartbeat
        self._known: dict[str, Content] = {}
        self._read: set[str] = set()
        self._num_written = 0

    def contents_of(self, entries: Sequence[Entry], report: Report = lambda _: None) -> dict[str, Content | str]:
        """The content of every path, or why it cannot be read. Raises OutputError when the index cannot be written."""
        paths = list(dict.fromkeys(path for entry in entries for path in _files_of(entry)))
        blocks = [paths[begin : begin + _BLOCK] for begin in range(0, len(paths), _BLOCK)]
        # Each process begins elsewhere, so that they rarely want the same block.
        random.Random(self._heartbeat.name).shuffle(blocks)
        found: dict[str, Content | str] = {}
        with ThreadPoolExecutor(_THREADS) as pool:
            for wait in self._rounds(blocks):
                time.sleep(wait)
                self._refresh()
                for block in list(blocks):
                    contents = self._contents_of_block(block, pool)
                    if contents is not None:
                        found.update(contents)
                        blocks.remove(block)
                        report(len(found))
        return found

    def _rounds(self, blocks: list[list[str]]) -> Iterator[float]:
        """How long to wait before each look at the blocks that others have; ends when there are none."""
        yield 0.0
        while blocks:
            yield min(self._heartbeat.lease_s / 10, 2.0)

    def _contents_of_block(self, block: list[str], pool: ThreadPoolExecutor) -> Mapping[str, Content | str] | None:
        """The contents of a block, None where another process reads it at present."""
        found = dict(zip(block, pool.map(self._looked_up, block), strict=True))
        if not [path for path, content in found.items() if content is None]:
            return {path: content for path, content in found.items() if content is not None}
        claim = self._claims.take(digest(block))
        if claim is None:
            return None
        try:
            # Another process may have read it a moment ago.
            self._refresh()
            contents = dict(zip(block, pool.map(self._looked_up_or_read, block), strict=True))
            self._write({path: content for path, content in contents.items() if found[path] is None})
        finally:
            self._claims.forget(claim.key)
        return contents

    def _looked_up(self, path: str) -> Content | str | None:
        """The content of a file that is unchanged since it was read, why there is none, or None if it must be read."""
        try:
            status = Path(path).stat()
        except (OSError, ValueError) as error:
            return _reason(error)
        known = self._known.get(path)
        if known is None or (known.size, known.changed_ns) != (status.st_size, status.st_mtime_ns):
            return None
        return known

    def _looked_up_or_read(self, path: str) -> Content | str:
        return self._looked_up(path) or _read(path)

    def _write(self, contents: Mapping[str, Content | str]) -> None:
        rows = [
            json.dumps([path, content.size, content.changed_ns, content.key])
            for path, content in contents.items()
            if isinstance(content, Content)
        ]
        if rows:
            self._num_written += 1
            name = f"{self._heartbeat.name}-{self._num_written}.jsonl"
            write_text(self._folder / name, "\n".join(rows) + "\n")

    def _refresh(self) -> None:
        for path in sorted(self._folder.glob("*.jsonl"), key=lambda path: path.name):
            if path.name not in self._read:
                self._read.add(path.name)
                for row in path.read_text("utf-8").splitlines():
                    self._add(row)

    def _add(self, row: str) -> None:
        try:
            path, size, changed_ns, key = json.loads(row)
        except ValueError:
            return
        known = self._known.get(path)
        # Of several states of a file, the last one counts.
        if known is None or known.changed_ns <= changed_ns:
            self._known[path] = Content(size, changed_ns, key)


def _files_of(entry: Entry) -> Iterator[str]:
    if entry.problem is not None:
        return
    yield entry.path
    if entry.lyrics_path is not None:
        yield entry.lyrics_path


def _read(path: str) -> Content | str:
    try:
        before = Path(path).stat()
        key = content_digest(Path(path))
        after = Path(path).stat()
    except (OSError, ValueError) as error:
        return _reason(error)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return "it changes while it is read"
    return Content(after.st_size, after.st_mtime_ns, key)


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, ValueError):
        return "not a path: it has a character that paths cannot have"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
