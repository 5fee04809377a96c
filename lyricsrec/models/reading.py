"""Reading models of unknown origin with libraries that raise whatever they run into."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import LyricsrecError, ModelError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import DOCUMENT_BYTES, check_regular, read_input
from lyricsrec.base.reading.json_text import load_object

_LONGEST = 200


@contextlib.contextmanager
def reading_model(what: str, hint: str | None = None) -> Iterator[None]:
    """Turn every error in the block into a ModelError that begins with `what`; the project's own errors pass.

    The libraries of models raise any exception for damaged files; the Rust ones panic with one that is no Exception.
    """
    try:
        yield
    except LyricsrecError:
        raise
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise ModelError(f"{what} ({_first_line(error)})", hint) from None
        raise


def check_files(folder: Path) -> None:
    """Raise ModelError when a model's folder has something in it that is not a regular file, such as a FIFO."""
    try:
        check_regular(folder)
    except OSError as error:
        name = display_name(Path(error.filename or folder))
        raise ModelError(f"{name}: cannot be read ({error.strerror})") from None


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file of a model. Raises OSError when it cannot be read, ValueError for anything else."""
    return load_object(read_input(path, DOCUMENT_BYTES))


def _first_line(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if str(error).startswith("Weights only load failed"):
        # What torch goes on to advise would run code from the file.
        return "its pickle has more in it than weights; nothing of it was run"
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
