"""What systems heard, kept by content and settings: a second score hears nothing again, an interrupted one goes on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lyricsrec.base.fingerprint import digest, stamps, this_code
from lyricsrec.base.output import write_bytes
from lyricsrec.base.progress import Progress
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.models.resolve import find_language_model, find_recognizer
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.scoring.results import RunFigures, SeparationFigures

_NOT_OF_THE_RESULT = ("search_aside", "offline")


@dataclass(frozen=True)
class Heard:
    """What a system heard in a song, what that took, and how clean its voice was where that could be told."""

    transcript: Transcript
    run: RunFigures
    separation: SeparationFigures | None = None


@dataclass(frozen=True)
class Cache:
    """Values in a folder, a file each; None keeps nothing."""

    folder: Path | None = None

    def read(self, key: str, kind: Any) -> Any:
        """The value of a type that was kept under a key; None when there is none, or it is damaged."""
        if self.folder is None:
            return None
        try:
            return _adapter(kind).validate_json((self.folder / f"{key}.json").read_bytes())
        except (OSError, ValueError):
            return None

    def write(self, key: str, kind: Any, value: object) -> None:
        """Keep a value of a type, whole or not at all. Raises OutputError when it cannot be written."""
        if self.folder is not None:
            write_bytes(self.folder / f"{key}.json", _adapter(kind).dump_json(value))


def default_folder() -> Path:
    """Where transcripts are kept, unless the user names a folder."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("lyricsrec", appauthor=False)) / "scores"


def key_of_system(config: PipelineConfig, progress: Progress) -> str:
    """A name for all that decides what a pipeline hears: settings, models as their files are, and this code.

    Raises UsageError and ModelError for models that are not to be had.
    """
    settings = {name: value for name, value in asdict(config).items() if name not in _NOT_OF_THE_RESULT}
    model = find_recognizer(config.model_name, offline=config.offline, progress=progress)
    places = [model.folder, Path(config.separator_name)]
    if config.search.lm is not None:
        places.append(find_language_model(config.search.lm))
    named = [config.chosen.name, config.separator_name, str(config.search)]
    return digest([this_code(), repr(sorted(settings.items())), named, [stamps(place) for place in places]])


@lru_cache(maxsize=8)
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
