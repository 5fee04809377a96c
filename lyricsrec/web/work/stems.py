"""Makes the stems of a job: vocals and instrumental to listen to, and a note on those that are left out."""

from __future__ import annotations

from collections.abc import Callable

from lyricsrec.audio.media import Song
from lyricsrec.base.output import write_text
from lyricsrec.base.progress import Progress
from lyricsrec.pipeline.separate import separate_into
from lyricsrec.pipeline.settings import StemConfig
from lyricsrec.separation.base import Separator
from lyricsrec.separation.stems.files import StemFiles, StemWriter
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.settings import ServeConfig

LoadSeparator = Callable[[ServeConfig], Separator]

FAILED = "The tracks could not be made; the server's log has details."


def load_separator(config: ServeConfig) -> Separator:
    """The separator for stems that people listen to. Raises ModelError when its weights are damaged."""
    return StemConfig(device=config.device, dtype=config.dtype, offline=True).load()


class StemMaker:
    """Makes stems; its separator is loaded when it is first needed, by `load`."""

    def __init__(self, config: ServeConfig, load: LoadSeparator = load_separator) -> None:
        self._config, self._load = config, load
        self._separator: Separator | None = None

    def make(self, song: Song, folder: JobFolder, progress: Progress) -> None:
        """Write the stems of a song. Raises AudioError, OutputError and ModelError."""
        write_note(folder, separate_into(StemWriter(folder.stems), song, self.separator(progress), progress))

    def separator(self, progress: Progress) -> Separator:
        """The separator, loaded if needed. Raises ModelError."""
        if self._separator is None:
            progress.update("loading", 0.0, None)
            self._separator = self._load(self._config)
        return self._separator


def write_note(folder: JobFolder, files: StemFiles) -> None:
    """Write down why stems are missing, for display. Raises OutputError."""
    reasons = list(dict.fromkeys(files.missing.values()))
    what = " or ".join(sorted(files.missing))
    write_text(folder.stems_note, f"No {what}: {'; '.join(reasons)}." if reasons else "")
