"""What a task is: settings that name it, models that it fetches, and a function that does one song."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any, Protocol

from lyricsrec.base.cache import content_digest, digest
from lyricsrec.base.device import DeviceName, DtypeName
from lyricsrec.base.progress import Progress
from lyricsrec.base.settings import Seed, Settings
from lyricsrec.catalogue.songs import Job

Do = Callable[[Job, Path], float]
"""Does a song and writes files whose names begin with a path; the last one is `result_file(path)`.

Returns the seconds of audio. Raises LyricsrecError for a song that cannot be done.
"""


@dataclass(frozen=True)
class TaskOptions(Settings):
    """What users choose for a task; None and the defaults are those of the command of the same name."""

    preset: str | None = None
    separator: str | None = None
    model: str | None = None
    _: KW_ONLY
    language: str | None = None
    device: DeviceName = "auto"
    dtype: DtypeName = "auto"
    offline: bool = False
    seed: Seed = 0


class Task(Protocol):
    """A task with its settings; it is sent to other processes as it is, so it holds no models."""

    @property
    def name(self) -> str:
        """Its name on the command line, such as "transcribe"."""

    @property
    def needs_lyrics(self) -> bool:
        """Whether songs need lyrics, beside them, in a list or in their tags."""

    @property
    def seed(self) -> int:
        """The random seed, which is set before every song so that no result depends on the songs before."""

    def settings(self) -> Mapping[str, Any]:
        """All settings that can change a result, for the key of the results."""

    def fetch(self, progress: Progress) -> Mapping[str, str]:
        """Download what is missing, and give names and digests of the models' files.

        Raises UsageError and ModelError for models that are not available.
        """

    def load(self) -> Do:
        """Load the models. Raises UsageError and ModelError."""


def digest_of_model(place: Path) -> str:
    """The content of a model's files, the same on every machine; empty where nothing exists."""
    files = sorted(path for path in (place, *place.rglob("*")) if path.is_file())
    return digest([(path.relative_to(place).as_posix(), content_digest(path)) for path in files]) if files else ""
