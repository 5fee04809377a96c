"""The task whose results are the stems of a song."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lyricsrec.audio.media import open_path
from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import write_text
from lyricsrec.base.progress import Progress
from lyricsrec.catalogue.songs import Job
from lyricsrec.catalogue.store.folder import result_file
from lyricsrec.catalogue.tasks.base import Do, TaskOptions, digest_of_model
from lyricsrec.pipeline.settings import StemConfig
from lyricsrec.separation.settings import SeparateConfig

_NOT_OF_THE_RESULT = ("offline", "device")


@dataclass(frozen=True)
class Separate:
    """Vocals and instrumental as FLAC files."""

    config: StemConfig
    name = "separate"
    needs_lyrics = False

    @classmethod
    def of(cls, options: TaskOptions) -> Separate:
        """The task with these options. Raises UsageError."""
        for flag in ("preset", "model", "language"):
            if getattr(options, flag) is not None:
                raise UsageError(f"--{flag} does not go with --task separate", "Choose a --separator.")
        config = StemConfig(
            options.separator or StemConfig.separator,
            device=options.device,
            dtype=options.dtype,
            offline=options.offline,
            separate=SeparateConfig(seed=options.seed),
        )
        config.check()
        return cls(config)

    @property
    def seed(self) -> int:
        """That of the separator's shifts."""
        return self.config.separate.seed

    def settings(self) -> Mapping[str, Any]:
        """All settings."""
        return {name: value for name, value in asdict(self.config).items() if name not in _NOT_OF_THE_RESULT}

    def fetch(self, progress: Progress) -> Mapping[str, str]:
        """The separator; one that is known by a name has no digest."""
        self.config.load(progress)
        return {"separator": digest_of_model(Path(self.config.separator))}

    def load(self) -> Do:
        """Load the separator."""
        from lyricsrec.pipeline.separate import separate_into
        from lyricsrec.separation.stems.files import StemWriter

        separator = self.config.load()

        def do(job: Job, base: Path) -> float:
            with open_path(Path(job.path)) as song:
                files = separate_into(StemWriter(base, self.config.form), song, separator)
                duration_s = song.duration_s
            found = {
                "song": job.path,
                "duration_s": round(duration_s, 3),
                "files": {stem: path.name for stem, path in files.paths.items()},
                "missing": dict(files.missing),
            }
            write_text(result_file(base), json.dumps(found, indent=2, ensure_ascii=False) + "\n")
            return duration_s

        return do
