"""Tasks whose results are transcripts with the music around the words: melody, chords."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import UsageError
from lyricsrec.base.progress import Progress
from lyricsrec.catalogue.songs import Job
from lyricsrec.catalogue.tasks.base import Do, TaskOptions
from lyricsrec.catalogue.tasks.transcripts import PipelineTask, write_transcript
from lyricsrec.music.harmony.chords.settings import ChordConfig
from lyricsrec.music.melody.settings import MelodyConfig
from lyricsrec.pipeline.settings import PipelineConfig


@dataclass(frozen=True)
class Melody(PipelineTask):
    """Lyrics that are recognised, with the pitch of the voice and a note for every syllable."""

    name = "melody"
    needs_lyrics = False

    @classmethod
    def of(cls, options: TaskOptions) -> Melody:
        """The task with these options. Raises UsageError and ModelError where its extra is missing."""
        from lyricsrec.music.melody.tracker import check_installed

        check_installed()
        # The melody is that of stems for listening.
        config = PipelineConfig(**asdict(options), writes_stems=True)
        config.check()
        return cls(config)

    def settings(self) -> Mapping[str, Any]:
        """Those of the pipeline and of the notes."""
        return {**super().settings(), "melody": asdict(MelodyConfig())}

    def load(self) -> Do:
        """Load the pipeline."""
        pipeline = self._load()

        def do(job: Job, base: Path) -> float:
            path = Path(job.path)
            return write_transcript(base, pipeline.melody(path, pipeline.transcribe(path)))

        return do


@dataclass(frozen=True)
class Chords:
    """Chords, key and beats, without lyrics."""

    config: ChordConfig
    name = "chords"
    needs_lyrics = False
    seed = 0

    @classmethod
    def of(cls, options: TaskOptions) -> Chords:
        """The task. Raises UsageError for options of recognisers and separators."""
        for flag in ("preset", "separator", "model", "language"):
            if getattr(options, flag) is not None:
                raise UsageError(f"--{flag} does not go with --task chords", "It has no models to choose.")
        return cls(ChordConfig())

    def settings(self) -> Mapping[str, Any]:
        """All settings."""
        return asdict(self.config)

    def fetch(self, progress: Progress) -> Mapping[str, str]:
        """Nothing to fetch: the networks are in a package; raises ModelError where it is missing."""
        from lyricsrec.music.harmony.chords.weights import load_networks

        load_networks()
        return {}

    def load(self) -> Do:
        """Load the networks."""
        from lyricsrec.pipeline.music.chords import find_chords

        def do(job: Job, base: Path) -> float:
            return write_transcript(base, find_chords(Path(job.path), config=self.config))

        return do
