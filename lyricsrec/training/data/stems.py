"""Excerpts of mixes with their true vocals, determined by seed and step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

from lyricsrec.audio.media import SAMPLE_RATE, SUFFIXES, open_path
from lyricsrec.audio.resample import resample
from lyricsrec.base.errors import AudioError, DataError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import open_input, rows_of
from lyricsrec.base.reading.json_text import is_finite, load_object
from lyricsrec.dataset.sound_folders import sound_path
from lyricsrec.training.data.batches import start_worker
from lyricsrec.training.settings import StemLoss, StemsConfig

_MIXTURE, _VOCALS = "mixture", "vocals"
_SILENT = 1e-6
"""Mean power (-60 dB of full scale) below which vocals are silent."""
_WORKERS = 2


@dataclass(frozen=True)
class StemSong:
    """A mix and its vocals, two files with the same clock; the part from `start_s` to `end_s` is used."""

    mixture: Path
    vocals: Path
    start_s: float
    _: KW_ONLY
    end_s: float

    @property
    def duration_s(self) -> float:
        """The length of the part in seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True, eq=False)
class StemBatch:
    """Excerpts of mixes and their vocals, both (batch, channels, samples), padded from `num_samples` (batch,).

    `is_silent` (batch,) says where the vocals are. Excerpts of files that cannot be read, which `unreadable` names, are
    a silence and not `is_readable` (batch,).
    """

    mixture: Tensor
    vocals: Tensor
    num_samples: Tensor
    _: KW_ONLY
    is_silent: Tensor
    is_readable: Tensor
    unreadable: tuple[str, ...] = ()

    def counts(self, loss: StemLoss) -> Tensor:
        """Which excerpts (batch,) a loss takes: those that can be read, and for SI-SDR only with vocals in them."""
        return self.is_readable & ~self.is_silent if loss == "si_sdr" else self.is_readable

    def to(self, device: torch.device | str) -> StemBatch:
        """The same batch with its tensors on a device."""
        names = ("mixture", "vocals", "num_samples", "is_silent", "is_readable")
        return replace(self, **{name: getattr(self, name).to(device) for name in names})


def find_stems(place: Path) -> list[StemSong]:
    """The songs of a folder or a manifest, sorted by name.

    Raises DataError when there are none, a row is invalid, or a song has less than a second; AudioError for a file that
    is missing, or outside the folders that its manifest may name.
    """
    if place.suffix == ".jsonl":
        songs = list(_of_manifest(place))
    else:
        found = (path for path in sorted(place.rglob(f"{_VOCALS}.*")) if path.suffix.lower() in SUFFIXES)
        songs = [_song(mixture, path) for path in found if (mixture := _mixture_beside(path)) is not None]
    if not songs:
        raise DataError(
            f"{display_name(place)}: no true stems here",
            f"Give a folder of folders with {_MIXTURE}.wav and {_VOCALS}.wav, or a manifest with audio and vocals.",
        )
    return songs


def _mixture_beside(vocals: Path) -> Path | None:
    found = (path for path in sorted(vocals.parent.glob(f"{_MIXTURE}.*")) if path.suffix.lower() in SUFFIXES)
    return next(found, None)


def _of_manifest(path: Path) -> Iterator[StemSong]:
    try:
        with open_input(path) as file:
            for number, line in enumerate(rows_of(file), 1):
                if line.strip():
                    yield _of_row(line, path.parent, f"{display_name(path)}, row {number}")
    except OSError as error:
        raise DataError(f"{display_name(path)}: cannot be read ({error.strerror})") from None


def _of_row(line: bytes, folder: Path, place: str) -> StemSong:
    try:
        row = load_object(line)
        mixture, vocals = row.get(_MIXTURE, row.get("audio")), row[_VOCALS]
        times = [row.get(name) for name in ("start_s", "end_s")]
        if not (isinstance(mixture, str) and isinstance(vocals, str) and all(t is None or is_finite(t) for t in times)):
            raise ValueError("audio and vocals are names of files, start_s and end_s numbers")
    except KeyError:
        raise DataError(f"{place}: {_VOCALS} is missing") from None
    except ValueError as error:
        raise DataError(f"{place}: {error}") from None
    return _song(sound_path(folder, mixture), sound_path(folder, vocals), times[0], times[1])


