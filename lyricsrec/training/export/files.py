"""Which files of a folder are the model: those are exported and uploaded, and the state of training is not."""

from __future__ import annotations

import shutil
from fnmatch import fnmatchcase
from pathlib import Path

from lyricsrec.models.catalogue import CTC_FILES
from lyricsrec.separation.settings import SEPARATOR_FOLDER

ONNX, README = "model.onnx", "README.md"
_OTHERS = (README, "LICENSE*", "NOTICE*")


def model_files(folder: Path) -> list[Path]:
    """The files of the model in a folder, relative to it; of an exported ONNX model all, as it may have several."""
    if (folder / ONNX).is_file():
        return sorted(path.relative_to(folder) for path in folder.iterdir() if path.is_file() and path.name[0] != ".")
    patterns = (*CTC_FILES, *_OTHERS)
    found = [*folder.iterdir()]
    if (folder / SEPARATOR_FOLDER).is_dir():
        found += (folder / SEPARATOR_FOLDER).iterdir()
    matching = (path for path in found if path.is_file() and any(fnmatchcase(path.name, one) for one in patterns))
    return sorted(path.relative_to(folder) for path in matching if path.name[0] != ".")


def copy_files(folder: Path, target: Path, *, without: tuple[str, ...] = ()) -> None:
    """Copy the files of a model, except those whose names match `without`. Raises OSError."""
    for name in model_files(folder):
        if any(fnmatchcase(name.name, one) for one in without):
            continue
        (target / name).parent.mkdir(exist_ok=True)
        # Not its permissions: files in the hub's cache may be read-only.
        shutil.copyfile(folder / name, target / name)
