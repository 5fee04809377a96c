"""Log-probabilities of the chunks of a manifest, kept on disk: a recogniser listens to a chunk only once."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lyricsrec.audio.audio import Audio
from lyricsrec.base.cache import digest, file_stamps
from lyricsrec.base.device import DeviceName, resolve_device
from lyricsrec.base.errors import AudioError, UsageError
from lyricsrec.base.output import check_writable, display_name, replacing, sweep, write_text
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.dataset.chunk_audio import read_chunk
from lyricsrec.dataset.manifest import ChunkRow
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.recognition.registry import family_of, find_recognizer
from lyricsrec.separation.registry import get_separator, load_separator, separator_for
from lyricsrec.separation.settings import SeparateConfig
from lyricsrec.version import VERSION

if TYPE_CHECKING:
    from lyricsrec.models.resolve import LocalModel

VOCABULARY = "vocabulary.json"

Listen = Callable[[Audio], Emission]


@dataclass(frozen=True)
class Listener:
    """What hears the chunks: a CTC model by name or folder, behind a separator, on a device.

    Without a `separator` it is the one in the model's folder, where there is one, or none.
    """

    model: str
    separator: str | None = None
    device: DeviceName = "auto"
    _: KW_ONLY
    language: str | None = None
    offline: bool = False

    @property
    def separator_name(self) -> str:
        """The separator that will run."""
        return separator_for(self.model, self.separator)


@dataclass(frozen=True)
class EmissionCache:
    """Emissions in a folder, a file each, all over one vocabulary, which lies beside them."""

    folder: Path

    def path(self, row: ChunkRow, data: Path) -> Path:
        """The file of a chunk of a manifest in `data`, named by the sound: its file as it is, its times, what is muted.

        Raises AudioError when there is no such file.
        """
        audio = (data / row.audio).resolve()
        try:
            status = audio.stat()
        except OSError as error:
            raise AudioError(f"{display_name(audio)}: cannot be read ({error.strerror})") from None
        key = [str(audio), status.st_size, status.st_mtime_ns, row.start_s, row.end_s, row.mute]
        return self.folder / f"{digest(key)}.npz"

    def vocabulary(self) -> Vocabulary | None:
        """The vocabulary of all emissions here; None when it is not known yet, or damaged."""
        try:
            found = json.loads((self.folder / VOCABULARY).read_text("utf-8"))
            return Vocabulary(
                tuple(found["labels"]),
                found["blank"],
                found["space"],
                unknown=found["unknown"],
                special=tuple(found["special"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, path: Path, emission: Emission) -> None:
        """Keep an emission, whole or not at all. Raises OutputError when it cannot be written."""
        if self.vocabulary() != emission.vocabulary:
            write_text(self.folder / VOCABULARY, json.dumps(asdict(emission.vocabulary)) + "\n")
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, log_probs=emission.log_probs, frame_s=emission.frame_s, start_s=emission.start_s)


def read_emission(path: Path, vocabulary: Vocabulary) -> Emission | None:
    """An emission that was kept; None when it is missing, damaged, or over another vocabulary."""
    try:
        with np.load(path, allow_pickle=False) as found:
            log_probs = np.asarray(found["log_probs"], np.float32)
            return Emission(log_probs, float(found["frame_s"]), float(found["start_s"]), vocabulary=vocabulary)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None


@dataclass(frozen=True)
class HeardChunks:
    """The emissions of chunks, in their order, as files that `read_emission` reads; and their vocabulary."""

    paths: tuple[Path, ...]
    vocabulary: Vocabulary


def hear(
    rows: Sequence[ChunkRow], data: Path, listener: Listener, cache: Path, *, progress: Progress = SILENT
) -> HeardChunks:
    """Listen to the chunks of a manifest in `data`, but for those whose emissions lie below `cache` already.

    Nothing is loaded when all of them do. A damaged file is made again. There must be a chunk.

    Raises UsageError for a model that gives no log-probabilities and for an unknown separator, ModelError when a model
    cannot be had, AudioError when a chunk cannot be read, OutputError when the cache cannot be written.
    """
    get_separator(listener.separator_name)
    model = find_recognizer(listener.model, offline=listener.offline, progress=progress)
    if not family_of(model).gives_emissions:
        raise UsageError(
            f"'{model.name}' is a Whisper model, which searches by itself", "Language models are for CTC models."
        )
    kept = EmissionCache(cache / _key(model, listener))
    check_writable(kept.folder, "--cache")
    sweep(kept.folder)
    paths = [kept.path(row, data) for row in rows]
    vocabulary = kept.vocabulary()
    missing = [i for i, path in enumerate(paths) if vocabulary is None or read_emission(path, vocabulary) is None]
    progress.note(f"{len(rows) - len(missing)} of {len(rows)} chunks were heard before")
    if missing:
        listen = _load(model, listener, progress)
        for number, i in enumerate(missing, 1):
            emission = listen(read_chunk(rows[i], data))
            kept.write(paths[i], emission)
            vocabulary = emission.vocabulary
            progress.update("listening", number, len(missing))
    assert vocabulary is not None, "there are chunks, and all of them were heard"
    return HeardChunks(tuple(paths), vocabulary)


def _load(model: LocalModel, listener: Listener, progress: Progress) -> Listen:
    """The path of the pipeline from the sound of a chunk to its emission; a chunk is one piece, as in training."""

    from lyricsrec.recognition.acoustic import to_recognizer
    from lyricsrec.recognition.ctc import load_ctc

    compute = resolve_device(listener.device)
    separator = load_separator(
        listener.separator_name, SeparateConfig(), compute, offline=listener.offline, progress=progress
    )
    recognizer = load_ctc(model, compute, listener.language)
    return lambda audio: recognizer.emission(to_recognizer(separator.separate(audio).vocals))


def _key(model: LocalModel, listener: Listener) -> str:
    """A name for what hears: the model and the separator, with their files as they are, and the language."""
    separator = listener.separator_name
    return digest([VERSION, file_stamps(model.folder), separator, file_stamps(Path(separator)), listener.language])