def _song(mixture: Path, vocals: Path, start_s: Any = None, end_s: Any = None) -> StemSong:
    with open_path(mixture) as one, open_path(vocals) as two:
        last_s = min(one.duration_s, two.duration_s, end_s if end_s is not None else float("inf"))
    song = StemSong(mixture, vocals, max(start_s or 0.0, 0.0), end_s=last_s)
    if song.duration_s < 1:
        raise DataError(f"{display_name(mixture)}: less than a second of it has vocals to compare with")
    return song


@dataclass(frozen=True, eq=False)
class StemExcerpt:
    """A mix and its vocals (channels, samples); a second of silence for a file that cannot be read, `unreadable`."""

    mixture: Tensor
    vocals: Tensor
    unreadable: str = ""


class StemExcerpts(Dataset[StemExcerpt]):
    """Excerpts (mixture and vocals, each of channels and samples, at `sample_rate`), addressed by (step, number).

    Which song, and where in it, is random, and determined by seed, step and number.
    """

    def __init__(self, songs: Sequence[StemSong], excerpt_s: float, sample_rate: int, *, seed: int) -> None:
        self._songs, self._excerpt_s, self._sample_rate, self._seed = songs, excerpt_s, sample_rate, seed
        lengths = np.array([song.duration_s for song in songs])
        self._shares = lengths / lengths.sum()

    def __getitem__(self, key: tuple[int, int]) -> StemExcerpt:
        song, start_s = self.place(*key)
        end_s = min(start_s + self._excerpt_s, song.end_s)
        try:
            mixture, vocals = (self._read(path, start_s, end_s) for path in (song.mixture, song.vocals))
        except AudioError:
            silence = torch.zeros(2, self._sample_rate)
            return StemExcerpt(silence, silence, str(song.mixture))
        length = min(mixture.shape[1], vocals.shape[1])
        return StemExcerpt(mixture[:, :length], vocals[:, :length])

    def place(self, step: int, number: int) -> tuple[StemSong, float]:
        """The song of an excerpt, and where it starts in seconds."""
        random = np.random.default_rng((self._seed, step, number))
        song = self._songs[int(random.choice(len(self._songs), p=self._shares))]
        return song, song.start_s + random.random() * max(song.duration_s - self._excerpt_s, 0.0)

    def _read(self, path: Path, start_s: float, end_s: float) -> Tensor:
        with open_path(path) as song:
            samples = song.excerpt(start_s, end_s).samples
        if not samples.shape[1]:
            raise AudioError(f"{display_name(path)}: ends before {start_s:.1f} s")
        return resample(torch.from_numpy(samples), SAMPLE_RATE, self._sample_rate)


def collate_stems(excerpts: Sequence[StemExcerpt]) -> StemBatch:
    """Excerpts as one batch."""
    return StemBatch(
        _padded([excerpt.mixture for excerpt in excerpts]),
        _padded([excerpt.vocals for excerpt in excerpts]),
        torch.tensor([excerpt.mixture.shape[1] for excerpt in excerpts]),
        is_silent=torch.tensor([bool(excerpt.vocals.square().mean() < _SILENT) for excerpt in excerpts]),
        is_readable=torch.tensor([not excerpt.unreadable for excerpt in excerpts]),
        unreadable=tuple(excerpt.unreadable for excerpt in excerpts if excerpt.unreadable),
    )


def _padded(parts: Sequence[Tensor]) -> Tensor:
    return pad_sequence([part.T for part in parts], batch_first=True).transpose(1, 2).contiguous()


def stem_batches(
    excerpts: StemExcerpts, config: StemsConfig, steps: range, *, rank: int, num_processes: int, num_workers: int
) -> Iterator[StemBatch]:
    """The batch of each of these steps with which one comes, for the process `rank`.

    Two processes see in each step what one with twice the `batch` sees.
    """
    numbers = range(rank, config.batch * num_processes, num_processes)
    due = [[(step, number) for number in numbers] for step in steps if step % config.every == 0]
    loader = DataLoader(
        excerpts,
        batch_sampler=due,
        num_workers=min(num_workers, _WORKERS) if num_workers >= 0 else _WORKERS,
        collate_fn=collate_stems,
        worker_init_fn=start_worker,
        generator=torch.Generator(),
    )
    return iter(loader)
