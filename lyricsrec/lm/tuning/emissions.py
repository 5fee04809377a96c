"""Emissions (log-probabilities) of the chunks of a manifest, cached on disk."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lyricsrec.audio.audio import Audio
from lyricsrec.base.cache import content_digest, digest, result_key
from lyricsrec.base.device import DeviceName, resolve_device
from lyricsrec.base.errors import AudioError, UsageError
from lyricsrec.base.output import check_writable, display_name, replacing, sweep, write_text
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.dataset.chunk_audio import read_chunk
from lyricsrec.dataset.manifest import ChunkRow
from lyricsrec.dataset.sound_folders import sound_path
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.recognition.registry import family_of, find_recognizer
from lyricsrec.separation.registry import get_separator, load_separator, separator_for
from lyricsrec.separation.settings import SeparateConfig

if TYPE_CHECKING:
    from lyricsrec.models.resolve import LocalModel

VOCABULARY = "vocabulary.json"

ROOMS = ("base", "models", "audio", "separation", "recognition", "dataset")
"""The rooms of the package whose code an emission depends on."""


@dataclass(frozen=True)
class EmissionSource:
    """What computes emissions: a CTC model by name or folder, after a separator, on a device.

    Without a `separator` it is the one in the model's folder, if there is one, or none.
    """

    model: str
    separator: str | None = None
    device: DeviceName = "auto"
    _: KW_ONLY
    language: str | None = None
    offline: bool = False

    @property
    def separator_name(self) -> str:
        """The separator that is used."""
        return separator_for(self.model, self.separator)


@dataclass(frozen=True)
class EmissionCache:
    """Emissions in a folder, one file each, with their common vocabulary beside them."""

    folder: Path

    def path(self, row: ChunkRow, data: Path) -> Path:
        """The file for a chunk of a manifest in `data`, named by the content of its audio, its times and muted parts.

        Raises AudioError when the audio file cannot be read.
        """
        audio = sound_path(data, row.audio)
        try:
            key = [content_digest(audio), row.start_s, row.end_s, row.mute]
        except OSError as error:
            raise AudioError(f"{display_name(audio)}: cannot be read ({error.strerror})") from None
        return self.folder / f"{digest(key)}.npz"

    def vocabulary(self) -> Vocabulary | None:
        """The vocabulary of all emissions in the folder; None when it is missing or damaged."""
        try:
            found = json.loads((self.folder / VOCABULARY).read_text("utf-8"))
            spoken = found["pronunciations"]
            return Vocabulary(
                tuple(found["labels"]),
                found["blank"],
                found["space"],
                unknown=found["unknown"],
                special=tuple(found["special"]),
                pronunciations=spoken and {word: tuple(phonemes) for word, phonemes in spoken.items()},
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, path: Path, emission: Emission) -> None:
        """Write an emission atomically. Raises OutputError when it cannot be written."""
        if self.vocabulary() != emission.vocabulary:
            write_text(self.folder / VOCABULARY, json.dumps(asdict(emission.vocabulary)) + "\n")
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, log_probs=emission.log_probs, frame_s=emission.frame_s, start_s=emission.start_s)


def read_emission(path: Path, vocabulary: Vocabulary) -> Emission | None:
    """A cached emission; None when it is missing or damaged, or has another vocabulary."""
    try:
        with np.load(path, allow_pickle=False) as found:
            log_probs = np.asarray(found["log_probs"], np.float32)
            return Emission(log_probs, float(found["frame_s"]), float(found["start_s"]), vocabulary=vocabulary)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None


@dataclass(frozen=True)
class ChunkEmissions:
    """The emissions of chunks, in their order, as files for `read_emission`, and their vocabulary."""

    paths: tuple[Path, ...]
    vocabulary: Vocabulary


def compute_emissions(
    rows: Sequence[ChunkRow], data: Path, source: EmissionSource, cache: Path, *, progress: Progress = SILENT
) -> ChunkEmissions:
    """The emissions of the chunks of a manifest in `data` (at least one), from the folder `cache` where possible.

    Models are loaded only when an emission is missing or damaged.

    Raises UsageError for a model that is not a CTC model and for an unknown separator, ModelError when a model is not
    available, AudioError when a chunk cannot be read, OutputError when the cache cannot be written.
    """
    get_separator(source.separator_name)
    model = find_recognizer(source.model, offline=source.offline, progress=progress)
    if not family_of(model).gives_emissions:
        raise UsageError(
            f"'{model.name}' is a Whisper model, which has no emissions for a language model",
            "Give --model a CTC model; `lyricsrec models list` shows them.",
        )
    cached = EmissionCache(cache / _key(model, source))
    check_writable(cached.folder, "--cache")
    sweep(cached.folder)
    paths = [cached.path(row, data) for row in rows]
    vocabulary = cached.vocabulary()
    missing = [i for i, path in enumerate(paths) if vocabulary is None or read_emission(path, vocabulary) is None]
    progress.note(f"{len(rows) - len(missing)} of {len(rows)} emissions are cached")
    if missing:
        emission_of = _load(model, source, progress)
        for number, i in enumerate(missing, 1):
            emission = emission_of(read_chunk(rows[i], data))
            cached.write(paths[i], emission)
            vocabulary = emission.vocabulary
            progress.update("recognising", number, len(missing))
    assert vocabulary is not None, "there are chunks, and all of them have emissions"
    return ChunkEmissions(tuple(paths), vocabulary)


def _load(model: LocalModel, source: EmissionSource, progress: Progress) -> Callable[[Audio], Emission]:
    """The pipeline's path from the audio of a chunk to its emission; a chunk is one segment, as in training."""
    from lyricsrec.recognition.acoustic import to_recognizer
    from lyricsrec.recognition.ctc import load_ctc

    compute = resolve_device(source.device)
    separator = load_separator(
        source.separator_name, SeparateConfig(), compute, offline=source.offline, progress=progress
    )
    recognizer = load_ctc(model, compute, source.language)
    return lambda audio: recognizer.emission(to_recognizer(separator.separate(audio).vocals))


def _key(model: LocalModel, source: EmissionSource) -> str:
    settings = {"separator": source.separator_name, "language": source.language}
    return result_key(ROOMS, settings, [model.folder, Path(source.separator_name)])
