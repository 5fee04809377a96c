"""What can be made of a song whose lyrics exist, on request."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

from lyricsrec.audio.media import Song
from lyricsrec.base.progress import Progress
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.separation.base import Separator
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import FollowUpName


@dataclass(frozen=True)
class Material:
    """What a follow-up works with: the files of a job, its song, and a separator that is loaded once."""

    folder: JobFolder
    _: KW_ONLY
    open_song: Callable[[], AbstractContextManager[Song]]
    separator: Callable[[Progress], Separator]


@dataclass(frozen=True)
class FollowUp:
    """One kind of such work.

    `make` writes `JobFolder.follow_up(name)`; it raises LyricsrecError where the song has none. `add` puts what was
    found into a transcript, so that all formats that know it write it; `show` is what the page gets of it, as JSON.
    `modules` must be installed, which the `extra` does.
    """

    name: FollowUpName
    _: KW_ONLY
    make: Callable[[Material, Path, Progress], None]
    add: Callable[[Transcript, Path], Transcript]
    show: Callable[[Transcript], dict[str, Any]]
    extra: str
    modules: tuple[str, ...]

    @property
    def hint(self) -> str | None:
        """What to do on the server to make it possible; None if it is."""
        if all(importlib.util.find_spec(module) is not None for module in self.modules):
            return None
        return f"On the server, run pip install 'lyricsrec[{self.extra}]'."
