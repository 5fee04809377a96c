"""What a pipeline hears in the songs of a data set, kept, so that nothing is heard twice."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from lyricsrec.base.cache import Cache, content_digest, digest, result_key, source_digest
from lyricsrec.base.errors import LyricsrecError, ModelError, OutputError, UsageError
from lyricsrec.base.output import check_writable, sweep
from lyricsrec.base.progress import Progress
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.models.resolve import find_language_model
from lyricsrec.pipeline.batch import FAILURES, failure
from lyricsrec.pipeline.load import load_pipeline
from lyricsrec.pipeline.pipeline import Pipeline
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.recognition.registry import find_recognizer
from lyricsrec.scoring.loudness import power_of
from lyricsrec.scoring.memory import PeakMemory, give_back
from lyricsrec.scoring.results import RunFigures, SeparationFigures
from lyricsrec.scoring.song import Utterance
from lyricsrec.scoring.texts.sound import Sound
from lyricsrec.scoring.texts.text import Entry, SungText, of_transcript
from lyricsrec.scoring.texts.true_stems import TrueStems, measure
from lyricsrec.separation.stem_files import SUFFIXES

Announce = Callable[[str], None]

ROOMS = (
    *("data", "base", "lyrics", "models", "audio", "separation", "decoding", "recognition", "formats", "alignment"),
    "pipeline",
)
"""What a transcript depends on."""

_NOT_OF_THE_RESULT = ("search_aside", "offline")


@dataclass(frozen=True)
class Heard:
    """What a system heard in a song, what that took, and how clean its voice was where that could be told."""

    transcript: Transcript
    run: RunFigures
    separation: SeparationFigures | None = None


@dataclass(frozen=True)
class System:
    """A pipeline under a name."""

    name: str
    config: PipelineConfig


class Listener:
    """Hears with one system; its models are loaded when there is something that it has not heard before.

    By true `stems` the separated voice is measured.
    """

    def __init__(self, system: System, cache: Cache, stems: TrueStems | None, progress: Progress) -> None:
        self.system, self._cache, self._stems, self._progress = system, cache, stems, progress
        self._key = key_of_system(system.config, progress)

    @cached_property
    def _pipeline(self) -> Pipeline:
        return load_pipeline(self.system.config, progress=self._progress)

    def hear(self, entry: Entry) -> Heard:
        """What the system hears in a song or chunk, now or an earlier time. Raises LyricsrecError when it cannot."""
        sound = entry.sound
        assert sound is not None, "what a manifest names can be heard"
        true_stem = self._stems.of(entry) if self._stems is not None else None
        key = digest([self._key, sound.key, content_digest(true_stem) if true_stem is not None else None])
        heard: Heard | None = self._cache.read(key, Heard)
        if heard is None:
            heard = self._hear(sound, true_stem)
            self._cache.write(key, Heard, heard)
        return heard

    def _hear(self, sound: Sound, true_stem: Path | None) -> Heard:
        pipeline = self._pipeline
        device = str(pipeline.provenance.settings.get("device", "cpu"))
        with tempfile.TemporaryDirectory() as folder, sound.open() as song:
            stems = Path(folder) / "song" if true_stem is not None else None
            began = time.perf_counter()
            with PeakMemory(device) as memory:
                transcript = pipeline.transcribe(song, progress=self._progress, stems=stems)
            work_s = time.perf_counter() - began
            measured: SeparationFigures | None = None
            if true_stem is not None:
                measured = measure(true_stem, Path(folder) / f"song{SUFFIXES[0]}", sound.path, self._progress)
        audio_s = transcript.duration_s
        factor = work_s / audio_s if audio_s else None
        run = RunFigures(audio_s, work_s, factor, memory_gib=memory.gib, gpu_memory_gib=memory.gpu_gib, device=device)
        return Heard(transcript, run, measured)


def default_folder() -> Path:
    """Where transcripts are kept, unless the user names a folder."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("lyricsrec", appauthor=False)) / "scores"


def key_of_system(config: PipelineConfig, progress: Progress) -> str:
    """The key of what a pipeline recognises, to be combined with the song.

    Raises UsageError and ModelError for models that are not available.
    """
    settings = {name: value for name, value in asdict(config).items() if name not in _NOT_OF_THE_RESULT}
    model = find_recognizer(config.model_name, offline=config.offline, progress=progress)
    models = [model.folder, Path(config.separator_name)]
    if config.search.lm is not None:
        models.append(find_language_model(config.search.lm))
    chosen = {"preset": config.chosen.name, "separator": config.separator_name, "search": asdict(config.search)}
    return result_key(ROOMS, {**settings, **chosen}, models)


def hear_all(
    entries: Sequence[Entry],
    system: System,
    cache: Cache,
    *,
    stems: TrueStems | None = None,
    progress: Progress,
    announce: Announce,
) -> Iterator[tuple[Entry, Utterance]]:
    """What a system hears in every entry; one that fails is told and has an empty text, and the rest goes on.

    `announce` is told of each entry before its turn. Raises UsageError and ModelError for a model that cannot be
    loaded, OutputError when the cache cannot be written.
    """
    if cache.folder is not None:
        check_writable(cache.folder, "--cache")
        sweep(cache.folder)
    give_back()
    listener = Listener(system, cache, stems, progress)
    for number, entry in enumerate(entries, 1):
        reference = entry.read()
        announce(f"{system.name}: {number}/{len(entries)} {reference.title}: ")
        utterance = Utterance(reference, SungText(), entry.start_s)
        try:
            power = loudness(entry, cache)
            heard = listener.hear(entry)
        except (ModelError, UsageError, OutputError):
            raise
        except (LyricsrecError, *FAILURES) as error:
            told = error if isinstance(error, LyricsrecError) else failure(reference.title, error)
            progress.warn(f"{told}; all its words count as deleted")
            yield entry, replace(utterance, problem=str(told))
            continue
        text = of_transcript(heard.transcript)
        yield (
            entry,
            replace(utterance, hypothesis=text, power=power, run=heard.run, separation=heard.separation),
        )


def loudness(entry: Entry, cache: Cache) -> tuple[float, ...]:
    """The power of the sound that belongs to a text, where there is one. Raises AudioError when it cannot be read."""
    if entry.sound is None:
        return ()
    key = f"power-{digest([source_digest('base', 'audio', 'scoring'), entry.sound.key])}"
    kept: list[float] | None = cache.read(key, list[float])
    if kept is None:
        with entry.sound.open() as song:
            kept = list(power_of(song))
        cache.write(key, list[float], kept)
    return tuple(kept)
