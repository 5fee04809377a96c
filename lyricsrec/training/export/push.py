"""What is uploaded of a model: an exported folder as it is, or a checkpoint, exported first."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.training.export.card import CardFacts
from lyricsrec.training.export.export import export_model
from lyricsrec.training.export.files import README
from lyricsrec.training.export.source import load_source


def is_exported(name: str) -> bool:
    """Whether a folder has a card already, which may have been edited."""
    return (Path(name).expanduser() / README).is_file()


@contextlib.contextmanager
def upload_folder(name: str, format_name: str, facts: CardFacts, *, progress: Progress = SILENT) -> Iterator[Path]:
    """The folder to upload of a model; a checkpoint is exported into a temporary one. Raises as `export_model` does."""
    if is_exported(name):
        yield Path(name).expanduser()
        return
    with TemporaryDirectory() as place:
        folder = Path(place) / "model"
        progress.note(export_model(load_source(name, progress=progress), folder, format_name, facts))
        yield folder
