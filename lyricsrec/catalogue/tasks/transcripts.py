"""Tasks whose results are transcripts: lyrics that are recognised, or known ones that are timed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.audio.embedding import embedded_lyrics
from lyricsrec.audio.media import open_path
from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.base.output import write_text
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.catalogue.songs import Job
from lyricsrec.catalogue.store.folder import result_file
from lyricsrec.catalogue.tasks.base import Do, TaskOptions, digest_of_model
from lyricsrec.formats.base import Lyrics
from lyricsrec.formats.read import parse_lyrics, read_lyrics
from lyricsrec.lyrics.languages import language_name
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.models.catalogue import align_model
from lyricsrec.pipeline.settings import PipelineConfig

if TYPE_CHECKING:
    from lyricsrec.pipeline.pipeline import Pipeline

_NOT_OF_THE_RESULT = ("search_aside", "offline", "device")
"""Settings that are no part of the key: results of a CPU and a GPU count as the same."""


@dataclass(frozen=True)
class PipelineTask:
    """What the tasks of a pipeline have in common."""

    config: PipelineConfig

    @property
    def seed(self) -> int:
        """That of the pipeline."""
        return self.config.seed

    def settings(self) -> Mapping[str, Any]:
        """All settings, with the names of the models that they choose."""
        settings = {name: value for name, value in asdict(self.config).items() if name not in _NOT_OF_THE_RESULT}
        config = self.config
        return {
            **settings,
            "model": config.model_name,
            "separator": config.separator_name,
            "search": asdict(config.search),
        }

    def fetch(self, progress: Progress) -> Mapping[str, str]:
        """The recogniser, the separator and the language model."""
        from lyricsrec.base.device import resolve_device
        from lyricsrec.models.resolve import find_language_model
        from lyricsrec.recognition.registry import find_recognizer
        from lyricsrec.separation.registry import load_separator

        config = self.config
        models = {"recognizer": find_recognizer(config.model_name, offline=config.offline, progress=progress).folder}
        if config.search.lm is not None:
            models["language model"] = find_language_model(config.search.lm)
        if Path(config.separator_name).is_dir():
            models["separator"] = Path(config.separator_name)
        else:
            # Downloads its weights where they are missing; its name is the key of them.
            compute = resolve_device("cpu", "float32")
            load_separator(config.separator_name, config.separate, compute, offline=config.offline, progress=progress)
        return {name: digest_of_model(place) for name, place in models.items()}

    def _load(self) -> Pipeline:
        from lyricsrec.pipeline.load import load_pipeline

        return load_pipeline(self.config)


@dataclass(frozen=True)
class Transcribe(PipelineTask):
    """Lyrics that are recognised."""

    name = "transcribe"
    needs_lyrics = False

    @classmethod
    def of(cls, options: TaskOptions) -> Transcribe:
        """The task with these options. Raises UsageError."""
        config = PipelineConfig(**asdict(options))
        config.check()
        return cls(config)

    def load(self) -> Do:
        """Load the pipeline."""
        pipeline = self._load()

        def do(job: Job, base: Path) -> float:
            return write_transcript(base, pipeline.transcribe(Path(job.path)))

        return do


@dataclass(frozen=True)
class Align(PipelineTask):
    """Known lyrics that are timed."""

    name = "align"
    needs_lyrics = True

    @classmethod
    def of(cls, options: TaskOptions) -> Align:
        """The task with these options. Raises UsageError."""
        if options.preset is not None:
            raise UsageError("--preset is for --task transcribe", "Choose --model and --separator.")
        config = PipelineConfig(**asdict(replace(options, model=options.model or align_model())), aligns=True)
        config.check()
        return cls(config)

    def load(self) -> Do:
        """Load the pipeline."""
        pipeline = self._load()

        def do(job: Job, base: Path) -> float:
            given = _lyrics_of(job)
            language = language_name(self.config.language) or given.language or AlignConfig.language
            with open_path(Path(job.path)) as song:
                found = pipeline.align(song, given.lines, AlignConfig(language=language), progress=SILENT)
            return write_transcript(base, replace(found, notes=(*given.notes, *found.notes)))

        return do


def _lyrics_of(job: Job) -> Lyrics:
    if job.lyrics is not None:
        return parse_lyrics(job.lyrics, f"the lyrics of {job.name}")
    if job.lyrics_path is not None:
        return read_lyrics(Path(job.lyrics_path))
    found = embedded_lyrics(Path(job.path))
    if found is None:
        raise DataError(
            f"{job.name}: no lyrics", "Put them beside the song, in its tags, or in a list with a column lyrics."
        )
    return parse_lyrics(found, f"the lyrics in the tags of {job.name}")


def write_transcript(base: Path, transcript: Transcript) -> float:
    """Write the transcript of a song; returns the seconds of audio. Raises OutputError."""
    write_text(result_file(base), transcript.to_json())
    return transcript.duration_s
