"""KenLM files of unknown origin, checked before they are loaded: KenLM trusts their numbers, and may crash."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from lyricsrec.base.errors import ModelError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import open_input

# Layout of a binary: `lm/binary_format.cc` and `lm/model_type.hh` of KenLM.
_MAGIC = b"mmap lm http://kheafield.com/code format version 5\n\0"
_ORDER_AT, _COUNTS_AT = 88, 108
_MAX_ORDER = 6
_HEADER_BYTES = 1 << 16
_COUNT = re.compile(rb"ngram ([1-9])=([0-9]{1,15})\s*")
_PROBE_S = 120.0
_PROBE = """
import sys
sys.path[:] = sys.argv[2:]
import kenlm
model = kenlm.Model(sys.argv[1])
with open(sys.argv[1], "rb") as file:
    file.seek(-min(file.seek(0, 2), 1 << 20), 2)
    words = file.read().replace(b"\\0", b" ").decode("utf-8", "replace").split()[:50000]
# A binary ends with its words: common and rare ones, in their order and mixed.
for step in (1, 7919):
    model.score(" ".join(words[i * step % len(words)] for i in range(len(words))))
"""
_PACKAGE_FOLDER = Path(__file__).parent.parent


def check_kenlm_file(path: Path) -> None:
    """Raise ModelError when a file is not a language model that KenLM loads safely.

    The header's numbers must fit the size of the file; then a process of its own loads the file and scores a few words.
    The models in this package are trusted. A file that has not changed is checked once a process.
    """
    if path.resolve().is_relative_to(_PACKAGE_FOLDER):
        return
    try:
        if not path.is_file():
            raise unreadable(path)
        status = path.stat()
        _check(path, status.st_size, status.st_mtime_ns)
    except OSError:
        raise unreadable(path) from None


def unreadable(path: Path | None) -> ModelError:
    """The error for a file that is not a language model."""
    name = display_name(path) if path is not None else "the language model"
    return ModelError(f"{name}: not a language model that KenLM can read", "Use an ARPA file or a KenLM binary.")


@lru_cache(maxsize=32)
def _check(path: Path, size: int, mtime_ns: int) -> None:
    with open_input(path) as file:
        header = file.read(_HEADER_BYTES)
    counts = _binary_counts(header) if header.startswith(_MAGIC[:20]) else _arpa_counts(header)
    # Even the most compressed n-gram takes a byte.
    if counts is not None and (not counts or any(not 0 < count <= size for count in counts)):
        raise unreadable(path)
    command = [sys.executable, "-c", _PROBE, str(path), *sys.path]
    try:
        probe = subprocess.run(command, capture_output=True, timeout=_PROBE_S, stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        raise ModelError(
            f"{display_name(path)}: KenLM did not load it within {_PROBE_S:g} s", "Convert it with build_binary."
        ) from None
    if probe.returncode != 0:
        raise unreadable(path)


def _binary_counts(header: bytes) -> list[int]:
    """The number of n-grams of each order; empty for a damaged header."""
    if not header.startswith(_MAGIC) or len(header) < _COUNTS_AT:
        return []
    order = header[_ORDER_AT]
    if not 1 <= order <= _MAX_ORDER or len(header) < _COUNTS_AT + 8 * order:
        return []
    return list(struct.unpack_from(f"<{order}Q", header, _COUNTS_AT))


def _arpa_counts(header: bytes) -> list[int] | None:
    """The number of n-grams of each order; empty for a damaged header, None for compressed files."""
    if header.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
        return None
    rows = [row.strip() for row in header.splitlines()]
    if b"\\data\\" not in rows:
        return []
    counts: list[int] = []
    for row in rows[rows.index(b"\\data\\") + 1 :]:
        if not row:
            if counts:
                break
            continue
        found = _COUNT.fullmatch(row)
        if found is None or int(found[1]) != len(counts) + 1:
            return []
        counts.append(int(found[2]))
    return counts
