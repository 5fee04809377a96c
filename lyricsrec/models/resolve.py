"""Finding models by name: what a name stands for, and what was probably meant where it is unknown."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from lyricsrec.base.errors import UsageError
from lyricsrec.models.catalogue import MODELS, names_of


@dataclass(frozen=True)
class LocalModel:
    """A recogniser whose files are on this machine: the name that the user gave, its family, its folder."""

    name: str
    family: str
    folder: Path


def is_known_language_model(name: str) -> bool:
    """Whether a language model of this name is part of lyricsrec."""
    return name in names_of("lm")


def find_language_model(name: str | Path) -> Path:
    """The path of a language model: a known one by its name, else the file or folder at a path.

    A file with the name of a known model is `./name`, or a Path. Raises UsageError when there is no such model.
    """
    if isinstance(name, str) and is_known_language_model(name):
        return MODELS[name].source.resolve()
    path = Path(name).expanduser()
    if not path.exists():
        raise UsageError(
            f"no language model '{name}': neither a known name ({', '.join(names_of('lm'))}) nor a file or folder",
            "--lm takes a known name, an ARPA file, a KenLM binary, or a folder made by `lyricsrec lm build`.",
        )
    return path


def suggestion(name: str) -> str:
    """A hint for an unknown recogniser: the closest known name, and where to look."""
    close = difflib.get_close_matches(name, names_of("recognizer"), 1)
    guess = f"Did you mean {close[0]}? " if close else ""
    return f"{guess}`lyricsrec models list` shows known models; others on the hub are named owner/name."
