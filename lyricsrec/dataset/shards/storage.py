"""Where shards lie: folders, and whatever fsspec reads (s3://, gs://, https:// and others)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.base.output import printable
from lyricsrec.base.reading.input_files import open_input

_WAITS_S = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each further attempt after an error of a network."""

_FINAL = (FileNotFoundError, PermissionError, NotImplementedError, IsADirectoryError)
_FILE_BYTES = 1 << 30


@dataclass(frozen=True)
class Span:
    """`size` bytes of the file `name`, from `start` on."""

    name: str
    start: int
    size: int

    @property
    def end(self) -> int:
        """The first byte after it."""
        return self.start + self.size


class Store(Protocol):
    """A place with files; `place` is what messages call it."""

    place: str

    def read(self, name: str) -> bytes:
        """A whole file. Raises DataError when it cannot be read."""

    def spans(self, wanted: Sequence[Span]) -> list[bytes | Exception]:
        """Parts of files, or for each what was wrong."""


class FolderStore:
    """Files of a folder."""

    def __init__(self, place: str) -> None:
        self.place = printable(place)
        self._folder = Path(place)

    def read(self, name: str) -> bytes:
        """A whole file. Raises DataError when it cannot be read."""
        try:
            with open_input(self._folder / name) as file:
                return file.read(_FILE_BYTES)
        except OSError as error:
            raise DataError(f"{self.place}/{name}: cannot be read ({error.strerror})") from None

    def spans(self, wanted: Sequence[Span]) -> list[bytes | Exception]:
        """Parts of files, or for each what was wrong."""
        return [self._span(span) for span in wanted]

    def _span(self, span: Span) -> bytes | Exception:
        try:
            with open_input(self._folder / span.name) as file:
                file.seek(span.start)
                return file.read(span.size)
        except OSError as error:
            return error


class UrlStore:
    """Files below a URL, read through fsspec; requests that fail by the network are made again a few times."""

    def __init__(self, place: str) -> None:
        self.place = printable(place).rstrip("/")
        self._files, self._root = _file_system(place)

    def read(self, name: str) -> bytes:
        """A whole file. Raises DataError when it cannot be read."""
        (found,) = self._retried([name], lambda names: _each(self._files.cat_file, map(self._path, names)))
        if isinstance(found, Exception):
            raise DataError(f"{self.place}/{name}: cannot be read ({reason(found)})") from None
        return found

    def spans(self, wanted: Sequence[Span]) -> list[bytes | Exception]:
        """Parts of files, or for each what was wrong; all are requested at the same time where that is possible."""
        return self._retried(list(wanted), self._request)

    def _request(self, wanted: Sequence[Span]) -> list[bytes | Exception]:
        paths, starts = [self._path(span.name) for span in wanted], [span.start for span in wanted]
        found: list[bytes | Exception]
        found = self._files.cat_ranges(paths, starts, [span.end for span in wanted], on_error="return")
        return found

    def _retried(
        self, wanted: list[Any], request: Callable[[Sequence[Any]], list[bytes | Exception]]
    ) -> list[bytes | Exception]:
        """The answers to requests, of which those that failed are made again."""
        answers: list[bytes | Exception] = _attempted(request, wanted)
        for wait_s in _WAITS_S:
            again = [i for i, answer in enumerate(answers) if isinstance(answer, Exception) and not _is_final(answer)]
            if not again:
                break
            time.sleep(wait_s)
            for i, answer in zip(again, _attempted(request, [wanted[i] for i in again]), strict=True):
                answers[i] = answer
        return answers

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"


STORES: Mapping[str, Callable[[str], Store]] = {"": FolderStore}
"""Kinds of storage by the scheme of their places; `UrlStore` is for all others."""


def open_store(place: str) -> Store:
    """The storage at a folder or URL. Raises UsageError for a URL that cannot be used."""
    # Connections do not survive a fork.
    return _open(place, os.getpid())


@lru_cache(maxsize=64)
def _open(place: str, _: int) -> Store:
    scheme = place.partition("://")[0] if "://" in place else ""
    return STORES.get(scheme, UrlStore)(place)


def reason(error: Exception) -> str:
    """What was wrong, in a few words."""
    if isinstance(error, FileNotFoundError):
        return "no such file"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return printable(text.strip().partition("\n")[0])[:200] or type(error).__name__


def _file_system(place: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs

        files, root = url_to_fs(place)
    except ImportError as error:
        raise UsageError(f"{printable(place)}: {reason(error)}", "pip install 'lyricsrec[stream]'") from None
    except Exception as error:
        # Each file system has errors of its own.
        raise UsageError(f"{printable(place)}: cannot be used ({reason(error)})", "Check the address.") from None
    return files, str(root)


def _each(read: Callable[[str], bytes], paths: Any) -> list[bytes | Exception]:
    return [read(path) for path in paths]


def _attempted(
    request: Callable[[Sequence[Any]], list[bytes | Exception]], wanted: Sequence[Any]
) -> list[bytes | Exception]:
    """The answers to requests; an error of all of them is that of each."""
    try:
        return request(wanted)
    except Exception as error:
        # Each file system has errors of its own.
        return [error] * len(wanted)


def _is_final(error: Exception) -> bool:
    """Whether another attempt would fail, too."""
    return isinstance(error, _FINAL)
