"""Transcripts of data sets by the systems to score, cached so that each song is recognised once."""

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
from lyricsrec.decoding.pronunciation import LEXICON, Lexicon, read_lexicon
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.models.resolve import find_language_model
from lyricsrec.pipeline.batch import FAILURES, failure
from lyricsrec.pipeline.load import load_pipeline
from lyricsrec.pipeline.pipeline import Pipeline
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.recognition.registry import find_recognizer
from lyricsrec.scoring.measure import PeakMemory, power_of, trim_memory
from lyricsrec.scoring.metrics.separation import TrueStems, measure
from lyricsrec.scoring.one_song import Utterance
from lyricsrec.scoring.results import RunFigures, SeparationFigures
from lyricsrec.scoring.texts.sound import Sound
from lyricsrec.scoring.texts.text import Entry, ScoredText, pronounced, transcript_text
from lyricsrec.separation.stems.files import StemWriter, stem_file

Announce = Callable[[str], None]

ROOMS = (
    *("data", "base", "lyrics", "models", "audio", "separation", "decoding", "recognition", "formats", "alignment"),
    *("music", "pipeline"),
)
"""The rooms of the package that a transcript depends on."""

_NOT_OF_THE_RESULT = ("search_aside", "offline")
"""Settings that do not change a transcript."""


@dataclass(frozen=True)
class System:
    """A pipeline under a name."""

    name: str
    config: PipelineConfig


@dataclass(frozen=True)
class Recognition:
    """A transcript, time and memory of the run, and the separation figures if true stems were given."""

    transcript: Transcript
    run: RunFigures
    separation: SeparationFigures | None = None


class SystemRunner:
    """Transcribes with one system; loads its models when the first song is not in the cache.

    With `stems` the separated vocals are measured against them.
    """

    def __init__(self, system: System, cache: Cache, *, stems: TrueStems | None, progress: Progress) -> None:
        self.system, self._cache, self._stems, self._progress = system, cache, stems, progress
        self._key = key_of_system(system.config, progress)

    @cached_property
    def _pipeline(self) -> Pipeline:
        return load_pipeline(self.system.config, progress=self._progress)

    def recognize(self, entry: Entry) -> Recognition:
        """The transcript of a song or chunk, from the cache if possible. Raises LyricsrecError when it fails."""
        sound = entry.sound
        assert sound is not None, "entries of manifests have sound"
        true_stem = self._stems.of(entry) if self._stems is not None else None
        key = digest([self._key, sound.key, content_digest(true_stem) if true_stem is not None else None])
        found: Recognition | None = self._cache.read(key, Recognition)
        if found is None:
            found = self._transcribe(sound, true_stem)
            self._cache.write(key, Recognition, found)
        return found

    def _transcribe(self, sound: Sound, true_stem: Path | None) -> Recognition:
        pipeline = self._pipeline
        device = str(pipeline.provenance.settings.get("device", "cpu"))
        with tempfile.TemporaryDirectory() as folder, sound.open() as song:
            base = Path(folder) / "song"
            stems = StemWriter(base, keeps_all=True) if true_stem is not None else None
            began = time.perf_counter()
            with PeakMemory(device) as memory:
                transcript = pipeline.transcribe(song, progress=self._progress, stems=stems)
            work_s = time.perf_counter() - began
            measured: SeparationFigures | None = None
            if true_stem is not None:
                found = stem_file(base, "vocals")
                measured = measure(true_stem, found, sound.path, progress=self._progress)
        audio_s = transcript.duration_s
        factor = work_s / audio_s if audio_s else None
        run = RunFigures(audio_s, work_s, factor, memory_gib=memory.gib, gpu_memory_gib=memory.gpu_gib, device=device)
        return Recognition(transcript, run, measured)


def default_folder() -> Path:
    """The cache folder for transcripts, unless the user names one."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("lyricsrec", appauthor=False)) / "scores"


def key_of_system(config: PipelineConfig, progress: Progress) -> str:
    """The cache key of what a pipeline recognises, to be combined with the song.

    Raises UsageError and ModelError for models that are not available.
    """
    settings = {name: value for name, value in asdict(config).items() if name not in _NOT_OF_THE_RESULT}
    model = find_recognizer(config.model_name, offline=config.offline, progress=progress)
    models = [model.folder, Path(config.separator_name)]
    if config.search.lm is not None:
        models.append(find_language_model(config.search.lm))
    chosen = {"preset": config.chosen.name, "separator": config.separator_name, "search": asdict(config.search)}
    return result_key(ROOMS, {**settings, **chosen}, models)


def recognize_all(
    entries: Sequence[Entry],
    system: System,
    cache: Cache,
    *,
    stems: TrueStems | None = None,
    progress: Progress,
    announce: Announce,
) -> Iterator[tuple[Entry, Utterance]]:
    """Transcribe every entry with a system; one that fails is warned of and has an empty hypothesis.

    `announce` gets a message before each entry. Raises UsageError and ModelError for a model that cannot be loaded,
    OutputError when the cache cannot be written.
    """
    if cache.folder is not None:
        check_writable(cache.folder, "--cache")
        sweep(cache.folder)
    trim_memory()
    runner = SystemRunner(system, cache, stems=stems, progress=progress)
    lexicon = lexicon_of(system)
    if lexicon is not None:
        progress.warn(f"{system.name}: outputs phonemes, so its error rate (WER) is that of phonemes")
    for number, entry in enumerate(entries, 1):
        reference = entry.read() if lexicon is None else pronounced(entry.read(), lexicon)
        announce(f"{system.name}: {number}/{len(entries)} {reference.title}: ")
        utterance = Utterance(reference, ScoredText(), entry.start_s)
        try:
            power, found = cached_power(entry, cache), runner.recognize(entry)
        except (ModelError, UsageError, OutputError):
            raise
        except (LyricsrecError, *FAILURES) as error:
            problem = error if isinstance(error, LyricsrecError) else failure(reference.title, error)
            progress.warn(f"{problem}; all its words count as deleted")
            yield entry, replace(utterance, problem=str(problem))
            continue
        text = transcript_text(found.transcript)
        yield entry, replace(utterance, hypothesis=text, power=power, run=found.run, separation=found.separation)


def lexicon_of(system: System) -> Lexicon | None:
    """The pronunciations of a system that outputs phonemes, not words found with a language model, else None.

    Raises DataError.
    """
    if system.config.search.lm is not None:
        return None
    path = Path(system.config.model_name).expanduser() / LEXICON
    return read_lexicon(path) if path.is_file() else None


def cached_power(entry: Entry, cache: Cache) -> tuple[float, ...]:
    """The output of `power_of` for an entry; empty without sound. Raises AudioError when the sound cannot be read."""
    if entry.sound is None:
        return ()
    key = f"power-{digest([source_digest('base', 'audio', 'scoring'), entry.sound.key])}"
    kept: list[float] | None = cache.read(key, list[float])
    if kept is None:
        with entry.sound.open() as song:
            kept = list(power_of(song))
        cache.write(key, list[float], kept)
    return tuple(kept)
