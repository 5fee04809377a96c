"""The pickles of DALI, read without running any code in them.

A DALI entry is a gzipped pickle whose only global is its annotation class; the ground truth has plain containers; the
info table may be a numpy array. Any other global is refused before it is looked up.
"""

from __future__ import annotations

import gzip
import importlib
import io
import pickle
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name

MAX_BYTES = 256 << 20
"""Maximum size of an unpacked file."""

REFETCH_HINT = "Download the file again, or leave it out."
"""What to do about a damaged file."""

_CLASS = ("DALI.Annotations", "Annotations")
_NUMPY = {
    ("numpy.core.multiarray", "_reconstruct"): ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"): ("numpy.core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"): ("numpy.core.multiarray", "scalar"),
    ("numpy._core.multiarray", "scalar"): ("numpy.core.multiarray", "scalar"),
    ("numpy", "ndarray"): ("numpy", "ndarray"),
    ("numpy", "dtype"): ("numpy", "dtype"),
    ("_codecs", "encode"): ("_codecs", "encode"),
}


class PickledAnnotations:
    """Takes the place of the class of the DALI package: it holds the state and has no methods."""

    info: Any = None
    annotations: Any = None
    errors: Any = None


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes, allowed: Mapping[tuple[str, str], Any]) -> None:
        # DALI was pickled by Python 2; its byte strings are decoded as Latin-1.
        super().__init__(io.BytesIO(data), encoding="latin1")
        self._allowed = allowed

    def find_class(self, module: str, name: str) -> Any:
        found = self._allowed.get((module, name))
        if found is None:
            raise DataError(
                f"it asks for '{module}.{name}', which no DALI file needs",
                "No code in it was run. Download it again from a source that you trust.",
            )
        if isinstance(found, tuple):
            return getattr(importlib.import_module(found[0]), found[1])
        return found


def load_entry(path: Path) -> PickledAnnotations:
    """The annotation object of a `.gz` entry. Raises DataError if the file holds anything else."""
    loaded = _load(path, {_CLASS: PickledAnnotations})
    if not isinstance(loaded, PickledAnnotations):
        raise DataError(f"{display_name(path)}: not a DALI entry, but a {type(loaded).__name__}", REFETCH_HINT)
    return loaded


def load_plain(path: Path) -> Any:
    """A `.gz` pickle of plain containers, such as the ground truth. Raises DataError when it holds anything else."""
    return _load(path, {})


def load_table(path: Path) -> list[list[Any]]:
    """The rows of DALI_DATA_INFO.gz, a list of rows or a numpy array. Raises DataError when it is neither."""
    loaded = _load(path, _NUMPY)
    rows = loaded.tolist() if hasattr(loaded, "tolist") else loaded
    if not isinstance(rows, list) or not all(isinstance(row, (list, tuple)) for row in rows):
        raise DataError(f"{display_name(path)}: not a table of rows", "Give DALI_DATA_INFO.gz.")
    return [list(row) for row in rows]


def dump_entry(info: dict[str, Any], annotations: dict[str, Any]) -> bytes:
    """The bytes of a `.gz` entry that the DALI package reads as its own class; the same bytes for the same entry."""
    state = pickle.dumps({"info": info, "annotations": annotations, "errors": None}, protocol=2)
    # Protocol, class, (), NEWOBJ; the state without its own protocol mark and stop; BUILD, STOP.
    head = b"\x80\x02" + f"c{_CLASS[0]}\n{_CLASS[1]}\n".encode() + b")\x81"
    return gzip.compress(head + state[2:-1] + b"b.", mtime=0)


def _load(path: Path, allowed: Mapping[tuple[str, str], Any]) -> Any:
    name = display_name(path)
    try:
        with gzip.open(path) as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{name}: cannot be read as gzip ({reason})", REFETCH_HINT) from None
    if len(data) > MAX_BYTES:
        raise DataError(f"{name}: larger than {MAX_BYTES >> 20} MB unpacked", REFETCH_HINT)
    try:
        return _Unpickler(data, allowed).load()
    except DataError as error:
        raise DataError(f"{name}: {error}", error.hint) from None
    except Exception as error:
        # A damaged pickle can raise any exception.
        raise DataError(f"{name}: not a readable pickle ({type(error).__name__}: {error})", REFETCH_HINT) from None
