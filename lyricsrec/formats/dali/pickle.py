"""The pickles of DALI, read without running any code in them.

A DALI entry is a gzipped pickle whose only global is its annotation class; the ground truth has plain containers; the
info table may be a numpy array. Any other global is refused.
"""

from __future__ import annotations

import gzip
import pickle
import zlib
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import open_input
from lyricsrec.formats.dali.numpy_table import NUMPY_GLOBALS, plain
from lyricsrec.formats.dali.pickled_data import Globals, PickledObject, read_data

MAX_BYTES = 64 << 20
"""Maximum size of an unpacked file."""

REFETCH_HINT = "Download the file again, or leave it out."
"""What to do about a damaged file."""

_CLASS = ("DALI.Annotations", "Annotations")


class PickledAnnotations(PickledObject):
    """Takes the place of the class of the DALI package: it holds the state and has no methods."""

    def __init__(self) -> None:
        self.info: Any = None
        self.annotations: Any = None
        self.errors: Any = None

    def set_state(self, state: Any) -> None:
        """Take the entry. Raises ValueError when it is not a dictionary."""
        if not isinstance(state, dict):
            raise ValueError("an entry without a state")
        self.info, self.annotations = state.get("info"), state.get("annotations")
        self.errors = state.get("errors")


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
    rows = plain(_load(path, NUMPY_GLOBALS))
    if not isinstance(rows, list) or not all(isinstance(row, (list, tuple)) for row in rows):
        raise DataError(f"{display_name(path)}: not a table of rows", "Give DALI_DATA_INFO.gz.")
    return [list(row) for row in rows]


def dump_entry(info: dict[str, Any], annotations: dict[str, Any]) -> bytes:
    """The bytes of a `.gz` entry that the DALI package reads as its own class; the same bytes for the same entry."""
    state = pickle.dumps({"info": info, "annotations": annotations, "errors": None}, protocol=2)
    # Protocol, class, (), NEWOBJ; the state without its own protocol mark and stop; BUILD, STOP.
    head = b"\x80\x02" + f"c{_CLASS[0]}\n{_CLASS[1]}\n".encode() + b")\x81"
    return gzip.compress(head + state[2:-1] + b"b.", mtime=0)


def _load(path: Path, allowed: Globals) -> Any:
    name = display_name(path)
    try:
        with open_input(path) as packed, gzip.open(packed) as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{name}: cannot be read as gzip ({reason})", REFETCH_HINT) from None
    if len(data) > MAX_BYTES:
        raise DataError(f"{name}: larger than {MAX_BYTES >> 20} MB unpacked", REFETCH_HINT)
    try:
        return read_data(data, allowed)
    except DataError as error:
        raise DataError(f"{name}: {error}", error.hint) from None
    except Exception as error:
        # A damaged pickle can raise any exception.
        raise DataError(f"{name}: not a readable pickle ({type(error).__name__}: {error})", REFETCH_HINT) from None
